/** Owns the rate limit of a queue: a counter that ends with its window. */
import type { QueueState } from './queue-state.ts'
import type { Transaction } from './transaction.ts'

/** Milliseconds until the window ends, if `max` jobs were started in it; else 0. */
export function limitedFor(tx: Transaction, queue: QueueState, max: number | undefined): number {
  if (!max || Number.isNaN(max)) return 0
  return count(tx, queue) >= max ? Math.max(windowLeft(tx, queue), 0) : 0
}

/** Counts a start; the first one of a window begins it. */
export function countStart(tx: Transaction, queue: QueueState, duration: number): void {
  const starts = count(tx, queue) + 1
  if (starts === 1) queue.limiterUntil = tx.now + Math.floor(Math.abs(duration))
  queue.limiterCount = starts
  queue.dirty = true
}

/** Lets nothing start for that long. */
export function limitNow(tx: Transaction, queue: QueueState, duration: number): void {
  queue.limiterCount = Number.MAX_SAFE_INTEGER
  queue.limiterUntil = tx.now + duration
  queue.dirty = true
}

/** Ends the window; tells whether there was one. */
export function liftLimit(tx: Transaction, queue: QueueState): boolean {
  const had = windowLeft(tx, queue) > 0
  queue.limiterCount = 0
  queue.limiterUntil = null
  queue.dirty = true
  return had
}

/** As Redis tells a key's time to live: -2 when there is no window. */
export function limiterTtl(tx: Transaction, queue: QueueState, maxJobs?: number): number {
  const max = maxJobs || Number(queue.meta.get('max')) || 0
  if (max) return limitedFor(tx, queue, max)
  const left = windowLeft(tx, queue)
  return left > 0 ? left : -2
}

/** Milliseconds until the window ends, whoever filled it; 0 without one. */
export function windowLeft(tx: Transaction, queue: QueueState): number {
  return queue.limiterUntil === null ? 0 : Math.max(queue.limiterUntil - tx.now, 0)
}

function count(tx: Transaction, queue: QueueState): number {
  return windowLeft(tx, queue) > 0 ? queue.limiterCount : 0
}
