// How long a failed job waits before its next attempt.
import { milliseconds, type Duration } from '../primitives/duration.ts'

export type Backoff =
  | { readonly type: 'fixed'; readonly delay: number; readonly jitter: number }
  | {
      readonly type: 'exponential'
      readonly delay: number
      readonly max: number
      readonly jitter: number
    }
  | { readonly type: 'custom'; readonly wait: (attempt: number) => number }

/** The same wait before every attempt. `jitter` is the part of it (0 to 1) left to chance. */
export function fixed(delay: Duration, options: { jitter?: number } = {}): Backoff {
  return { type: 'fixed', delay: milliseconds(delay), jitter: options.jitter ?? 0 }
}

/** Twice the wait each time, starting at `delay`, never above `max` (one hour unless told). */
export function exponential(
  delay: Duration,
  options: { max?: Duration; jitter?: number } = {},
): Backoff {
  return {
    type: 'exponential',
    delay: milliseconds(delay),
    max: milliseconds(options.max ?? '1h'),
    jitter: options.jitter ?? 0.2,
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
