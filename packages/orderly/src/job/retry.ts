// Whether and when a failed job is tried again: one policy for all errors, and others for classes of them.
import { OrderlyError } from '../primitives/errors.ts'
import { exponential, isBackoff, waitAfter, type Backoff } from './backoff.ts'
import { askedWait, kindOf, type FaultKind } from './faults.ts'
import { checkNames, optionOf, refusal } from './option-checks.ts'

const MOST_ATTEMPTS = 1_000

export interface RetryRule {
  /** How often the job may be tried in all when it fails this way, the first attempt included. */
  readonly attempts?: number
  readonly backoff?: Backoff
}

export interface RetryOptions {
  /** How often the job may be tried in all, the first attempt included. */
  readonly attempts: number
  readonly backoff?: Backoff
  /**
   * Other rules for certain errors, by the error's `code`, its `name`, or its kind (`internal`, `external`, `bad-input`,
   * `refused`), looked up in this order. `'never'` fails the job at once.
   */
  readonly on?: Readonly<Record<string, RetryRule | 'never'>>
}

export interface ResolvedRule {
  readonly attempts: number
  readonly backoff: Backoff
}

export interface RetryPolicy extends ResolvedRule {
  readonly on: Readonly<Record<string, ResolvedRule | 'never'>>
}

/** Trying again what can never work only hides it. */
const HOPELESS: readonly FaultKind[] = ['bad-input', 'refused']

/** @throws OrderlyError `ORDERLY_DEFINITION_INVALID` */
export function resolveRetry(job: string, options: RetryOptions | undefined): RetryPolicy {
  checkNames(optionOf(job, 'retry'), options, ['attempts', 'backoff', 'on'])
  const attempts = checkAttempts(job, options?.attempts ?? 3)
  const backoff = checkBackoff(job, 'retry.backoff', options?.backoff ?? exponential('1s'))
  const on: Record<string, ResolvedRule | 'never'> = {}
  for (const kind of HOPELESS) on[kind] = 'never'
  for (const [error, rule] of Object.entries(options?.on ?? {}))
    on[error] = rule === 'never' ? rule : resolveRule(job, rule, { attempts, backoff })
  return Object.freeze({ attempts, backoff, on: Object.freeze(on) })
}

function resolveRule(job: string, rule: RetryRule, usual: ResolvedRule): ResolvedRule {
  if (typeof rule !== 'object' || rule === null)
    throw refusal(optionOf(job, 'retry.on'), "has 'never' or { attempts, backoff } for each error")
  checkNames(optionOf(job, 'retry.on'), rule, ['attempts', 'backoff'])
  return Object.freeze({
    attempts: checkAttempts(job, rule.attempts ?? usual.attempts),
    backoff: checkBackoff(job, 'retry.on.backoff', rule.backoff ?? usual.backoff),
  })
}

function checkBackoff(job: string, option: string, backoff: Backoff): Backoff {
  if (isBackoff(backoff)) return Object.freeze(backoff)
  throw refusal(
    optionOf(job, option),
    "is made by fixed, exponential or custom, such as fixed('5m') or exponential('1s')",
  )
}

/** The highest number of attempts that any rule allows. */
export function mostAttempts(policy: RetryPolicy): number {
  const rules = Object.values(policy.on).filter((rule) => rule !== 'never')
  return Math.max(policy.attempts, ...rules.map((rule) => rule.attempts))
}

/**
 * Milliseconds until the next attempt after `error` ended attempt number `attempt`, or undefined when there is none.
 *
 * @param random a number in [0, 1) that places the wait inside its jitter
 */
export function nextWait(
  policy: RetryPolicy,
  error: Error,
  attempt: number,
  { now, random }: { now: number; random: number },
): number | undefined {
  const rule = ruleFor(policy, error)
  if (rule === 'never' || attempt >= rule.attempts) return undefined
  return Math.max(waitAfter(rule.backoff, attempt, random), askedWait(error, now))
}

/** How often a job may be tried in all that failed with `error`, where its handler wants it tried again. */
export function attemptsFor(policy: RetryPolicy, error: Error): number {
  const rule = ruleFor(policy, error)
  return rule === 'never' ? policy.attempts : rule.attempts
}

function ruleFor(policy: RetryPolicy, error: Error): ResolvedRule | 'never' {
  const { code } = error as { code?: unknown }
  for (const key of [code, error.name, kindOf(error)])
    if (typeof key === 'string' && Object.hasOwn(policy.on, key)) return policy.on[key]!
  return policy
}

function checkAttempts(job: string, attempts: number): number {
  if (Number.isInteger(attempts) && attempts >= 1 && attempts <= MOST_ATTEMPTS) return attempts
  throw new OrderlyError(
    'ORDERLY_DEFINITION_INVALID',
    `job "${job}": retry.attempts is a whole number from 1 to ${MOST_ATTEMPTS}`,
  )
}
