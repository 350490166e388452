/** Owns the moves between states that are neither claiming nor settling. */
import type { MoveToDelayedOpts, RetryJobOpts, RetryOptions } from 'bullmq'
import { tryClaim } from './claim.ts'
import type { Claim, ClaimOptions } from './claim.ts'
import { Refused } from './errors.ts'
import { emit, maxEvents } from './events.ts'
import { childRetried, hasTie, waitsFor } from './flow.ts'
import { JOB_HEAD, findJob, jobKey } from './job-row.ts'
import type { JobHead } from './job-row.ts'
import { windowLeft } from './limiter.ts'
import { checkLock } from './lock.ts'
import {
  delayedPlace,
  placeJob,
  priorityFront,
  promoteDue,
  readyPlace,
  releaseJob,
  setDelay,
  waitPlace,
} from './place.ts'
import type { QueueState } from './queue-state.ts'
import { State, Tie } from './schema.ts'
import type { Transaction } from './transaction.ts'
import { updateFields } from './update.ts'

const COUNT_ATTEMPT = 'UPDATE bullmq_job SET attempts_made = attempts_made + 1 WHERE key = ?'
const SET_PRIORITY = 'UPDATE bullmq_job SET priority = ? WHERE key = ?'
const FORGET_RUN = `
  UPDATE bullmq_job SET finished_on = NULL, processed_on = NULL,
    failed_reason = CASE WHEN state = 6 THEN NULL ELSE failed_reason END,
    returnvalue = CASE WHEN state = 5 THEN NULL ELSE returnvalue END
  WHERE key = ?`
const RESET_MADE = 'UPDATE bullmq_job SET attempts_made = 0 WHERE key = ?'
const RESET_STARTED = 'UPDATE bullmq_job SET attempts_started = 0 WHERE key = ?'
const UP_TO = `
  SELECT ${JOB_HEAD} FROM bullmq_job WHERE queue = ? AND state = ? AND rank <= ?
  ORDER BY rank, id LIMIT ?`

function active(
  tx: Transaction,
  queue: QueueState,
  jobId: string,
  token: string,
): JobHead | number {
  const job = findJob(tx, queue, jobId)
  if (!job) return Refused.jobMissing
  const refused = checkLock(tx, job, token)
  if (refused < 0) return refused
  return job.state === State.active ? job : Refused.notInState
}

/** Lets an active job run later, and may hand out the next one. */
export function moveToDelayed(
  tx: Transaction,
  queue: QueueState,
  jobId: string,
  timestamp: number,
  delay: number,
  token: string,
  opts: MoveToDelayedOpts,
  next: ClaimOptions | undefined,
): Claim | [] | number {
  const job = active(tx, queue, jobId, token)
  if (typeof job === 'number') return job
  if (opts.fieldsToUpdate) updateFields(tx, job, opts.fieldsToUpdate)
  const place = delayedPlace(tx, queue, timestamp, delay)
  if (!opts.skipAttempt) tx.sql.run(COUNT_ATTEMPT, job.key)
  setDelay(tx, job, delay)
  releaseJob(tx, queue, job, place)
  maxEvents(queue)
  emit(tx, queue, 'event', 'delayed', 'jobId', jobId, 'delay', place.dueAt)
  const claimed = next && tryClaim(tx, queue, next)
  return claimed?.[0] ? claimed : []
}

/** Lets an active job wait for its children; false if it has none to wait for. */
export function moveToWaitingChildren(
  tx: Transaction,
  queue: QueueState,
  jobId: string,
  token: string,
  childKey: string | undefined,
): boolean | number {
  const found = findJob(tx, queue, jobId)
  if (!found) return Refused.jobMissing
  const key = jobKey(queue, jobId)
  if (hasTie(tx, key, Tie.failed)) return Refused.failedChildren
  const waits = childKey ? waitsFor(tx, key, childKey) : hasTie(tx, key, Tie.pending)
  if (!waits) return false
  const job = active(tx, queue, jobId, token)
  if (typeof job === 'number') return job
  releaseJob(tx, queue, job, { state: State.waitingChildren, rank: tx.now })
  emit(tx, queue, 'event', 'waiting-children', 'jobId', jobId, 'prev', 'active')
  return true
}

/** Puts an active job back in front; returns how long the rate limit holds. */
export function moveToFront(
  tx: Transaction,
  queue: QueueState,
  jobId: string,
  token: string,
): number {
  const job = findJob(tx, queue, jobId)
  if (!job) return Refused.jobMissing
  const refused = checkLock(tx, job, token)
  if (refused < 0) return refused
  if (job.state === State.active) {
    const place = job.priority > 0 ? priorityFront(job.priority) : waitPlace(queue, true)
    releaseJob(tx, queue, job, place)
    maxEvents(queue)
    emit(tx, queue, 'event', 'waiting', 'jobId', jobId, 'prev', 'active')
  }
  return windowLeft(tx, queue)
}

/** Puts an active job back to run again at once. Returns 0 or the number of the refusal. */
export function retryJob(
  tx: Transaction,
  queue: QueueState,
  jobId: string,
  lifo: boolean,
  token: string,
  opts: RetryJobOpts,
): number {
  promoteDue(tx, queue, tx.now)
  const job = active(tx, queue, jobId, token)
  if (typeof job === 'number') return job
  if (opts.fieldsToUpdate) updateFields(tx, job, opts.fieldsToUpdate)
  tx.sql.run(COUNT_ATTEMPT, job.key)
  releaseJob(tx, queue, job, readyPlace(queue, job.priority, lifo))
  maxEvents(queue)
  emit(tx, queue, 'event', 'waiting', 'jobId', jobId, 'prev', 'active')
  return 0
}

/** Lets a finished job run again. Returns 1 or the number of the refusal. */
export function retryFinished(
  tx: Transaction,
  queue: QueueState,
  jobId: string,
  lifo: boolean,
  from: 'completed' | 'failed',
  opts: RetryOptions,
): number {
  const job = findJob(tx, queue, jobId)
  if (!job) return Refused.jobMissing
  if (job.state !== (from === 'failed' ? State.failed : State.completed)) return Refused.notInState
  tx.sql.run(FORGET_RUN, job.key)
  if (opts.resetAttemptsMade) tx.sql.run(RESET_MADE, job.key)
  if (opts.resetAttemptsStarted) tx.sql.run(RESET_STARTED, job.key)
  placeJob(tx, queue, job, readyPlace(queue, job.priority, lifo))
  childRetried(tx, queue, job, from)
  maxEvents(queue)
  emit(tx, queue, 'event', 'waiting', 'jobId', jobId, 'prev', from)
  return 1
}

/** Puts up to `count` jobs of a state back to wait. Returns 0 when none are left. */
export function moveManyToWait(
  tx: Transaction,
  queue: QueueState,
  from: 'completed' | 'failed' | 'delayed',
  count: number,
  upTo: number,
): number {
  const state = State[from]
  const jobs = tx.sql.all<JobHead>(UP_TO, queue.id, state, upTo, count)
  if (jobs.length > 0) maxEvents(queue)
  for (const job of jobs) {
    if (from !== 'delayed') {
      tx.sql.run(FORGET_RUN, job.key)
      childRetried(tx, queue, job, from)
    }
    placeJob(tx, queue, job, waitPlace(queue, false))
    emit(tx, queue, 'event', 'waiting', 'jobId', job.id, 'prev', from)
  }
  return jobs.length >= count ? 1 : 0
}

/** Lets a delayed job run at once. Returns 0 or the number of the refusal. */
export function promote(tx: Transaction, queue: QueueState, jobId: string): number {
  const job = findJob(tx, queue, jobId)
  if (job?.state !== State.delayed) return Refused.notInState
  placeJob(tx, queue, job, readyPlace(queue, job.priority))
  setDelay(tx, job, 0)
  emit(tx, queue, 'event', 'waiting', 'jobId', jobId, 'prev', 'delayed')
  return 0
}

/** Changes when a delayed job runs. Returns 0 or the number of the refusal. */
export function changeDelay(
  tx: Transaction,
  queue: QueueState,
  jobId: string,
  delay: number,
): number {
  const job = findJob(tx, queue, jobId)
  if (!job) return Refused.jobMissing
  if (job.state !== State.delayed) return Refused.notInState
  const place = delayedPlace(tx, queue, tx.now, delay)
  setDelay(tx, job, delay)
  placeJob(tx, queue, job, place)
  maxEvents(queue)
  emit(tx, queue, 'event', 'delayed', 'jobId', jobId, 'delay', place.dueAt)
  return 0
}

/** Changes the priority of a job, and its place if it waits. Returns 0 or a refusal. */
export function changePriority(
  tx: Transaction,
  queue: QueueState,
  jobId: string,
  priority: number,
  lifo: boolean,
): number {
  const job = findJob(tx, queue, jobId)
  if (!job) return Refused.jobMissing
  if (job.state === State.wait || job.state === State.prioritized) {
    const place = priority > 0 && lifo ? priorityFront(priority) : readyPlace(queue, priority, lifo)
    placeJob(tx, queue, job, place)
  }
  tx.sql.run(SET_PRIORITY, priority, job.key)
  return 0
}
