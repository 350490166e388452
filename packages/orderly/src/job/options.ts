// The options of a job definition, resolved once: defaults filled in, limits checked, frozen.
import { milliseconds, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { exponential, type Backoff } from './backoff.ts'

/**
 * Priorities by name. BullMQ runs small numbers first and knows 0 as "no priority", which runs before all others
 * and keeps strict order; so every job of Orderly has a number above 0.
 */
const PRIORITIES = { critical: 1, high: 10, normal: 100, low: 1_000 } as const
const LOWEST_PRIORITY = 2_097_151
const MOST_ATTEMPTS = 1_000

export type Priority = keyof typeof PRIORITIES | number

export interface RetryOptions {
  /** How often the job may be tried in all, the first attempt included. */
  readonly attempts: number
  readonly backoff?: Backoff
}

export interface RetentionOptions {
  /** How long a completed job stays in the queue. */
  readonly completed?: Duration
  /** How long a failed job stays in the queue. */
  readonly failed?: Duration
}

export interface JobOptions {
  readonly retry?: RetryOptions
  /** How long one attempt may run. */
  readonly timeout?: Duration
  readonly priority?: Priority
  readonly retention?: RetentionOptions
}

/** Job options in numbers: spans in milliseconds, priority in BullMQ's scale. */
export interface ResolvedOptions {
  readonly attempts: number
  readonly backoff: Backoff
  readonly timeout: number
  readonly priority: number
  readonly retention: { readonly completed: number; readonly failed: number }
}

/** The seeds' clean-up rule (002, Issue 3): completed jobs leave after a day, failed ones after a week. */
const DEFAULT_RETENTION = { completed: '24h', failed: '7d' } as const

/**
 * Fills in what a definition leaves out.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`
 */
export function resolveOptions(name: string, options: JobOptions): ResolvedOptions {
  const attempts = options.retry?.attempts ?? 3
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > MOST_ATTEMPTS) {
    throw invalid(name, `retry.attempts is a whole number from 1 to ${MOST_ATTEMPTS}`)
  }
  const priority = resolvePriority(`job "${name}": priority`, options.priority ?? 'normal')
  return Object.freeze({
    attempts,
    backoff: Object.freeze(options.retry?.backoff ?? exponential('1s')),
    timeout: milliseconds(options.timeout ?? '5m'),
    priority,
    retention: Object.freeze({
      completed: milliseconds(options.retention?.completed ?? DEFAULT_RETENTION.completed),
      failed: milliseconds(options.retention?.failed ?? DEFAULT_RETENTION.failed),
    }),
  })
}

/**
 * A priority as BullMQ's number.
 *
 * @param what what the priority is of, for the message
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`
 */
export function resolvePriority(what: string, given: Priority): number {
  const priority = typeof given === 'number' ? given : PRIORITIES[given]
  if (Number.isInteger(priority) && priority >= 1 && priority <= LOWEST_PRIORITY) return priority
  throw new OrderlyError(
    'ORDERLY_DEFINITION_INVALID',
    `${what} is one of ${Object.keys(PRIORITIES).join(', ')} or a whole number from 1 to ${LOWEST_PRIORITY}`,
  )
}

function invalid(name: string, rule: string): OrderlyError {
  return new OrderlyError('ORDERLY_DEFINITION_INVALID', `job "${name}": ${rule}`)
}
