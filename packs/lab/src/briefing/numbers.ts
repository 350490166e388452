// Finds the numbers in a text, however they are written, so that they can be held against the facts.

const WORDS: Readonly<Record<string, number>> = {
  zero: 0,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  thirteen: 13,
  fourteen: 14,
  fifteen: 15,
  sixteen: 16,
  seventeen: 17,
  eighteen: 18,
  nineteen: 19,
  twenty: 20,
  thirty: 30,
  forty: 40,
  fifty: 50,
  sixty: 60,
  seventy: 70,
  eighty: 80,
  ninety: 90,
  hundred: 100,
  thousand: 1_000,
  million: 1_000_000,
  dozen: 12,
}
/** Words that state a ratio: no fact is one, so none of them can be held against the facts. */
const RATIO = /^(half|halved|double[ds]?|twice|triple[ds]?|thrice|quadruple[ds]?|tenfold)$/
const SUFFIX: Readonly<Record<string, number>> = {
  k: 1_000,
  m: 1_000_000,
  thousand: 1_000,
  million: 1_000_000,
}
const DIGITS = /\d[\d,.\u00a0\u202f'’]*\d|\d/g
const SCALE = /^\s?(k|m|thousand|million)\b/i

/**
 * The numbers a text states: digits with or without thousands, scales such as `1.2k`, and words. `one` is left alone, for
 * it is mostly no number; a word for a ratio is NaN. Digits of any script count.
 */
export function numbersIn(text: string): number[] {
  const plain = text.normalize('NFKC').replaceAll(/\p{Nd}/gu, digitOf)
  const found: number[] = []
  for (const match of plain.matchAll(DIGITS)) {
    const value = readNumber(match[0])
    const scale = SCALE.exec(plain.slice(match.index + match[0].length))?.[1]?.toLowerCase()
    found.push(scale ? value * SUFFIX[scale]! : value)
  }
  for (const [word] of plain.toLowerCase().matchAll(/[a-z]+/g)) {
    const value = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined
    if (value !== undefined) found.push(value)
    if (RATIO.test(word)) found.push(NaN)
  }
  return found
}

/** Commas and blanks part thousands; a point parts decimals, unless there are several. */
function readNumber(text: string): number {
  const bare = text.replaceAll(/[\s'’]/g, '').replace(/[.,]$/, '')
  const joined = /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(bare)
    ? bare.replaceAll(',', '')
    : bare.replaceAll(',', '.')
  return Number(joined.split('.').length > 2 ? joined.replaceAll('.', '') : joined)
}

const ZEROS = [0x30, 0x660, 0x6f0, 0x966, 0xff10]

function digitOf(character: string): string {
  const code = character.codePointAt(0)!
  const zero = ZEROS.find((first) => code >= first && code < first + 10)
  return zero === undefined ? '9' : String(code - zero)
}
