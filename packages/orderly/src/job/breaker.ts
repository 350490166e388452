// When calls to a service that fails are held back, and when one is let through to see whether it works again.

export interface BreakerRules {
  /** Failures that open it. */
  readonly failures: number
  /** The span in which they must come, in milliseconds. */
  readonly within: number
  /** How long nobody calls once it is open, in milliseconds. */
  readonly cooldown: number
}

export interface Breaker {
  /** Times of the last failures, the oldest first. Milliseconds since 1970 UTC, as are the others. */
  readonly failedAt: readonly number[]
  /** Since when it is open; null while it is closed. */
  readonly openedAt: number | null
  /** When the trial that is under way is given up for lost. */
  readonly trialUntil: number | null
}

export type BreakerState = 'closed' | 'open' | 'half-open'

export const CLOSED: Breaker = Object.freeze({ failedAt: [], openedAt: null, trialUntil: null })

/** What becomes of a call: it goes, it goes as the one trial, or it waits so many milliseconds. */
export type Admission =
  { readonly type: 'call' | 'trial' } | { readonly type: 'wait'; wait: number }

/** How often a caller looks again whether the trial has ended. */
const LOOK_AGAIN_MS = 1_000

export function stateOf(breaker: Breaker, { cooldown }: BreakerRules, now: number): BreakerState {
  if (breaker.openedAt === null) return 'closed'
  return now < breaker.openedAt + cooldown ? 'open' : 'half-open'
}

export function admit(breaker: Breaker, rules: BreakerRules, now: number): Admission {
  const state = stateOf(breaker, rules, now)
  if (state === 'closed') return { type: 'call' }
  if (state === 'open') return { type: 'wait', wait: breaker.openedAt! + rules.cooldown - now }
  if (breaker.trialUntil === null || breaker.trialUntil <= now) return { type: 'trial' }
  return { type: 'wait', wait: Math.min(LOOK_AGAIN_MS, breaker.trialUntil - now) }
}

/** After a call that failed. */
export function afterFailure(
  breaker: Breaker,
  rules: BreakerRules,
  { isTrial, now }: { isTrial: boolean; now: number },
): Breaker {
  if (isTrial) return { failedAt: [], openedAt: now, trialUntil: null }
  // A call that began before it opened says nothing new.
  if (breaker.openedAt !== null) return breaker
  const failedAt = [...breaker.failedAt.filter((at) => at > now - rules.within), now]
  if (failedAt.length < rules.failures) return { ...breaker, failedAt }
  return { failedAt: [], openedAt: now, trialUntil: null }
}

/** After a call that the service answered. Only a trial closes what is open. */
export function afterAnswer(breaker: Breaker, { isTrial }: { isTrial: boolean }): Breaker {
  return isTrial ? CLOSED : breaker
}
