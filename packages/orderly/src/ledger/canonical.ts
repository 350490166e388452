// Canonical JSON (RFC 8785) of what the ledger stores: one value has one text, whoever writes it.
import { OrderlyError } from '../primitives/errors.ts'

/** Whole numbers and text only: floats have no spelling that every language agrees on. */
export type Plain =
  | string
  | number
  | boolean
  | null
  | readonly Plain[]
  | { readonly [key: string]: Plain | undefined }

const DEEPEST = 8
/** A surrogate without its other half, which no UTF-8 can hold. */
const HALF = /\p{Surrogate}/u

/**
 * `value` as canonical JSON; members that are undefined are left out.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` for floats, lone surrogates and what is nested more than 8 deep
 */
export function canonical(value: Plain, depth = 0): string {
  if (depth > DEEPEST) throw unfit('is nested too deep')
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return String(value)
    throw unfit('holds a number that is not whole')
  }
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value))
    return `[${value.map((inner: Plain) => canonical(inner, depth + 1)).join(',')}]`
  const members = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    // RFC 8785 §3.2.3 sorts by UTF-16 code units, as JavaScript compares text.
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => `${text(key)}:${canonical(inner as Plain, depth + 1)}`)
  return `{${members.join(',')}}`
}

function text(value: string): string {
  if (HALF.test(value)) throw unfit('holds half a character')
  return JSON.stringify(value)
}

function unfit(what: string): OrderlyError {
  return new OrderlyError(
    'ORDERLY_INPUT_INVALID',
    `an entry of the audit log ${what}; leave it out`,
  )
}
