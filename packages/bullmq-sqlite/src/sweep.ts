/** Owns taking jobs back from workers that lost them: silent ones in two passes, dead ones at once. */
import { emit } from './events.ts'
import { JOB_HEAD, findJob } from './job-row.ts'
import type { JobHead } from './job-row.ts'
import { isLocked } from './lock.ts'
import { deleteOwner, isDead, otherOwners } from './owner.ts'
import { releaseJob, waitPlace } from './place.ts'
import type { QueueState } from './queue-state.ts'
import { isScheduler } from './scheduler-row.ts'
import { trimEvents, maxEvents } from './events.ts'
import { State } from './schema.ts'
import type { Statements } from './statements.ts'
import type { Transaction } from './transaction.ts'

const SUSPECTS = `
  SELECT ${JOB_HEAD} FROM bullmq_job WHERE queue = ? AND state = 3 AND suspect = 1
  ORDER BY rank`
const MARK_SUSPECTS = 'UPDATE bullmq_job SET suspect = 1 WHERE queue = ? AND state = 3'
const HELD_BY = `
  SELECT job.queue, job.id FROM bullmq_queue AS queue CROSS JOIN bullmq_job AS job
  ON job.queue = queue.id AND job.state = 3
  WHERE job.owner = ? ORDER BY job.queue, job.rank DESC`
const COUNT_STALL = `
  UPDATE bullmq_job SET stalled_count = stalled_count + 1 WHERE key = ? RETURNING stalled_count`
const DEFER_FAILURE = 'UPDATE bullmq_job SET deferred_failure = ? WHERE key = ?'
const DELETE_CLIENTS = 'DELETE FROM bullmq_client WHERE owner = ?'

/**
 * Takes back the jobs marked by the last pass whose lock is still gone, then marks all that are
 * active. A worker that renews its lock clears the mark. Returns the ids it took back.
 */
export function sweep(
  tx: Transaction,
  queue: QueueState,
  maxStalled: number,
  interval: number,
): string[] {
  const wait = queue.stalledCheckUntil - tx.now
  // A wait longer than the interval was written by a clock that was ahead, and must not bind us.
  if (wait > 0 && wait <= interval) return []
  queue.stalledCheckUntil = tx.now + interval
  queue.dirty = true
  trimEvents(tx.sql, queue, maxEvents(queue))

  const stalled: string[] = []
  // As on Redis each goes before the last one, so that the one started last is in front.
  for (const job of tx.sql.all<JobHead>(SUSPECTS, queue.id)) {
    if (isLocked(tx, job)) continue
    takeBack(tx, queue, job, maxStalled)
    stalled.push(job.id)
  }
  tx.sql.run(MARK_SUSPECTS, queue.id)
  return stalled
}

/** Whether a process in the file is gone; looks without writing. */
export function anyOwnerDead(sql: Statements, ownId: number): boolean {
  return otherOwners(sql, ownId).some(isDead)
}

/** Takes back, at once, the jobs of processes that are gone. Returns them by queue. */
export function reapDead(tx: Transaction): Map<string, string[]> {
  const reaped = new Map<string, string[]>()
  for (const owner of otherOwners(tx.sql, tx.ownerId())) {
    if (!isDead(owner)) continue
    // Last started first, and each goes to the front: nothing ran after these, so they keep their order.
    for (const held of tx.sql.all<{ queue: number; id: string }>(HELD_BY, owner.id)) {
      const queue = tx.queueById(held.queue)
      const job = queue && findJob(tx, queue, held.id)
      if (!queue || !job) continue
      takeBack(tx, queue, job, queue.maxStalled)
      reaped.set(queue.name, [held.id, ...(reaped.get(queue.name) ?? [])])
    }
    tx.sql.run(DELETE_CLIENTS, owner.id)
    deleteOwner(tx.sql, owner.id)
  }
  return reaped
}

function takeBack(tx: Transaction, queue: QueueState, job: JobHead, maxStalled: number): void {
  const stalls = tx.sql.get<{ stalled_count: number }>(COUNT_STALL, job.key)?.stalled_count ?? 0
  const scheduled = job.scheduler_id !== null && isScheduler(tx, queue, job.scheduler_id)
  // The job of a schedule never fails for good by stalling: it would end the schedule.
  if (stalls > maxStalled && !scheduled) {
    tx.sql.run(DEFER_FAILURE, 'job stalled more than allowable limit', job.key)
  }
  releaseJob(tx, queue, { ...job, state: State.active }, waitPlace(queue, true))
  emit(tx, queue, 'event', 'waiting', 'jobId', job.id, 'prev', 'active')
  emit(tx, queue, 'event', 'stalled', 'jobId', job.id)
}
