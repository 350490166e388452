/** Owns where a job stands in its queue: ranks in each state, and moving between states. */
import { emit } from './events.ts'
import type { JobHead } from './job-row.ts'
import type { QueueState } from './queue-state.ts'
import { State } from './schema.ts'
import type { Transaction } from './transaction.ts'

const PLACE_JOB = 'UPDATE bullmq_job SET state = ?, rank = ? WHERE key = ?'
const RELEASE_JOB = `
  UPDATE bullmq_job SET state = ?, rank = ?, token = NULL, lock_until = NULL, owner = NULL, suspect = 0
  WHERE key = ?`
const SET_DELAY = 'UPDATE bullmq_job SET delay = ? WHERE key = ?'
const LAST_RANK_BETWEEN = `
  SELECT rank FROM bullmq_job WHERE queue = ? AND state = 2 AND rank BETWEEN ? AND ?
  ORDER BY rank DESC LIMIT 1`
const NEXT_DELAYED = `
  SELECT rank FROM bullmq_job WHERE queue = ? AND state = 2 ORDER BY rank LIMIT 1`
const DUE_JOBS = `
  SELECT key, id, priority FROM bullmq_job WHERE queue = ? AND state = 2 AND rank < ?
  ORDER BY rank, id LIMIT 1000`
const WAKE_DUE = 'UPDATE bullmq_job SET state = ?, rank = ?, delay = 0 WHERE key = ?'

// Jobs of one millisecond keep the order they came in, up to this many.
const PLACES_PER_MS = 4096
// Priorities are whole numbers, so the order of arrival fits below one.
const PLACES_PER_PRIORITY = 2 ** 32

/** A state and the rank in it. */
export interface Place {
  state: State
  rank: number
}

/** Behind (or before) all that wait without a priority. */
export function waitPlace(queue: QueueState, atFront: boolean): Place {
  return { state: State.wait, rank: atFront ? queue.frontRank() : queue.backRank() }
}

/** Behind all that have the same priority. */
export function priorityPlace(queue: QueueState, priority: number): Place {
  queue.dirty = true
  const order = ++queue.priorityCount % PLACES_PER_PRIORITY
  return { state: State.prioritized, rank: priority * PLACES_PER_PRIORITY + order }
}

/** Before all that have the same priority. */
export function priorityFront(priority: number): Place {
  return { state: State.prioritized, rank: priority * PLACES_PER_PRIORITY }
}

/** Where a job that is ready to run goes: by priority if it has one. */
export function readyPlace(queue: QueueState, priority: number, lifo = false): Place {
  return priority > 0 ? priorityPlace(queue, priority) : waitPlace(queue, lifo)
}

/** Behind all that are due in the same millisecond. */
export function delayedPlace(
  tx: Transaction,
  queue: QueueState,
  timestamp: number,
  delay: number,
): Place & { dueAt: number } {
  const dueAt = delay > 0 ? timestamp + delay : timestamp
  const first = dueAt * PLACES_PER_MS
  const last = first + PLACES_PER_MS - 1
  const taken =
    queue.count(State.delayed) === 0
      ? undefined
      : tx.sql.get<{ rank: number }>(LAST_RANK_BETWEEN, queue.id, first, last)
  const rank = taken ? Math.min(taken.rank + 1, last) : first
  noteDelayed(queue, rank)
  return { state: State.delayed, rank, dueAt }
}

/** As {@link delayedPlace}, before all of the same millisecond: where parents are put back. */
export function delayedFront(queue: QueueState, dueAt: number): Place {
  const rank = dueAt * PLACES_PER_MS
  noteDelayed(queue, rank)
  return { state: State.delayed, rank }
}

function noteDelayed(queue: QueueState, rank: number): void {
  if (queue.nextDelayedRank !== undefined && rank < queue.nextDelayedRank) {
    queue.nextDelayedRank = rank
  }
}

/** Moves a job that nobody holds. */
export function placeJob(tx: Transaction, queue: QueueState, job: JobHead, place: Place): void {
  tx.sql.run(PLACE_JOB, place.state, place.rank, job.key)
  queue.moved(job.state, place.state)
}

/** Moves a job out of the hands of its worker. */
export function releaseJob(tx: Transaction, queue: QueueState, job: JobHead, place: Place): void {
  tx.sql.run(RELEASE_JOB, place.state, place.rank, job.key)
  queue.moved(job.state, place.state)
}

/** Writes how long a job was told to wait. */
export function setDelay(tx: Transaction, job: { key: number }, delay: number): void {
  tx.sql.run(SET_DELAY, delay, job.key)
}

/** When the next delayed job is due, in milliseconds; undefined if none is delayed. */
export function nextDelayedAt(tx: Transaction, queue: QueueState): number | undefined {
  const rank = nextDelayedRank(tx, queue)
  return rank === Infinity ? undefined : rank / PLACES_PER_MS
}

function nextDelayedRank(tx: Transaction, queue: QueueState): number {
  if (queue.count(State.delayed) === 0) return Infinity
  queue.nextDelayedRank ??= tx.sql.get<{ rank: number }>(NEXT_DELAYED, queue.id)?.rank ?? Infinity
  return queue.nextDelayedRank
}

/** Makes delayed jobs whose time has come ready to run, a thousand at once. */
export function promoteDue(tx: Transaction, queue: QueueState, now: number): void {
  const end = (now + 1) * PLACES_PER_MS
  if (nextDelayedRank(tx, queue) >= end) return
  type Due = { key: number; id: string; priority: number }
  for (const job of tx.sql.all<Due>(DUE_JOBS, queue.id, end)) {
    const place = readyPlace(queue, job.priority)
    tx.sql.run(WAKE_DUE, place.state, place.rank, job.key)
    queue.moved(State.delayed, place.state)
    emit(tx, queue, 'event', 'waiting', 'jobId', job.id, 'prev', 'delayed')
  }
}
