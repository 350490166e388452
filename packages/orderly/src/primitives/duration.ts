// Spans of time as people write them.
import { OrderlyError, type ErrorCode } from './errors.ts'

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/** A span of time: `'250ms'`, `'90s'`, `'5m'`, `'24h'`, `'7d'`, `'2w'`. Bare numbers are refused: they have no unit. */
export type Duration = `${number}${keyof typeof UNIT_MS}`

const LONGEST_DAYS = 36_525
const LONGEST_MS = LONGEST_DAYS * UNIT_MS.d
const TEN_YEARS_MS = 3_653 * UNIT_MS.d

/**
 * The length of `duration` in whole milliseconds.
 *
 * @param code whose fault another one is: that of a definition, unless told
 * @throws OrderlyError with it when it is not a number and a unit, or longer than 100 years. The message does not show
 *   what was given: it may have been computed from an input.
 */
export function milliseconds(
  duration: Duration,
  code: ErrorCode = 'ORDERLY_DEFINITION_INVALID',
): number {
  const length = lengthOf(duration)
  if (length <= LONGEST_MS) return length
  throw new OrderlyError(
    code,
    `a duration is a number and a unit, such as "90s", "5m" or "24h", and ${LONGEST_DAYS}d at most`,
  )
}

/**
 * The length of a span that must not exceed ten years.
 *
 * @param what whose span it is, for the message
 * @param least the shortest one that works, in milliseconds
 * @throws OrderlyError with `code`; its message does not show what was given
 */
export function spanOf(
  what: string,
  duration: Duration,
  code: ErrorCode,
  least: 0 | 1 = 1,
): number {
  const length = lengthOf(duration)
  if (length >= least && length <= TEN_YEARS_MS) return length
  throw new OrderlyError(
    code,
    `${what} is a number and a unit, such as "90s", "5m" or "24h"${least === 0 ? '' : ', above 0'} and ten years at most`,
  )
}

/** NaN when it is no duration; infinite when it has too many digits. */
function lengthOf(duration: unknown): number {
  const match =
    typeof duration === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(duration) : null
  if (!match) return NaN
  return Math.round(Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS])
}
