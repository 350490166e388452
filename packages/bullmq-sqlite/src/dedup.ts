/** Owns deduplication: who holds an id, until when, and what was asked for while it ran. */
import type { DeduplicationOptions, JobsOptions } from 'bullmq'
import { deleteJob } from './delete.ts'
import { emit } from './events.ts'
import { findJob, jobExists } from './job-row.ts'
import { delayedPlace, placeJob, setDelay } from './place.ts'
import type { QueueState } from './queue-state.ts'
import { State } from './schema.ts'
import type { Transaction } from './transaction.ts'

const SELECT_HOLDER = 'SELECT job_id, expires_at FROM bullmq_dedup WHERE queue = ? AND id = ?'
const SET_HOLDER = `
  INSERT INTO bullmq_dedup (queue, id, job_id, expires_at) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET job_id = excluded.job_id, expires_at = excluded.expires_at`
const DELETE_HOLDER = 'DELETE FROM bullmq_dedup WHERE queue = ? AND id = ?'
const SET_NEXT = `
  INSERT INTO bullmq_dedup_next (queue, id, job) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET job = excluded.job`
const TAKE_NEXT = 'DELETE FROM bullmq_dedup_next WHERE queue = ? AND id = ? RETURNING job'

/** What is needed to add a job later than it was asked for. */
export interface JobToAdd {
  id: string
  name: string
  data: string
  opts: JobsOptions
  timestamp: number
  parentKey?: string | undefined
  parent?: string | undefined
  parentOfDependency?: string | undefined
  schedulerId?: string | undefined
}

interface Holder {
  job_id: string
  expires_at: number | null
}

/** Who holds a deduplication id now. */
export function dedupHolder(tx: Transaction, queue: QueueState, id: string): Holder | undefined {
  const holder = tx.sql.get<Holder>(SELECT_HOLDER, queue.id, id)
  return holder && (holder.expires_at === null || holder.expires_at > tx.now) ? holder : undefined
}

/** Frees a deduplication id; tells whether it was held. */
export function deleteDedup(tx: Transaction, queue: QueueState, id: string): boolean {
  const held = dedupHolder(tx, queue, id) !== undefined
  tx.sql.run(DELETE_HOLDER, queue.id, id)
  return held
}

/** Frees a deduplication id if that job holds it. */
export function deleteDedupOf(
  tx: Transaction,
  queue: QueueState,
  id: string,
  jobId: string,
): boolean {
  return dedupHolder(tx, queue, id)?.job_id === jobId && deleteDedup(tx, queue, id)
}

function hold(
  tx: Transaction,
  queue: QueueState,
  jobId: string,
  dedup: DeduplicationOptions,
): void {
  // A key that must outlive the run of its job cannot expire before it.
  const ttl = dedup.keepLastIfActive ? undefined : dedup.ttl
  tx.sql.run(SET_HOLDER, queue.id, dedup.id, jobId, ttl && ttl > 0 ? tx.now + ttl : null)
}

/** Finishing a job frees its id, unless the id was taken for a time. */
export function dedupFinished(tx: Transaction, queue: QueueState, id: string, jobId: string): void {
  const holder = dedupHolder(tx, queue, id)
  if (!holder) deleteDedup(tx, queue, id)
  else if (holder.expires_at === null && holder.job_id === jobId) deleteDedup(tx, queue, id)
}

/** Removing a job frees its id at once, and drops what was asked for meanwhile. */
export function dedupRemoved(tx: Transaction, queue: QueueState, id: string, jobId: string): void {
  if (deleteDedupOf(tx, queue, id, jobId)) tx.sql.run(TAKE_NEXT, queue.id, id)
}

/** Takes the job that was asked for while the holder ran, and gives it the id. */
export function takeDedupNext(
  tx: Transaction,
  queue: QueueState,
  id: string,
): JobToAdd | undefined {
  const next = tx.sql.get<{ job: string }>(TAKE_NEXT, queue.id, id)
  if (!next) return undefined
  const job = JSON.parse(next.job) as JobToAdd
  const dedup = job.opts.deduplication
  if (dedup) hold(tx, queue, job.id, dedup)
  return job
}

/**
 * Decides whether a job may be added under its deduplication id. Returns the id of the job that
 * stands for it, or undefined when it is to be added.
 */
export function deduplicate(
  tx: Transaction,
  queue: QueueState,
  job: JobToAdd,
  dedup: DeduplicationOptions,
  mayReplace: boolean,
): string | undefined {
  if (mayReplace && dedup.replace) return replaceHolder(tx, queue, job, dedup)
  const standing = joinHolder(tx, queue, job, dedup)
  if (standing !== undefined && mayReplace && (dedup as { reschedule?: boolean }).reschedule) {
    reschedule(tx, queue, standing, job)
  }
  return standing
}

function replaceHolder(
  tx: Transaction,
  queue: QueueState,
  job: JobToAdd,
  dedup: DeduplicationOptions,
): string | undefined {
  const holder = dedupHolder(tx, queue, dedup.id)
  if (!holder) {
    hold(tx, queue, job.id, dedup)
    return undefined
  }
  const held = findJob(tx, queue, holder.job_id)
  if (held?.state === State.delayed) {
    deleteJob(tx, queue, held)
    emit(tx, queue, 'event', 'removed', 'jobId', held.id, 'prev', 'delayed')
    emitDeduplicated(tx, queue, job.id, dedup.id, held.id)
    tx.sql.run(TAKE_NEXT, queue.id, dedup.id)
    const keepsTtl = !dedup.keepLastIfActive && !dedup.extend && (dedup.ttl ?? 0) > 0
    if (keepsTtl) tx.sql.run(SET_HOLDER, queue.id, dedup.id, job.id, holder.expires_at)
    else hold(tx, queue, job.id, dedup)
    return undefined
  }
  if (takeFromGone(tx, queue, job.id, dedup, holder)) return undefined
  keepForLater(tx, queue, job, dedup, holder.job_id)
  return holder.job_id
}

function joinHolder(
  tx: Transaction,
  queue: QueueState,
  job: JobToAdd,
  dedup: DeduplicationOptions,
): string | undefined {
  const holder = dedupHolder(tx, queue, dedup.id)
  if (!holder) {
    hold(tx, queue, job.id, dedup)
    return undefined
  }
  if (takeFromGone(tx, queue, job.id, dedup, holder)) return undefined
  if (keepForLater(tx, queue, job, dedup, holder.job_id)) return holder.job_id
  if (dedup.extend && (dedup.ttl ?? 0) > 0) hold(tx, queue, holder.job_id, dedup)
  emitDeduplicated(tx, queue, holder.job_id, dedup.id, job.id)
  return holder.job_id
}

// Without a time to live an id is freed with its job; one whose job is gone would block for ever.
function takeFromGone(
  tx: Transaction,
  queue: QueueState,
  jobId: string,
  dedup: DeduplicationOptions,
  holder: Holder,
): boolean {
  if (holder.expires_at !== null || jobExists(tx, queue, holder.job_id)) return false
  tx.sql.run(TAKE_NEXT, queue.id, dedup.id)
  hold(tx, queue, jobId, dedup)
  return true
}

function keepForLater(
  tx: Transaction,
  queue: QueueState,
  job: JobToAdd,
  dedup: DeduplicationOptions,
  holderId: string,
): boolean {
  if (!dedup.keepLastIfActive) return false
  if (findJob(tx, queue, holderId)?.state !== State.active) return false
  tx.sql.run(SET_NEXT, queue.id, dedup.id, JSON.stringify(job))
  tx.sql.run(SET_HOLDER, queue.id, dedup.id, holderId, null)
  emitDeduplicated(tx, queue, holderId, dedup.id, job.id)
  return true
}

function reschedule(tx: Transaction, queue: QueueState, standing: string, job: JobToAdd): void {
  const held = findJob(tx, queue, standing)
  if (held?.state !== State.delayed) return
  const delay = Number(job.opts.delay) || 0
  const place = delayedPlace(tx, queue, job.timestamp, delay)
  setDelay(tx, held, delay)
  placeJob(tx, queue, held, place)
  emit(tx, queue, 'event', 'delayed', 'jobId', held.id, 'delay', place.dueAt)
}

function emitDeduplicated(
  tx: Transaction,
  queue: QueueState,
  jobId: string,
  dedupId: string,
  deduplicatedJobId: string,
): void {
  const about = ['deduplicationId', dedupId, 'deduplicatedJobId', deduplicatedJobId]
  emit(tx, queue, 'event', 'deduplicated', 'jobId', jobId, ...about)
}
