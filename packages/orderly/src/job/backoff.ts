// How long a failed job waits before its next attempt.
import { milliseconds, spanOf, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { namesOf, refuseUnknown } from '../primitives/known-names.ts'

export type Backoff =
  | { readonly type: 'fixed'; readonly delay: number; readonly jitter: number }
  | {
      readonly type: 'exponential'
      readonly delay: number
      readonly max: number
      readonly jitter: number
    }
  | { readonly type: 'custom'; readonly wait: (attempt: number) => number }

const FIXED = namesOf<NonNullable<Parameters<typeof fixed>[1]>>({ jitter: true })
const EXPONENTIAL = namesOf<NonNullable<Parameters<typeof exponential>[1]>>({
  max: true,
  jitter: true,
})

/**
 * The same wait before every attempt. `jitter` is the part of it (0 to 1) left to chance.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`
 */
export function fixed(delay: Duration, options: { jitter?: number } = {}): Backoff {
  refuseUnknown('fixed', options, FIXED, 'ORDERLY_DEFINITION_INVALID')
  return { type: 'fixed', delay: waitOf(delay), jitter: checkJitter(options.jitter ?? 0) }
}

/**
 * Twice the wait each time, starting at `delay`, never above `max` (one hour unless told).
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`
 */
export function exponential(
  delay: Duration,
  options: { max?: Duration; jitter?: number } = {},
): Backoff {
  refuseUnknown('exponential', options, EXPONENTIAL, 'ORDERLY_DEFINITION_INVALID')
  return {
    type: 'exponential',
    delay: waitOf(delay),
    max: waitOf(options.max ?? '1h'),
    jitter: checkJitter(options.jitter ?? 0.2),
  }
}

/** The wait that `wait` says for the attempt that just failed; the first is 1. */
export function custom(wait: (attempt: number) => Duration): Backoff {
  return { type: 'custom', wait: (attempt) => milliseconds(wait(attempt)) }
}

/**
 * Milliseconds to wait after attempt number `attempt` (the first is 1) failed.
 *
 * @param random a number in [0, 1) that places the wait inside its jitter
 */
export function waitAfter(backoff: Backoff, attempt: number, random: number): number {
  if (backoff.type === 'custom') return backoff.wait(attempt)
  const full =
    backoff.type === 'fixed'
      ? backoff.delay
      : Math.min(backoff.max, backoff.delay * 2 ** Math.min(attempt - 1, 40))
  return Math.round(full * (1 - backoff.jitter * random))
}

/** Whether it was made by one of the three. */
export function isBackoff(value: unknown): value is Backoff {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false
  const { type, delay, max, jitter, wait } = value as Record<string, unknown>
  if (type === 'custom') return typeof wait === 'function'
  if (!Number.isFinite(delay) || !Number.isFinite(jitter)) return false
  return type === 'fixed' || (type === 'exponential' && Number.isFinite(max))
}

function waitOf(delay: Duration): number {
  return spanOf('the wait of a backoff', delay, 'ORDERLY_DEFINITION_INVALID', 0)
}

function checkJitter(jitter: number): number {
  if (jitter >= 0 && jitter <= 1) return jitter
  throw new OrderlyError(
    'ORDERLY_DEFINITION_INVALID',
    'the jitter of a backoff is a number from 0 to 1',
  )
}
