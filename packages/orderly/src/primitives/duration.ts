// Spans of time as people write them.
import { OrderlyError } from './errors.ts'

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/** A span of time: `'250ms'`, `'90s'`, `'5m'`, `'24h'`, `'7d'`, `'2w'`. Bare numbers are refused: they have no unit. */
export type Duration = `${number}${keyof typeof UNIT_MS}`

/**
 * The length of `duration` in whole milliseconds.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID` when it is not a number and a unit.
 */
export function milliseconds(duration: Duration): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(duration)
  if (!match) {
    throw new OrderlyError(
      'ORDERLY_DEFINITION_INVALID',
      `"${duration}" is no duration; write a number and a unit such as "90s", "5m" or "24h"`,
    )
  }
  return Math.round(Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS])
}
