// The checks that several options of a definition share. They are for callers without types, too.
import { spanOf, type Duration } from '../primitives/duration.ts'
import { OrderlyError, type ErrorCode } from '../primitives/errors.ts'
import { refuseUnknown } from '../primitives/known-names.ts'

/** What to call an option in a message: `job "a": timeout`. */
export function optionOf(job: string, option: string): string {
  return `job "${job}": ${option}`
}

export function refusal(
  what: string,
  rule: string,
  cause?: unknown,
  code: ErrorCode = 'ORDERLY_DEFINITION_INVALID',
): OrderlyError {
  return new OrderlyError(code, `${what} ${rule}`, cause === undefined ? undefined : { cause })
}

/**
 * A span above 0 in milliseconds.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`
 */
export function checkSpan(what: string, span: Duration): number {
  return spanOf(what, span, 'ORDERLY_DEFINITION_INVALID')
}

/** @throws OrderlyError `ORDERLY_DEFINITION_INVALID`, or with `code` */
export function checkOneOf<T extends string | boolean>(
  what: string,
  given: T,
  allowed: readonly T[],
  code?: ErrorCode,
): T {
  if (allowed.includes(given)) return given
  const words = allowed.map((word) => (typeof word === 'string' ? `'${word}'` : String(word)))
  throw refusal(what, `is ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`, undefined, code)
}

/**
 * Refuses options that nobody reads: a misspelt one would be silently without effect.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`
 */
export function checkNames(
  what: string,
  given: object | undefined,
  known: readonly string[],
): void {
  refuseUnknown(what, given, new Set(known), 'ORDERLY_DEFINITION_INVALID')
}
