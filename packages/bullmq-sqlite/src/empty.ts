/** Owns emptying queues: draining, cleaning by age, obliterating. */
import { emit } from './events.ts'
import { JOB_HEAD } from './job-row.ts'
import type { JobHead } from './job-row.ts'
import { isLocked } from './lock.ts'
import type { QueueState } from './queue-state.ts'
import { purgeJob } from './remove.ts'
import {
  belongsToScheduler,
  deleteScheduler,
  scheduledJobIds,
  schedulerRange,
} from './scheduler-row.ts'
import { State } from './schema.ts'
import type { Transaction } from './transaction.ts'

const IN_STATE = `
  SELECT ${JOB_HEAD} FROM bullmq_job WHERE queue = ? AND state = ? ORDER BY rank, id LIMIT ?`
const IN_STATE_BACK = `
  SELECT ${JOB_HEAD} FROM bullmq_job WHERE queue = ? AND state = ?
  ORDER BY rank DESC, id DESC LIMIT ?`
const IN_STATE_UP_TO = `
  SELECT ${JOB_HEAD} FROM bullmq_job WHERE queue = ? AND state = ? AND rank <= ?
  ORDER BY rank, id LIMIT ?`
const DELETE_EVENTS = 'DELETE FROM bullmq_event WHERE queue = ?'
const DELETE_METRICS = 'DELETE FROM bullmq_metric WHERE queue = ?'
const DELETE_POINTS = 'DELETE FROM bullmq_metric_point WHERE queue = ?'

const ALL = -1

function jobsIn(tx: Transaction, queue: QueueState, state: State, limit: number): JobHead[] {
  return tx.sql.all<JobHead>(IN_STATE, queue.id, state, limit)
}

// Parents are released in the order their children go, which for lists is newest first.
function jobsToPurge(tx: Transaction, queue: QueueState, state: State, limit: number): JobHead[] {
  const newestFirst = state === State.wait || state === State.active
  return tx.sql.all<JobHead>(newestFirst ? IN_STATE_BACK : IN_STATE, queue.id, state, limit)
}

/** Removes what waits, and what is delayed if asked; never what a scheduler is waiting for. */
export function drain(tx: Transaction, queue: QueueState, delayed: boolean): void {
  const scheduled = scheduledJobIds(tx, queue)
  const states = delayed
    ? [State.wait, State.delayed, State.prioritized]
    : [State.wait, State.prioritized]
  for (const state of states) {
    for (const job of jobsToPurge(tx, queue, state, ALL)) {
      if (!scheduled.has(job.id)) purgeJob(tx, queue, job)
    }
  }
}

/** Removes jobs of a state that are as old as `timestamp`; returns their ids. */
export function clean(
  tx: Transaction,
  queue: QueueState,
  stateName: string,
  timestamp: number,
  limit: number,
): string[] {
  const candidates = cleanable(tx, queue, stateName, timestamp, limit || ALL)
  const removed: string[] = []
  for (const job of candidates) {
    if (belongsToScheduler(tx, queue, job)) continue
    purgeJob(tx, queue, job)
    removed.push(job.id)
  }
  emit(tx, queue, 'event', 'cleaned', 'count', removed.length)
  return removed
}

function cleanable(
  tx: Transaction,
  queue: QueueState,
  stateName: string,
  timestamp: number,
  limit: number,
): JobHead[] {
  const since = ({ finished_on, processed_on, timestamp: added }: JobHead): number =>
    finished_on ?? processed_on ?? added
  switch (stateName) {
    case 'wait':
    case 'waiting':
      // BullMQ names the newest of them first.
      return jobsIn(tx, queue, State.wait, limit)
        .filter((job) => since(job) <= timestamp)
        .toReversed()
    case 'active':
      return jobsIn(tx, queue, State.active, limit)
        .filter((job) => !isLocked(tx, job) && since(job) <= timestamp)
        .toReversed()
    case 'delayed':
      return jobsIn(tx, queue, State.delayed, limit).filter(
        (job) => (job.processed_on ?? job.timestamp) <= timestamp,
      )
    case 'prioritized':
      return jobsIn(tx, queue, State.prioritized, limit).filter((job) => job.timestamp <= timestamp)
    case 'completed':
    case 'failed':
      return tx.sql.all<JobHead>(IN_STATE_UP_TO, queue.id, State[stateName], timestamp, limit)
    case 'waiting-children':
      return tx.sql.all<JobHead>(IN_STATE_UP_TO, queue.id, State.waitingChildren, timestamp, limit)
    default:
      return []
  }
}

/** Removes up to `count` of all that a queue has. Returns 0 when done, 1 to go on, or a refusal. */
export function obliterate(
  tx: Transaction,
  queue: QueueState,
  count: number,
  force: boolean,
): number {
  if (!queue.paused) return -1
  if (queue.count(State.active) > 0 && !force) return -2
  let left = count
  const purgeState = (state: State): boolean => {
    const jobs = jobsToPurge(tx, queue, state, left)
    for (const job of jobs) purgeJob(tx, queue, job)
    left -= jobs.length
    return left <= 0
  }
  const purgeSchedulers = (): boolean => {
    const entries = schedulerRange(tx, queue, 0, left - 1, true)
    for (let at = 0; at < entries.length; at += 2) deleteScheduler(tx, queue, entries[at]!)
    left -= entries.length / 2
    return left <= 0
  }
  const steps = [
    () => purgeState(State.active),
    () => purgeState(State.delayed),
    purgeSchedulers,
    () => purgeState(State.completed),
    () => purgeState(State.wait),
    () => purgeState(State.prioritized),
    () => purgeState(State.failed),
  ]
  if (steps.some((step) => step())) return 1
  forgetQueue(tx, queue)
  return 0
}

function forgetQueue(tx: Transaction, queue: QueueState): void {
  for (const sql of [DELETE_EVENTS, DELETE_METRICS, DELETE_POINTS]) tx.sql.run(sql, queue.id)
  queue.events = []
  queue.tail = ''
  queue.tailCount = 0
  queue.oldestEvents = undefined
  queue.eventCount = 0
  queue.lastId = 0
  queue.priorityCount = 0
  queue.stalledCheckUntil = 0
  queue.meta.clear()
  queue.dirty = true
}
