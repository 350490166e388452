// Owns the reading of money: text to integer ten-thousandths of a dollar, by decimal digits only.

/** Ten-thousandths in a dollar. */
const DOLLAR = 10_000

// Twelve integer digits and four decimals stay well inside the exact integers of a number.
const MAX_INTEGER_DIGITS = 11
const SEVEN_NINES = 9_999_999 * DOLLAR

export type MoneyReading =
  | { readonly is: 'amount'; readonly amount: number; readonly rounded: boolean }
  | { readonly is: 'range'; readonly low: number; readonly high: number; readonly rounded: boolean }
  /** No price, and no attempt at one: a dash, `N/A`; words; a percentage or cost rule. */
  | { readonly is: 'none'; readonly because: 'blank' | 'words' | 'rule' }
  | { readonly is: 'negative' }
  | { readonly is: 'unreadable' }

const BLANK: MoneyReading = { is: 'none', because: 'blank' }
const WORDS: MoneyReading = { is: 'none', because: 'words' }
const RULE: MoneyReading = { is: 'none', because: 'rule' }
/** What people and programs write where they have nothing to say. */
const NOTHING_SAID =
  /^(?:n\s*[/.]?\s*a\.?|none|null|nil|blank|not (?:applicable|available)|[-–—.*_$ ]*)$/i
const NEGATIVE: MoneyReading = { is: 'negative' }
const UNREADABLE: MoneyReading = { is: 'unreadable' }

/**
 * The fast path for what nearly every cell holds: digits with at most four decimals. Answers -1
 * when the text is anything else, which then deserves `readMoney`.
 */
export function plainMoney(text: string): number {
  const length = text.length
  if (length === 0 || length > MAX_INTEGER_DIGITS) return -1
  let value = 0
  let index = 0
  for (; index < length; index++) {
    const digit = text.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  if (index === length) return value * DOLLAR
  if (text.charCodeAt(index) !== 46 || length === 1) return -1
  const decimals = length - index - 1
  if (decimals > 4) return -1
  for (index++; index < length; index++) {
    const digit = text.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return (
    value *
    (decimals === 0
      ? 10_000
      : decimals === 1
        ? 1000
        : decimals === 2
          ? 100
          : decimals === 3
            ? 10
            : 1)
  )
}

// Price columns repeat themselves; a small memo spares the grammar below.
const memo = new Map<string, MoneyReading>()
const MEMO_ENTRIES = 5000

/** Reads any cell that stands where a price should stand. */
export function readMoney(text: string): MoneyReading {
  const plain = plainMoney(text)
  if (plain >= 0) return { is: 'amount', amount: plain, rounded: false }
  const known = memo.get(text)
  if (known !== undefined) return known
  const reading = readByGrammar(text)
  if (text.length <= 40) {
    if (memo.size >= MEMO_ENTRIES) memo.clear()
    // The key may be a slice of a large text; joining it anew lets that text go.
    memo.set(Buffer.from(text).toString(), reading)
  }
  return reading
}

function readByGrammar(raw: string): MoneyReading {
  const text = raw.replace(/[\s\u00a0]+/g, ' ').trim()
  // Without a digit there is no price to misread: N/A, Mark Up, ERX, varies, I.C., $-, *.
  if (!/\d/.test(text)) return NOTHING_SAID.test(text) ? BLANK : WORDS
  const single = readDecimal(text)
  if (single !== null) return single
  const range = /^(\$?[\d,.]+)\s*(?:-|–|—|to)\s*(\$?[\d,.]+)$/i.exec(text)
  if (range !== null) {
    const low = readDecimal(range[1] ?? '')
    const high = readDecimal(range[2] ?? '')
    if (low?.is === 'amount' && high?.is === 'amount' && low.amount <= high.amount)
      return {
        is: 'range',
        low: low.amount,
        high: high.amount,
        rounded: low.rounded || high.rounded,
      }
    return UNREADABLE
  }
  // A percentage or a cost rule is a price rule, not a price in dollars.
  if (/\d\s*%/.test(text) || /\bcost\s*(?:\+|plus)/i.test(text)) return RULE
  return UNREADABLE
}

function readDecimal(text: string): MoneyReading | null {
  const match =
    /^(\()?\s*([-+]?)\s*(?:\$|USD)?\s*([-+]?)\s*(\d+(?:,\d{3})*|)(?:\.(\d*))?(?:[eE]([-+]?\d{1,3}))?\s*(?:USD)?\s*(-?)\s*(\))?$/.exec(
      text,
    )
  if (match === null) return null
  const [, open, sign, inner, whole = '', fraction = '', exponent, trailing, close] = match
  if ((open === undefined) !== (close === undefined)) return null
  if (whole === '' && fraction === '') return null
  let digits = whole.replaceAll(',', '')
  let decimals = fraction
  if (exponent !== undefined) {
    const shift = Number(exponent)
    if (Math.abs(shift) > 30) return UNREADABLE
    if (shift >= 0) {
      decimals = decimals.padEnd(shift, '0')
      digits += decimals.slice(0, shift)
      decimals = decimals.slice(shift)
    } else {
      digits = digits.padStart(-shift, '0')
      decimals = digits.slice(digits.length + shift) + decimals
      digits = digits.slice(0, digits.length + shift)
    }
  }
  digits = digits.replace(/^0+/, '')
  if (digits.length > MAX_INTEGER_DIGITS) return UNREADABLE
  const kept = Number(digits + decimals.slice(0, 4).padEnd(4, '0'))
  const rest = decimals.slice(4)
  const amount = kept + (rest !== '' && rest.charCodeAt(0) >= 53 ? 1 : 0)
  const minus = open !== undefined || sign === '-' || inner === '-' || trailing === '-'
  if (minus && amount > 0) return NEGATIVE
  return { is: 'amount', amount, rounded: /[1-9]/.test(rest) }
}

/** Seven or more nines stand for "we do not know". */
export function isPlaceholder(amount: number): boolean {
  if (amount < SEVEN_NINES) return false
  return /^9{7,}$/.test(String(Math.floor(amount / DOLLAR)))
}
