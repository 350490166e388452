// An event as others see it: typed, versioned, and without anything sealed or written freely.
import type { JobHappening } from '../job/job-event.ts'

export type EventType = `job.${JobHappening['type']}`

/** The types there are, and what each tells. */
export const EVENT_TYPES: Readonly<Record<EventType, string>> = {
  'job.accepted': 'a job is on disk and will run',
  'job.deduplicated': 'another job with its key was there already; `data.by` is its id',
  'job.started': 'an attempt began',
  'job.progressed': 'its handler told how far it is',
  'job.input-changed': 'its input was changed while it waited',
  'job.attempt-failed': 'an attempt ended in an error: `data.code`, `data.fingerprint`',
  'job.retried': 'it is back in its queue for another attempt at `data.runAt`',
  'job.snoozed': 'it asked to be run again at `data.runAt`',
  'job.interrupted': 'its worker stopped; it runs again',
  'job.stalled': 'its worker was not heard of; it runs again',
  'job.promoted': 'it was let run before its time',
  'job.redriven': 'somebody let it run again after its end',
  'job.crashed': 'the thread or process that ran it died',
  'job.waiting-children': 'it waits for its children',
  'job.completed': 'it has done its work',
  'job.failed': 'it has failed for good: `data.code`, `data.fingerprint`',
  'job.removed': 'it was taken out of its queue unfinished',
  'job.restored': 'it was gone from its queue and has been put back from the record',
  'job.moved': 'it went to another engine',
  'job.corrected': 'its queue knew more than the record: `data.state`',
}

export interface OrderlyEvent {
  /** The same for the same happening, however often it is given. */
  readonly id: string
  readonly type: EventType
  /** Of the shape of this object. Fields are added within a version, never changed. */
  readonly version: 1
  /** Grows along the record; the events of one job come in this order. */
  readonly sequence: number
  /** Milliseconds since 1970 UTC. */
  readonly at: number
  readonly job: {
    readonly id: string
    readonly name: string
    readonly queue: string
    /** `<queue>/<id>` of the parent, in a flow. */
    readonly parent: string | null
    readonly schedule: string | null
    readonly priority: number
    readonly createdAt: number
  }
  readonly attempt: number | null
  readonly data: EventData
}

/** What is known only then. */
export interface EventData {
  readonly code?: string
  readonly fingerprint?: string
  readonly runAt?: number
  readonly by?: string
  readonly how?: string
  readonly quarantined?: boolean
  readonly state?: string
}

/** An event with its job, as the record has them. */
export interface LoggedEvent {
  readonly n: number
  readonly job_id: string
  readonly key: string
  readonly at: number
  readonly type: string
  readonly attempt: number | null
  readonly detail: string
  readonly name: string
  readonly queue: string
  readonly parent: string | null
  readonly schedule: string | null
  readonly priority: number
  readonly created_at: number
  /** What its job shows of its last error. */
  readonly error_code: string | null
  readonly fingerprint: string | null
}

const MASKED = /^(ORDERLY_[A-Z_]+)#([0-9a-f]{12})$/
const WORD = /^[\w.-]{1,64}$/
/** Members of a detail that are words or numbers of ours, and the only ones that leave. */
const NUMBERS = ['runAt'] as const
const WORDS = ['code', 'fingerprint', 'by', 'how', 'state'] as const

export function eventOf(row: LoggedEvent): OrderlyEvent {
  return {
    id: `${row.job_id}:${row.key}`,
    type: `job.${row.type}` as EventType,
    version: 1,
    sequence: row.n,
    at: row.at,
    job: {
      id: row.job_id,
      name: row.name,
      queue: row.queue,
      parent: row.parent,
      schedule: row.schedule,
      priority: row.priority,
      createdAt: row.created_at,
    },
    attempt: row.attempt,
    data: dataOf({
      // Where the queue knows the error in its own words, the record has its code.
      ...(row.type === 'failed' ? { code: row.error_code, fingerprint: row.fingerprint } : {}),
      ...(JSON.parse(row.detail) as Record<string, unknown>),
    }),
  }
}

function dataOf(detail: Record<string, unknown>): EventData {
  const data: Record<string, unknown> = {}
  for (const name of NUMBERS) if (typeof detail[name] === 'number') data[name] = detail[name]
  for (const name of WORDS) {
    const value = detail[name]
    if (typeof value === 'string' && WORD.test(value)) data[name] = value
  }
  if (detail['quarantined'] === true) data['quarantined'] = true
  const masked = MASKED.exec(typeof detail['reason'] === 'string' ? detail['reason'] : '')
  if (masked) Object.assign(data, { code: masked[1], fingerprint: masked[2] })
  return data
}

export interface EventFilter {
  /** All of them unless told. `job.*` is all as well. */
  readonly types?: readonly (EventType | '*' | 'job.*')[]
  /** Names of jobs, or with a `*` at the end those that begin so. */
  readonly jobs?: readonly string[]
  readonly queues?: readonly string[]
}

/** Whether an event is one of those that `filter` is about. Every part that is given must hold. */
export function fits({ types, jobs, queues }: EventFilter, event: OrderlyEvent): boolean {
  return (
    (types === undefined || types.some((type) => matches(type, event.type))) &&
    (jobs === undefined || jobs.some((name) => matches(name, event.job.name))) &&
    (queues === undefined || queues.some((name) => matches(name, event.job.queue)))
  )
}

/** Whether a name is this one, or begins as one that ends in `*`. */
export function matches(glob: string, name: string): boolean {
  return glob.endsWith('*') ? name.startsWith(glob.slice(0, -1)) : glob === name
}
