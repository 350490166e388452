// What an alert is: a measure, a limit, how long it must hold, and who is told.
import { milliseconds, spanOf, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { isText, namesOf, refuseOther, refuseUnknown } from '../primitives/known-names.ts'

/** What can be watched, what its number is, and what each alert of it is about. */
export const ALERT_METRICS = {
  'queue.depth': 'jobs that wait in a queue',
  'queue.oldest': 'seconds that the job which has been due for longest has waited, in a queue',
  'workers.none': 'jobs that are due in a queue which no worker works on',
  'workers.memory': 'mebibytes that a worker process uses',
  'workers.lag': 'milliseconds that the event loop of a worker process was late (99th percentile)',
  'jobs.unhandled': 'times that workers put a kind of job aside because they cannot run it',
  'jobs.failed': 'jobs of a kind that failed for good within the window',
  'jobs.failure-rate':
    'per cent of the jobs of a kind that failed, of those that ended within the window',
  'jobs.found': 'jobs that a search finds, created within the window',
  'dead-letters': 'jobs of a kind that failed for good and can be redriven',
  'emergencies.unreviewed': 'emergency accesses to PHI that nobody has reviewed yet',
  'schedules.missed': 'slots of a schedule that were left out or are late, within the window',
  'ledger.broken': 'faults that the last look at the audit log found',
} as const

export type AlertMetric = keyof typeof ALERT_METRICS

const UNITS: Readonly<Partial<Record<AlertMetric, string>>> = {
  'workers.memory': 'MiB',
  'workers.lag': 'ms',
  'jobs.failure-rate': '%',
}

/** A number that was measured, with its unit: `20 min`, `512 MiB`, `60 %`, `3`. */
export function amountText(metric: AlertMetric | undefined, value: number): string {
  const rounded = (n: number): string => String(Math.round(n * 100) / 100)
  if (metric === 'queue.oldest') {
    const [size, unit] = value < 120 ? [1, 's'] : value < 7_200 ? [60, 'min'] : [3_600, 'h']
    return `${Math.round((value / size) * 10) / 10} ${unit}`
  }
  const unit = metric === undefined ? undefined : UNITS[metric]
  return unit === undefined ? rounded(value) : `${rounded(value)} ${unit}`
}

export interface AlertSearch {
  readonly state?: string
  readonly queue?: string
  readonly name?: string
  readonly errorCode?: string
  readonly fingerprint?: string
}

export interface AlertRule {
  /** A word such as `failures`. */
  readonly name: string
  readonly description?: string
  readonly metric: AlertMetric
  /** Queues, kinds of jobs, schedules or workers; with a `*` at the end those that begin so. All unless told. */
  readonly subjects?: readonly string[]
  /** What `jobs.found` looks for. */
  readonly search?: AlertSearch
  /** It is an alert when the number is above this, or below. One of the two. */
  readonly above?: number
  readonly below?: number
  /** Over which time what happens is counted. 5 minutes unless told, a day at most. */
  readonly window?: Duration
  /** How long it must hold before somebody is told. At once unless told. */
  readonly for?: Duration
  /** Fewer jobs than this in the window say nothing about a rate. 5 unless told. */
  readonly minimum?: number
  readonly severity?: 'warning' | 'critical'
  /** Routes by name; `in-app` unless told. */
  readonly routes?: readonly string[]
  readonly enabled?: boolean
}

export interface StoredRule extends AlertRule {
  readonly enabled: boolean
  /** `house`: as it comes; `person`: somebody made or changed it. */
  readonly source: 'house' | 'person'
  readonly by: string
  readonly updatedAt: number | null
}

/** A rule with everything said. Times are milliseconds. */
export interface CheckedRule {
  readonly name: string
  readonly description: string
  readonly metric: AlertMetric
  readonly subjects: readonly string[]
  readonly search: AlertSearch | undefined
  readonly above: number | undefined
  readonly below: number | undefined
  readonly window: number
  readonly hold: number
  readonly minimum: number
  readonly severity: 'warning' | 'critical'
  readonly routes: readonly string[]
  readonly enabled: boolean
}

/** The rules of the house: they hold unless somebody changes them. */
export const HOUSE_RULES: readonly AlertRule[] = [
  {
    name: 'no-worker',
    description: 'Jobs are due in a queue that no worker works on.',
    metric: 'workers.none',
    above: 0,
    for: '20s',
    severity: 'critical',
  },
  {
    name: 'failures',
    description: 'Half of the jobs of a kind fail.',
    metric: 'jobs.failure-rate',
    above: 50,
    window: '5m',
    severity: 'critical',
  },
  {
    name: 'oldest-waiting',
    description: 'A job has been due for a quarter of an hour.',
    metric: 'queue.oldest',
    above: 900,
    for: '1m',
  },
  {
    name: 'dead-letters',
    description: 'Jobs have failed for good.',
    metric: 'dead-letters',
    above: 0,
  },
  {
    name: 'missed-schedules',
    description: 'A schedule has missed a slot.',
    metric: 'schedules.missed',
    above: 0,
    window: '15m',
  },
  {
    name: 'emergency-access',
    description: 'Somebody sees PHI in an emergency, and nobody has reviewed it yet.',
    metric: 'emergencies.unreviewed',
    above: 0,
    severity: 'critical',
  },
  {
    name: 'chain-break',
    description: 'The audit log is not what was written.',
    metric: 'ledger.broken',
    above: 0,
    severity: 'critical',
  },
  {
    name: 'unhandled-jobs',
    description: 'Workers meet jobs that they cannot run.',
    metric: 'jobs.unhandled',
    above: 0,
    severity: 'critical',
  },
]

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/
const GLOB = /^[A-Za-z0-9*][\w.:/-]{0,119}\*?$/
const LONGEST_WINDOW_MS = milliseconds('1d')
const LONGEST_HOLD_MS = milliseconds('7d')

const RULE = namesOf<StoredRule>({
  name: true,
  description: true,
  metric: true,
  subjects: true,
  search: true,
  above: true,
  below: true,
  window: true,
  for: true,
  minimum: true,
  severity: true,
  routes: true,
  enabled: true,
  source: true,
  by: true,
  updatedAt: true,
})
const SEARCH = namesOf<AlertSearch>({
  state: true,
  queue: true,
  name: true,
  errorCode: true,
  fingerprint: true,
})
const SEVERITIES = ['warning', 'critical'] as const

/** Refuses a rule that names what nobody reads; one that was read back and changed passes. */
export function refuseUnknownOfRule(rule: AlertRule): void {
  refuseUnknown('an alert rule', rule ?? null, RULE)
  refuseUnknown('an alert rule: search', rule.search, SEARCH)
  if (rule.severity !== undefined) refuseOther('severity', rule.severity, SEVERITIES)
}

/** @throws OrderlyError `ORDERLY_INPUT_INVALID` */
export function checkRule(rule: AlertRule): CheckedRule {
  const { above, below, metric, search } = rule
  if (!isText(rule.name, NAME)) throw invalid('name must be a word such as slow-mail')
  if (!Object.hasOwn(ALERT_METRICS, metric)) throw invalid('metric is none that is measured')
  if ((above === undefined) === (below === undefined))
    throw invalid('give a limit in above or in below')
  if (!Number.isFinite(above ?? below)) throw invalid('the limit must be a number')
  if ((metric === 'jobs.found') !== (search !== undefined))
    throw invalid('search belongs to the metric jobs.found, and to no other')
  const subjects = rule.subjects ?? []
  if (!isListOf(subjects, GLOB, 100))
    throw invalid('subjects must be names, or names that end in *')
  const routes = rule.routes ?? ['in-app']
  if (!isListOf(routes, NAME, 20)) throw invalid('routes must be names of routes')
  const { description = '', minimum = 5 } = rule
  if (typeof description !== 'string') throw invalid('description is a text')
  if (description.length > 500) throw invalid('description is too long')
  if (!Number.isInteger(minimum) || minimum < 0) throw invalid('minimum is a whole number')
  return {
    name: rule.name,
    description,
    metric,
    subjects,
    search,
    above,
    below,
    window: within('window', rule.window ?? '5m', LONGEST_WINDOW_MS),
    hold: rule.for === undefined ? 0 : within('for', rule.for, LONGEST_HOLD_MS),
    minimum,
    severity: rule.severity ?? 'warning',
    routes,
    enabled: rule.enabled ?? true,
  }
}

function isListOf(given: unknown, shape: RegExp, most: number): boolean {
  return Array.isArray(given) && given.length <= most && given.every((one) => isText(one, shape))
}

function within(what: string, span: Duration, most: number): number {
  const ms = spanOf(`"${what}"`, span, 'ORDERLY_INPUT_INVALID')
  if (ms > most) throw invalid(`${what} is longer than it may be`)
  return ms
}

/** Whether a number is one that somebody is to be told of. */
export function exceeds({ above, below }: CheckedRule, value: number): boolean {
  return above !== undefined ? value > above : value < below!
}

export function covers({ subjects }: Pick<CheckedRule, 'subjects'>, subject: string): boolean {
  return subjects.length === 0 || subjects.some((glob) => matches(glob, subject))
}

export function matches(glob: string, name: string): boolean {
  return glob.endsWith('*') ? name.startsWith(glob.slice(0, -1)) : glob === name
}

function invalid(message: string): OrderlyError {
  return new OrderlyError('ORDERLY_INPUT_INVALID', `the alert rule was refused: ${message}`)
}
