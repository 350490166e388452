// How an attempt ended. Expected endings are values with names, not stack traces.
import { milliseconds, type Duration } from '../primitives/duration.ts'

export type Outcome =
  | { readonly type: 'completed'; readonly output: unknown }
  /** The attempt failed and the job is to be tried again after `delay` ms. */
  | { readonly type: 'retry'; readonly error: Error; readonly delay: number }
  /** Not now: the job waits `delay` ms and the attempt does not count. */
  | { readonly type: 'snoozed'; readonly delay: number; readonly reason: string }
  | { readonly type: 'cancelled'; readonly reason: string }
  /** The job has failed for good. */
  | { readonly type: 'failed'; readonly error: Error }
  /** This process is stopping: the job goes back to its queue and the attempt does not count. */
  | { readonly type: 'interrupted' }
  /** The lock went to another worker: whatever this attempt says no longer counts. */
  | { readonly type: 'fenced' }

/** An ending a handler chooses by returning it instead of an output. */
export class Verdict {
  readonly outcome: Outcome

  constructor(outcome: Outcome) {
    this.outcome = outcome
  }
}

/** Returned by a handler: try again after `delay`, and do not count this attempt. */
export function snooze(delay: Duration, reason: string): Verdict {
  return new Verdict({ type: 'snoozed', delay: milliseconds(delay), reason })
}

/** Returned by a handler: this job need not run any more. */
export function cancel(reason: string): Verdict {
  return new Verdict({ type: 'cancelled', reason })
}

/** Returned by a handler: another attempt would fail the same way. */
export function fail(error: Error): Verdict {
  return new Verdict({ type: 'failed', error })
}

/** Returned by a handler: this attempt failed with `error`; try again after `delay`, if attempts are left. */
export function retryAfter(delay: Duration, error: Error): Verdict {
  return new Verdict({ type: 'retry', error, delay: milliseconds(delay) })
}

/** Ends an attempt from within a handler that sleeps: the job comes back at `until`. */
export class Suspension extends Error {
  override readonly name = 'Suspension'
  /** Milliseconds since 1970 UTC. */
  readonly until: number

  constructor(until: number) {
    super('the job sleeps; its attempt ends here and goes on in another')
    this.until = until
  }
}
