/** Owns the row of a job: finding it, and turning it into what BullMQ calls a job. */
import type { JobJson, JobProgress, JobsOptions, ParentKeys } from 'bullmq'
import type { QueueState } from './queue-state.ts'
import type { State } from './schema.ts'
import type { RawRow } from './statements.ts'
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

const SELECT_HEAD = `SELECT ${JOB_HEAD} FROM bullmq_job WHERE key = ?`
const SELECT_JOB = 'SELECT * FROM bullmq_job WHERE key = ?'
const JOB_EXISTS = 'SELECT 1 FROM bullmq_job WHERE key = ?'
const KEY_OF_NAMED = 'SELECT key FROM bullmq_job WHERE queue = ? AND id = ? AND key < 0'
const LOWEST_KEY = 'SELECT min(key) FROM bullmq_job'

const NUMBERS_PER_QUEUE = 2 ** 36
const NUMBER = /^[1-9]\d{0,9}$/

// A job that was numbered is found by its number alone; only names need an index beside the table.
function numberedKey(queue: QueueState, id: string): number | undefined {
  return NUMBER.test(id) ? queue.id * NUMBERS_PER_QUEUE + Number(id) : undefined
}

/** The key of the job's row, if there may be one. */
export function rowKey(tx: Transaction, queue: QueueState, id: string): number | undefined {
  const numbered = numberedKey(queue, id)
  if (numbered !== undefined) return numbered
  return tx.sql.getRaw(KEY_OF_NAMED, queue.id, id)?.[0] as number | undefined
}

/** The key that a new job's row gets. Those with names are counted downwards from zero. */
export function newRowKey(tx: Transaction, queue: QueueState, id: string): number {
  const lowest = (): number => (tx.sql.getRaw(LOWEST_KEY)?.[0] ?? 0) as number
  return numberedKey(queue, id) ?? Math.min(lowest(), 0) - 1
}

/** The part of a job that moves need. */
export function findJob(tx: Transaction, queue: QueueState, id: string): JobHead | undefined {
  const key = rowKey(tx, queue, id)
  if (key === undefined) return undefined
  const row = tx.sql.getRaw(SELECT_HEAD, key)
  return row && toHead(row)
}

/** The whole job. */
export function readJob(tx: Transaction, queue: QueueState, id: string): JobRow | undefined {
  const key = rowKey(tx, queue, id)
  return key === undefined ? undefined : tx.sql.get<JobRow>(SELECT_JOB, key)
}

/** Whether the queue has a job of that id. */
export function jobExists(tx: Transaction, queue: QueueState, id: string): boolean {
  const key = rowKey(tx, queue, id)
  return key !== undefined && tx.sql.getRaw(JOB_EXISTS, key) !== undefined
}

function toHead(row: RawRow): JobHead {
  return {
    key: row[0] as number,
    id: row[1] as string,
    state: row[2] as State,
    rank: row[3] as number,
    timestamp: row[4] as number,
    delay: row[5] as number,
    priority: row[6] as number,
    attempts_made: row[7] as number,
    has_children: row[8] as number,
    has_logs: row[9] as number,
    flow_refused: row[10] as number,
    processed_on: row[11] as number | null,
    finished_on: row[12] as number | null,
    lock_until: row[13] as number | null,
    token: row[14] as string | null,
    dedup_id: row[15] as string | null,
    scheduler_id: row[16] as string | null,
    parent_key: row[17] as string | null,
    parent: row[18] as string | null,
  }
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

/** The columns of a job that BullMQ makes a Job from. */
export type JobContent = Omit<
  JobRow,
  | 'queue'
  | 'state'
  | 'rank'
  | 'suspect'
  | 'has_children'
  | 'has_logs'
  | 'flow_refused'
  | 'owner'
  | 'lock_until'
  | 'token'
>

/** The columns of {@link JobContent}. */
export const JOB_CONTENT = `key, id, name, data, opts, timestamp, delay, priority, attempts_made,
  attempts_started, stalled_count, processed_on, finished_on, processed_by, dedup_id, scheduler_id,
  parent_key, parent, deferred_failure, progress, returnvalue, failed_reason, stacktrace`

/** Names the values of {@link JOB_CONTENT}. */
export function toContent(row: RawRow): JobContent {
  return {
    key: row[0] as number,
    id: row[1] as string,
    name: row[2] as string,
    data: row[3] as string,
    opts: row[4] as string,
    timestamp: row[5] as number,
    delay: row[6] as number,
    priority: row[7] as number,
    attempts_made: row[8] as number,
    attempts_started: row[9] as number,
    stalled_count: row[10] as number,
    processed_on: row[11] as number | null,
    finished_on: row[12] as number | null,
    processed_by: row[13] as string | null,
    dedup_id: row[14] as string | null,
    scheduler_id: row[15] as string | null,
    parent_key: row[16] as string | null,
    parent: row[17] as string | null,
    deferred_failure: row[18] as string | null,
    progress: row[19] as string | null,
    returnvalue: row[20] as string | null,
    failed_reason: row[21] as string | null,
    stacktrace: row[22] as string | null,
  }
}

/** What BullMQ makes a Job from. */
export function toJobJson(row: JobContent): JobJson {
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
