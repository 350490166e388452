/** Owns a queue's settings: a flat map of texts that BullMQ reads and writes by name. */
import { emit } from './events.ts'
import type { QueueState } from './queue-state.ts'
import type { Transaction } from './transaction.ts'

/** Writes settings; returns how many are new. */
export function setMeta(queue: QueueState, values: Record<string, string | number>): number {
  let added = 0
  for (const [field, value] of Object.entries(values)) {
    if (!queue.meta.has(field)) added++
    if (queue.meta.get(field) === String(value)) continue
    queue.meta.set(field, String(value))
    queue.dirty = true
  }
  return added
}

/** Removes settings; returns how many there were. */
export function removeMeta(queue: QueueState, fields: string[]): number {
  const removed = fields.filter((field) => queue.meta.delete(field)).length
  if (removed > 0) queue.dirty = true
  return removed
}

/** Stops or lets go on the handing out of jobs. */
export function pause(tx: Transaction, queue: QueueState, paused: boolean): void {
  if (paused) queue.meta.set('paused', '1')
  else queue.meta.delete('paused')
  queue.dirty = true
  emit(tx, queue, 'event', paused ? 'paused' : 'resumed')
}
