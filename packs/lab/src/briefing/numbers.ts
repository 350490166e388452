// Finds the numbers in a text, however they are written, so that they can be held against the facts.

const UNITS: Readonly<Record<string, number>> = {
  zero: 0,
  none: 0,
  one: 1,
  single: 1,
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
  dozen: 12,
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
  fourty: 40,
  fifty: 50,
  sixty: 60,
  seventy: 70,
  eighty: 80,
  ninety: 90,
}
const SCALES: Readonly<Record<string, number>> = {
  hundred: 100,
  thousand: 1_000,
  million: 1_000_000,
  billion: 1_000_000_000,
  trillion: 1_000_000_000_000,
  lakh: 100_000,
  crore: 10_000_000,
}
/** What is named without being counted. */
const ONE_THING = /\bone (?=thing|point|note|more|another)/g
/** Amounts and ratios in words: none of them can be held against a figure, so the facts must say the very word. */
const VAGUE =
  /\b(half|halves|halv(?:e|ed|ing)|third|thirds|quarter|quarters|(?:fif|six|seven|eigh|nin|ten|eleven|twelf|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)tie|hundred|thousand)ths?|twice|thrice|doubl(?:e|ed|es|ing)|trebl(?:e|ed|es|ing)|tripl(?:e|ed|es|ing)|quadrupl(?:e|ed|es|ing)|quintupl(?:e|ed|es|ing)|[a-z]+fold|dozens|scores?|hundreds|thousands|millions|billions|trillions|lakhs|crores|couple|pair|trio|handful|several|gross|myriads?|umpteen|zillions?|majority|minority|nil|nought|naught|nobody|both|neither)\b/g
/** Numbers of the languages a model may slip into; those that are English words of another sense are left out. */
const OTHER_TONGUES =
  /(?<![\p{L}\p{M}])(?:cero|tres|cuatro|cinco|siete|ocho|nueve|diez|doce|trece|catorce|quince|veint(?:e|i\p{L}+)|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|cien|ciento|(?:dos|tres|cuatro|seis|sete|nove)cient[oa]s|quinient[oa]s|mil|millones|docenas?|mitad|zéro|deux|trois|quatre|cinq|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente|quarante|cinquante|soixante|septante|huitante|nonante|mille|milliers?|douzaines?|moitié|null|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwölf|\p{L}*zehn|\p{L}*(?:zwanzig|dreißig|dreissig|vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig)|\p{L}*hundert\p{L}*|\p{L}*tausend\p{L}*|millionen|dutzend|hälfte|quattro|cinque|sette|otto|dieci|undici|dodici|\p{L}*(?:venti|trenta|quaranta|cinquanta|sessanta|settanta|ottanta|novanta)|cento|duecento|dois|duas|três|quatro|oito|dez|vinte|trinta|quarenta|cinqüenta|cinquenta|sessenta|oitenta|duzent[oa]s|metade|twee|drie|vijf|zeven|negen|tien|twaalf|\p{L}*(?:twintig|dertig|veertig|vijftig|zestig|zeventig|tachtig|negentig)|honderd|duizend|helft)(?![\p{L}\p{M}])/gu
/** `XII`: capitals that are a Roman number of two letters or more. */
const ROMAN = /\b(?=[IVXLCDM]{2})M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})\b/g
/** Numerals that are no digits, such as those of Chinese. */
const FOREIGN =
  /[〇零一二两兩三四五六七八九十百千万萬亿億兆廿卅壹贰貳叁參肆伍陆陸柒捌玖拾佰仟]+|[\p{No}\p{Nl}]+/gu
const SUFFIX: Readonly<Record<string, number>> = {
  ...SCALES,
  k: 1_000,
  m: 1_000_000,
  mm: 1_000_000,
  mn: 1_000_000,
  b: 1_000_000_000,
  bn: 1_000_000_000,
  t: 1_000_000_000_000,
  tn: 1_000_000_000_000,
}
const DIGITS = /\d[\d,.\u00a0\u202f'’]*\d|\d/g
const SCALE = new RegExp(`^[\\s-]{0,3}(${Object.keys(SUFFIX).join('|')})\\b`, 'i')

/** A text as it is read: digits of any script as ours, what is not seen left out. */
function plainOf(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/\p{Nd}/gu, digitOf)
}

/**
 * The numbers a text states: digits with or without thousands, scales such as `1.2k`, and words such as `forty-two` or
 * `three hundred`. Digits of any script count. `one thing` counts nothing.
 */
export function numbersIn(text: string): number[] {
  const plain = plainOf(text)
  const found: number[] = []
  for (const match of plain.matchAll(DIGITS)) {
    const value = readNumber(match[0])
    const scale = SCALE.exec(plain.slice(match.index + match[0].length))?.[1]?.toLowerCase()
    found.push(scale ? value * SUFFIX[scale]! : value)
  }
  return [...found, ...wordNumbers(plain.toLowerCase().replaceAll(ONE_THING, ''))]
}

/** Amounts and ratios a text states in words that are no numbers, such as `dozens`, `a third` or `XII`, in lower case. */
export function vagueIn(text: string): string[] {
  const plain = plainOf(text)
  const words = [
    ...plain.toLowerCase().matchAll(VAGUE),
    ...plain.toLowerCase().matchAll(OTHER_TONGUES),
    ...plain.matchAll(ROMAN),
    ...plain.matchAll(FOREIGN),
  ]
  return words.map(([word]) => word.toLowerCase())
}

const WORD = `(?:${[...Object.keys(UNITS), ...Object.keys(SCALES)].join('|')})`
const RUN = new RegExp(`\\b${WORD}(?:(?:[\\s-]| and )${WORD})*\\b`, 'g')

/** Words that follow one another make one number: `two hundred and six`. */
function wordNumbers(text: string): number[] {
  return [...text.matchAll(RUN)].flatMap((match) => {
    const words = match[0].split(/[\s-]+/).filter((word) => word !== 'and')
    // A scale behind digits belongs to them.
    const isScaled =
      /\d[\s-]{0,3}$/.test(text.slice(0, match.index)) && Object.hasOwn(SCALES, words[0]!)
    return numbersOf(isScaled ? words.slice(1) : words)
  })
}

function numbersOf(words: readonly string[]): number[] {
  const found: number[] = []
  let thousands = 0
  let part: number | null = null
  for (const word of words) {
    const unit = UNITS[word]
    if (unit !== undefined) {
      // `twenty-one` is one number, `five six` are two.
      const joins: boolean =
        part === null || part % 100 === 0 || (part % 100 >= 20 && part % 10 === 0 && unit < 10)
      if (!joins) {
        found.push(thousands + part!)
        thousands = 0
        part = null
      }
      part = (part ?? 0) + unit
    } else if (word === 'hundred') part = Math.max(1, part ?? 1) * 100
    else {
      thousands = (thousands + Math.max(1, part ?? 1)) * SCALES[word]!
      part = null
    }
  }
  if (words.length > 0) found.push(thousands + (part ?? 0))
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
