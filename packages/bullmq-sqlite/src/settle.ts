/** Owns how a run ends: completed or failed, kept or removed, and what that sets free. */
import type { KeepJobs } from 'bullmq'
import { addDedupNext, parseParent } from './add.ts'
import { tryClaim } from './claim.ts'
import type { Claim, ClaimOptions } from './claim.ts'
import { dedupFinished } from './dedup.ts'
import { deleteJob } from './delete.ts'
import { Refused } from './errors.ts'
import { emit } from './events.ts'
import { childCompleted, childFailed, hasTie, letGoOfChild } from './flow.ts'
import { JOB_HEAD, findJob, jobKey, rowKey } from './job-row.ts'
import type { JobHead } from './job-row.ts'
import { NO_LOCK, checkLock } from './lock.ts'
import { collectMetric } from './metrics.ts'
import type { QueueState } from './queue-state.ts'
import { expireJob } from './remove.ts'
import { State, Tie } from './schema.ts'
import type { Transaction } from './transaction.ts'
import { updateFields } from './update.ts'

const COMPLETE = `
  UPDATE bullmq_job SET state = 5, rank = ?, attempts_made = attempts_made + 1, finished_on = ?,
    returnvalue = ?, token = NULL, lock_until = NULL, owner = NULL, suspect = 0
  WHERE key = ?`
// One that nothing else hangs on need not be read first. Whatever does not fit is looked at closely.
const COMPLETE_PLAIN = `${COMPLETE} AND state = 3 AND token = ? AND lock_until > ?
    AND has_children = 0 AND dedup_id IS NULL AND parent_key IS NULL`
const FAIL = `
  UPDATE bullmq_job SET state = 6, rank = ?, attempts_made = attempts_made + 1, finished_on = ?,
    failed_reason = ?, deferred_failure = NULL,
    token = NULL, lock_until = NULL, owner = NULL, suspect = 0
  WHERE key = ?`
const OLDER_THAN = `
  SELECT ${JOB_HEAD} FROM bullmq_job WHERE queue = ? AND state = ? AND rank <= ?
  ORDER BY rank DESC, id DESC LIMIT ?`
const OLDEST = `
  SELECT ${JOB_HEAD} FROM bullmq_job WHERE queue = ? AND state = ? ORDER BY rank, id LIMIT ?`

// A run that keeps a thousand fewer jobs than before should not hold the file for all of them.
const DEFAULT_KEEP_LIMIT = 1000

/** How a run ended, and what is to become of the job. */
export interface Ending {
  jobId: string
  token: string
  target: 'completed' | 'failed'
  /** The JSON of the result, or the reason of the failure. */
  value: string
  keep: { count?: number | undefined; age?: number | undefined; limit?: number | undefined }
  attempts: number
  maxMetricsSize: number | undefined
  fields: Record<string, unknown> | undefined
  /** Set when the worker wants its next job in the same commit. */
  next: ClaimOptions | undefined
}

/** Ends a run. Returns the next job if asked for, an empty list if none, or a refusal. */
export function settle(tx: Transaction, queue: QueueState, ending: Ending): Claim | [] | number {
  if (completePlain(tx, queue, ending)) return after(tx, queue, ending)
  const job = findJob(tx, queue, ending.jobId)
  if (!job) return Refused.jobMissing
  const key = jobKey(queue, job.id)
  const completed = ending.target === 'completed'
  if (completed && job.has_children) {
    if (hasTie(tx, key, Tie.pending)) return Refused.pendingChildren
    if (hasTie(tx, key, Tie.failed)) return Refused.failedChildren
  }
  const refused = checkLock(tx, job, ending.token)
  if (refused < 0) return refused
  if (job.state !== State.active) return Refused.notInState

  if (ending.fields) updateFields(tx, job, ending.fields)
  if (job.dedup_id) {
    dedupFinished(tx, queue, job.dedup_id, job.id)
    addDedupNext(tx, queue, job.dedup_id)
  }
  if (job.parent_key) tellParent(tx, job, key, ending)
  finish(tx, queue, job, key, ending)
  emitEnd(tx, queue, job, ending)
  return after(tx, queue, ending)
}

/** Completes a job that is locked, is kept, and has neither family nor deduplication id. */
function completePlain(tx: Transaction, queue: QueueState, ending: Ending): boolean {
  const { target, fields, keep, jobId, token } = ending
  if (target !== 'completed' || fields || keep.count === 0 || token === NO_LOCK) return false
  const key = rowKey(tx, queue, jobId)
  if (key === undefined) return false
  const { now, lockNow } = tx
  if (tx.sql.run(COMPLETE_PLAIN, now, now, ending.value, key, token, lockNow) === 0) return false
  queue.moved(State.active, State.completed)
  expire(tx, queue, State.completed, keep)
  emitCompleted(tx, queue, ending)
  return true
}

/** What follows the end of a run: it is counted, and the worker gets its next job. */
function after(tx: Transaction, queue: QueueState, ending: Ending): Claim | [] {
  if (ending.maxMetricsSize) collectMetric(tx, queue, ending.target, ending.maxMetricsSize)
  const next = ending.next && tryClaim(tx, queue, ending.next)
  if (next) return next
  const left = queue.count(State.wait) + queue.count(State.active) + queue.count(State.prioritized)
  if (left === 0) emit(tx, queue, 'event', 'drained')
  return []
}

function tellParent(tx: Transaction, job: JobHead, key: string, ending: Ending): void {
  if (ending.target === 'completed') {
    childCompleted(tx, job.parent_key!, key, ending.value)
    return
  }
  const parent = parseParent(job.parent)
  if (parent) childFailed(tx, parent, key, ending.value)
}

function finish(
  tx: Transaction,
  queue: QueueState,
  job: JobHead,
  key: string,
  ending: Ending,
): void {
  const { keep } = ending
  if (keep.count === 0) {
    deleteJob(tx, queue, job)
    if (job.parent_key) letGoOfChild(tx, job.parent_key, key)
    return
  }
  const state = ending.target === 'completed' ? State.completed : State.failed
  const sql = state === State.completed ? COMPLETE : FAIL
  tx.sql.run(sql, tx.now, tx.now, ending.value, job.key)
  queue.moved(job.state, state)
  expire(tx, queue, state, keep)
}

function expire(tx: Transaction, queue: QueueState, state: State, keep: Ending['keep']): void {
  if (keep.age !== undefined) expireOlder(tx, queue, state, keep.age, keep.limit)
  if (keep.count !== undefined && keep.count > 0) expireBeyond(tx, queue, state, keep.count)
}

function expireOlder(
  tx: Transaction,
  queue: QueueState,
  state: State,
  ageSeconds: number,
  limit = DEFAULT_KEEP_LIMIT,
): void {
  const before = tx.now - ageSeconds * 1000
  const old = tx.sql.all<JobHead>(OLDER_THAN, queue.id, state, before, limit)
  for (const job of old) expireJob(tx, queue, job)
}

function expireBeyond(tx: Transaction, queue: QueueState, state: State, count: number): void {
  const excess = queue.count(state) - count
  if (excess <= 0) return
  for (const job of tx.sql.all<JobHead>(OLDEST, queue.id, state, excess)) expireJob(tx, queue, job)
}

function emitEnd(tx: Transaction, queue: QueueState, job: JobHead, ending: Ending): void {
  if (ending.target === 'completed') return emitCompleted(tx, queue, ending)
  const { jobId, value } = ending
  emit(tx, queue, 'event', 'failed', 'jobId', jobId, 'failedReason', value, 'prev', 'active')
  const attemptsMade = job.attempts_made + 1
  if (attemptsMade >= ending.attempts)
    emit(tx, queue, 'event', 'retries-exhausted', 'jobId', jobId, 'attemptsMade', attemptsMade)
}

function emitCompleted(tx: Transaction, queue: QueueState, { jobId, value }: Ending): void {
  emit(tx, queue, 'event', 'completed', 'jobId', jobId, 'returnvalue', value, 'prev', 'active')
}

/** Reads the ways BullMQ lets one say how many finished jobs to keep. */
export function keepRule(
  ofJob: boolean | number | KeepJobs | undefined,
  ofWorker: KeepJobs | undefined,
): Ending['keep'] {
  if (ofJob === undefined) return ofWorker ?? { count: -1 }
  if (typeof ofJob === 'object') return ofJob
  if (typeof ofJob === 'number') return { count: ofJob }
  return { count: ofJob ? 0 : -1 }
}
