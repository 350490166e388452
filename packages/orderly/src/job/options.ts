// The options of a job definition, resolved once: defaults filled in, limits checked, frozen.
import { type Duration } from '../primitives/duration.ts'
import { OrderlyError, type ErrorCode } from '../primitives/errors.ts'
import { parseCron } from '../schedule/cron.ts'
import { zoneOf } from '../schedule/zone.ts'
import { resolveKeyed, type KeyedOptions, type ResolvedKeyed } from './keyed-options.ts'
import { checkNames, checkOneOf, checkSpan, optionOf, refusal } from './option-checks.ts'
import { resolveRetry, type RetryOptions, type RetryPolicy } from './retry.ts'

/**
 * Priorities by name. BullMQ runs small numbers first and knows 0 as "no priority", which runs before all others
 * and keeps strict order; so every job of Orderly has a number above 0.
 */
export const PRIORITIES = { critical: 1, high: 10, normal: 100, low: 1_000 } as const
export const LOWEST_PRIORITY = 2_097_151

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
  const what = (option: string): string => optionOf(name, option)
  const span = (option: 'deadline' | 'ttl' | 'heartbeat'): number | undefined =>
    options[option] === undefined ? undefined : checkSpan(what(option), options[option])
  const { cost, monitoring, retention } = options
  checkNames(what('cost'), cost, ['memory', 'cpu'])
  checkNames(what('monitoring'), monitoring, ['metrics', 'alerts'])
  checkNames(what('retention'), retention, ['completed', 'failed'])
  const isOn = (option: string, given = true): boolean => checkOneOf(what(option), given, FLAG)
  const kept = (end: 'completed' | 'failed'): number =>
    checkSpan(what(`retention.${end}`), retention?.[end] ?? DEFAULT_RETENTION[end])
  return Object.freeze({
    ...resolveKeyed(name, options),
    retry: resolveRetry(name, options.retry),
    timeout: checkSpan(what('timeout'), options.timeout ?? '5m'),
    deadline: span('deadline'),
    ttl: span('ttl'),
    heartbeat: span('heartbeat'),
    priority: resolvePriority(what('priority'), options.priority ?? 'normal'),
    retention: Object.freeze({ completed: kept('completed'), failed: kept('failed') }),
    cost: Object.freeze({
      memory: checkCost(name, 'memory', cost?.memory),
      cpu: checkCost(name, 'cpu', cost?.cpu),
    }),
    evidence: checkOneOf(what('evidence'), options.evidence ?? 'optional', EVIDENCE),
    critical: isOn('critical', options.critical ?? false),
    monitoring: Object.freeze({
      metrics: isOn('monitoring.metrics', monitoring?.metrics),
      alerts: isOn('monitoring.alerts', monitoring?.alerts),
    }),
    isolation: checkOneOf(what('isolation'), options.isolation ?? 'inline', ISOLATION),
    crashes: checkCrashes(name, options.crashes ?? 3),
    schedule: options.schedule && resolveSchedule(name, options.schedule),
  })
}

const FLAG: readonly boolean[] = [true, false]
const EVIDENCE = ['required', 'optional'] as const
const ISOLATION: readonly Isolation[] = ['inline', 'thread', 'process']
const MOST_CRASHES = 1_000

function checkCrashes(name: string, crashes: number): number {
  if (Number.isInteger(crashes) && crashes >= 1 && crashes <= MOST_CRASHES) return crashes
  throw refusal(optionOf(name, 'crashes'), `is a whole number from 1 to ${MOST_CRASHES}`)
}

function resolveSchedule(name: string, schedule: ScheduleOptions): ResolvedOptions['schedule'] {
  checkNames(optionOf(name, 'schedule'), schedule, ['cron', 'zone', 'input'])
  const { cron, zone = 'UTC', input } = schedule
  read(optionOf(name, 'schedule.cron'), cron, parseCron)
  read(optionOf(name, 'schedule.zone'), zone, zoneOf)
  return Object.freeze({ cron, zone, ...(input === undefined ? {} : { input }) })
}

/** Reads a text with a reader that does not know whose it is. */
function read(what: string, text: string, reader: (text: string) => unknown): void {
  if (typeof text !== 'string') throw refusal(what, 'is a text')
  try {
    reader(text)
  } catch (cause) {
    throw refusal(what, `cannot be used: ${(cause as Error).message}`, cause)
  }
}

/**
 * A priority as BullMQ's number.
 *
 * @param what what the priority is of, for the message
 * @param code whose fault it is: that of a definition, unless told
 * @throws OrderlyError with it
 */
export function resolvePriority(
  what: string,
  given: Priority,
  code: ErrorCode = 'ORDERLY_DEFINITION_INVALID',
): number {
  const priority = typeof given === 'number' ? given : PRIORITIES[given]
  if (Number.isInteger(priority) && priority >= 1 && priority <= LOWEST_PRIORITY) return priority
  throw new OrderlyError(
    code,
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
