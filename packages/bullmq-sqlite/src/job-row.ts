/** Owns the row of a job: finding it, and turning it into what BullMQ calls a job. */
import type { JobJson, JobProgress, JobsOptions, ParentKeys } from 'bullmq'
import type { QueueState } from './queue-state.ts'
import { State } from './schema.ts'
import type { Transaction } from './transaction.ts'

/** A row of `bullmq_job`. */
export interface JobRow {
  key: number
  queue: number
  id: string
  state: State
  rank: number
  timestamp: number
  delay: number
  priority: number
  attempts_made: number
  attempts_started: number
  stalled_count: number
  suspect: number
  has_children: number
  has_logs: number
  flow_refused: number
  processed_on: number | null
  finished_on: number | null
  owner: number | null
  lock_until: number | null
  token: string | null
  processed_by: string | null
  dedup_id: string | null
  scheduler_id: string | null
  parent_key: string | null
  parent: string | null
  deferred_failure: string | null
  name: string
  progress: string | null
  opts: string
  data: string
  returnvalue: string | null
  failed_reason: string | null
  stacktrace: string | null
}

/** The columns that moving a job needs, without what its handler wrote. */
export type JobHead = Pick<
  JobRow,
  | 'key'
  | 'id'
  | 'state'
  | 'rank'
  | 'timestamp'
  | 'delay'
  | 'priority'
  | 'attempts_made'
  | 'has_children'
  | 'has_logs'
  | 'flow_refused'
  | 'processed_on'
  | 'finished_on'
  | 'lock_until'
  | 'token'
  | 'dedup_id'
  | 'scheduler_id'
  | 'parent_key'
  | 'parent'
>

/** The columns of {@link JobHead}. */
export const JOB_HEAD = `key, id, state, rank, timestamp, delay, priority, attempts_made,
  has_children, has_logs, flow_refused, processed_on, finished_on, lock_until, token, dedup_id,
  scheduler_id, parent_key, parent`

const SELECT_HEAD = `SELECT ${JOB_HEAD} FROM bullmq_job WHERE queue = ? AND id = ?`
const SELECT_JOB = 'SELECT * FROM bullmq_job WHERE queue = ? AND id = ?'
const JOB_EXISTS = 'SELECT 1 FROM bullmq_job WHERE queue = ? AND id = ?'

/** The part of a job that moves need. */
export function findJob(tx: Transaction, queue: QueueState, id: string): JobHead | undefined {
  return tx.sql.get<JobHead>(SELECT_HEAD, queue.id, id)
}

/** The whole job. */
export function readJob(tx: Transaction, queue: QueueState, id: string): JobRow | undefined {
  return tx.sql.get<JobRow>(SELECT_JOB, queue.id, id)
}

/** Whether the queue has a job of that id. */
export function jobExists(tx: Transaction, queue: QueueState, id: string): boolean {
  return tx.sql.get(JOB_EXISTS, queue.id, id) !== undefined
}

/** Where a qualified job key, `<prefix>:<queue>:<id>`, leads. */
export interface Located {
  queue: QueueState
  job: JobHead
}

/**
 * Finds a job by its qualified key. An id may hold colons itself (`repeat:daily:17`), so every
 * split is tried that names a known queue, shortest id first.
 */
export function locateJob(tx: Transaction, key: string): Located | undefined {
  for (let at = key.lastIndexOf(':'); at > 0; at = key.lastIndexOf(':', at - 1)) {
    const queue = tx.findQueue(key.slice(0, at))
    const job = queue && findJob(tx, queue, key.slice(at + 1))
    if (queue && job) return { queue, job }
  }
  return undefined
}

/** The qualified key of a job. */
export function jobKey(queue: QueueState, id: string): string {
  return `${queue.name}:${id}`
}

/** What BullMQ makes a Job from. */
export function toJobJson(row: JobRow): JobJson {
  const json: Record<string, unknown> = {
    id: row.id,
    name: row.name,
    data: row.data,
    opts: JSON.parse(row.opts) as JobsOptions,
    progress: row.progress === null ? 0 : (JSON.parse(row.progress) as JobProgress),
    delay: row.delay,
    priority: row.priority,
    timestamp: row.timestamp,
    attemptsStarted: row.attempts_started,
    attemptsMade: row.attempts_made,
    stalledCounter: row.stalled_count,
  }
  if (row.finished_on !== null) json['finishedOn'] = row.finished_on
  if (row.processed_on !== null) json['processedOn'] = row.processed_on
  if (row.scheduler_id !== null) json['repeatJobKey'] = row.scheduler_id
  if (row.dedup_id !== null) json['debounceId'] = json['deduplicationId'] = row.dedup_id
  if (row.failed_reason !== null) json['failedReason'] = row.failed_reason
  if (row.deferred_failure !== null) json['deferredFailure'] = row.deferred_failure
  if (row.stacktrace !== null) json['stacktrace'] = row.stacktrace
  if (row.returnvalue !== null) json['returnvalue'] = row.returnvalue
  if (row.parent_key !== null) json['parentKey'] = row.parent_key
  if (row.parent !== null) json['parent'] = JSON.parse(row.parent) as ParentKeys
  if (row.processed_by !== null) json['processedBy'] = row.processed_by
  // BullMQ types absent fields as present; its own backends leave them out as well.
  return json as unknown as JobJson
}
