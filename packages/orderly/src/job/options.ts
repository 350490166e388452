// The options of a job definition, resolved once: defaults filled in, limits checked, frozen.
import { milliseconds, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { resolveKeyed, type KeyedOptions, type ResolvedKeyed } from './keyed-options.ts'
import { resolveRetry, type RetryOptions, type RetryPolicy } from './retry.ts'

/**
 * Priorities by name. BullMQ runs small numbers first and knows 0 as "no priority", which runs before all others
 * and keeps strict order; so every job of Orderly has a number above 0.
 */
export const PRIORITIES = { critical: 1, high: 10, normal: 100, low: 1_000 } as const
const LOWEST_PRIORITY = 2_097_151

export type Priority = keyof typeof PRIORITIES | number

export interface RetentionOptions {
  /** How long a completed job stays in the queue. */
  readonly completed?: Duration
  /** How long a failed job stays in the queue. */
  readonly failed?: Duration
}

/** What one run of the job takes of its machine. */
export interface CostOptions {
  /** Mebibytes of memory. */
  readonly memory?: number
  /** Processors: 1 is one of them all the time, 0.5 half of the time. */
  readonly cpu?: number
}

export interface MonitoringOptions {
  /** Whether its runs are measured. They are unless told. */
  readonly metrics?: boolean
  /** Whether its failures raise alerts. They do unless told. */
  readonly alerts?: boolean
}

/** Where the handler runs: in the worker's own thread, in another thread, or in a process of its own. */
export type Isolation = 'inline' | 'thread' | 'process'

/** When a job is enqueued by the clock. */
export interface ScheduleOptions {
  /** Five or six fields. */
  readonly cron: string
  /** An IANA zone; UTC unless told. */
  readonly zone?: string
  /** What its jobs are enqueued with; an empty object unless told. */
  readonly input?: unknown
}

export interface JobOptions<Input = unknown> extends KeyedOptions<Input> {
  readonly retry?: RetryOptions
  /** How long one attempt may run. Five minutes unless told. */
  readonly timeout?: Duration
  /** How long the whole job may take, all attempts and waits included, from the moment it is due. */
  readonly deadline?: Duration
  /** How long the job may wait for its first attempt once it is due; after that it fails unrun. */
  readonly ttl?: Duration
  /** The handler must show signs of life this often, by `ctx.heartbeat`, `ctx.progress` or `ctx.checkpoint`. */
  readonly heartbeat?: Duration
  readonly priority?: Priority
  readonly retention?: RetentionOptions
  readonly cost?: CostOptions
  /** `required`: a run that leaves no evidence fails. */
  readonly evidence?: 'required' | 'optional'
  /** On the critical path: its checks must pass before and after each run. */
  readonly critical?: boolean
  readonly monitoring?: MonitoringOptions
  readonly isolation?: Isolation
  /** The job is given up when it was lost with its worker this often. 3 unless told. */
  readonly crashes?: number
  /** When it is enqueued by itself. A person's change of it wins over this. */
  readonly schedule?: ScheduleOptions
}

/** Job options in numbers: spans in milliseconds, priority in BullMQ's scale. */
export interface ResolvedOptions extends ResolvedKeyed {
  readonly retry: RetryPolicy
  readonly timeout: number
  readonly deadline: number | undefined
  readonly ttl: number | undefined
  readonly heartbeat: number | undefined
  readonly priority: number
  readonly retention: { readonly completed: number; readonly failed: number }
  readonly cost: { readonly memory: number; readonly cpu: number }
  readonly evidence: 'required' | 'optional'
  readonly critical: boolean
  readonly monitoring: { readonly metrics: boolean; readonly alerts: boolean }
  readonly isolation: Isolation
  readonly crashes: number
  readonly schedule:
    (Required<Omit<ScheduleOptions, 'input'>> & { readonly input?: unknown }) | undefined
}

/** The seeds' clean-up rule (002, Issue 3): completed jobs leave after a day, failed ones after a week. */
const DEFAULT_RETENTION = { completed: '24h', failed: '7d' } as const

/**
 * Fills in what a definition leaves out.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`
 */
export function resolveOptions(name: string, options: JobOptions<any>): ResolvedOptions {
  const span = (value: Duration | undefined): number | undefined =>
    value === undefined ? undefined : milliseconds(value)
  const { cost, monitoring, retention, schedule } = options
  return Object.freeze({
    ...resolveKeyed(name, options),
    retry: resolveRetry(name, options.retry),
    timeout: milliseconds(options.timeout ?? '5m'),
    deadline: span(options.deadline),
    ttl: span(options.ttl),
    heartbeat: span(options.heartbeat),
    priority: resolvePriority(`job "${name}": priority`, options.priority ?? 'normal'),
    retention: Object.freeze({
      completed: milliseconds(retention?.completed ?? DEFAULT_RETENTION.completed),
      failed: milliseconds(retention?.failed ?? DEFAULT_RETENTION.failed),
    }),
    cost: Object.freeze({
      memory: checkCost(name, 'memory', cost?.memory),
      cpu: checkCost(name, 'cpu', cost?.cpu),
    }),
    evidence: options.evidence ?? 'optional',
    critical: options.critical ?? false,
    monitoring: Object.freeze({
      metrics: monitoring?.metrics ?? true,
      alerts: monitoring?.alerts ?? true,
    }),
    isolation: options.isolation ?? 'inline',
    crashes: Math.max(1, Math.floor(options.crashes ?? 3)),
    schedule:
      schedule &&
      Object.freeze({
        cron: schedule.cron,
        zone: schedule.zone ?? 'UTC',
        ...(schedule.input === undefined ? {} : { input: schedule.input }),
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

function checkCost(name: string, what: 'memory' | 'cpu', given = 0): number {
  if (Number.isFinite(given) && given >= 0) return given
  throw new OrderlyError(
    'ORDERLY_DEFINITION_INVALID',
    `job "${name}": cost.${what} is a number from 0 up${what === 'memory' ? ', in mebibytes' : ', in processors'}`,
  )
}
