/** Owns what is stored of a job scheduler: its fields, its next slot, and the job it waits for. */
import type { JobHead } from './job-row.ts'
import type { QueueState } from './queue-state.ts'
import type { Transaction } from './transaction.ts'
import { slice } from './window.ts'

const SELECT_SCHEDULER = 'SELECT next, fields FROM bullmq_scheduler WHERE queue = ? AND id = ?'
const SET_SCHEDULER = `
  INSERT INTO bullmq_scheduler (queue, id, next, fields) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET next = excluded.next, fields = excluded.fields`
const DELETE_SCHEDULER = 'DELETE FROM bullmq_scheduler WHERE queue = ? AND id = ?'
const COUNT_SCHEDULERS = 'SELECT count(*) AS n FROM bullmq_scheduler WHERE queue = ?'
const SELECT_RANGE = `
  SELECT id, next FROM bullmq_scheduler WHERE queue = ? ORDER BY next, id LIMIT ? OFFSET ?`
const SELECT_RANGE_BACK = `
  SELECT id, next FROM bullmq_scheduler WHERE queue = ? ORDER BY next DESC, id DESC LIMIT ? OFFSET ?`

/** What is stored of a scheduler, every value as text, as its readers expect. */
export type Fields = Record<string, string>

/** A scheduler's next slot and what is stored of it. */
export interface Scheduler {
  next: number
  fields: Fields
}

/** Reads a scheduler. */
export function readScheduler(
  tx: Transaction,
  queue: QueueState,
  id: string,
): Scheduler | undefined {
  const row = tx.sql.get<{ next: number; fields: string }>(SELECT_SCHEDULER, queue.id, id)
  return row && { next: row.next, fields: JSON.parse(row.fields) as Fields }
}

/** Writes a scheduler. */
export function writeScheduler(
  tx: Transaction,
  queue: QueueState,
  id: string,
  to: Scheduler,
): void {
  tx.sql.run(SET_SCHEDULER, queue.id, id, to.next, JSON.stringify(to.fields))
}

/** Whether a scheduler of that id is registered. */
export function isScheduler(tx: Transaction, queue: QueueState, id: string): boolean {
  return readScheduler(tx, queue, id) !== undefined
}

/** Whether the job is the one its scheduler is waiting for. */
export function belongsToScheduler(
  tx: Transaction,
  queue: QueueState,
  job: Pick<JobHead, 'id' | 'scheduler_id'>,
): boolean {
  if (job.scheduler_id === null) return false
  const scheduler = readScheduler(tx, queue, job.scheduler_id)
  return scheduler !== undefined && job.id === slotJobId(job.scheduler_id, scheduler.next)
}

/** The id of the job that stands for a slot. */
export function slotJobId(schedulerId: string, millis: number): string {
  return `repeat:${schedulerId}:${millis}`
}

/** Deletes a scheduler and leaves its job. */
export function deleteScheduler(tx: Transaction, queue: QueueState, id: string): void {
  tx.sql.run(DELETE_SCHEDULER, queue.id, id)
}

/** The stored fields of a scheduler. */
export function schedulerFields(tx: Transaction, queue: QueueState, id: string): Fields {
  return readScheduler(tx, queue, id)?.fields ?? {}
}

/** The fields of a scheduler as a flat list, and its next slot. */
export function schedulerEntry(
  tx: Transaction,
  queue: QueueState,
  id: string,
): [string[] | null, string | null] {
  const scheduler = readScheduler(tx, queue, id)
  if (!scheduler) return [null, null]
  return [Object.entries(scheduler.fields).flat(), String(scheduler.next)]
}

/** Ids and next slots in turn, by slot. */
export function schedulerRange(
  tx: Transaction,
  queue: QueueState,
  start: number,
  end: number,
  asc: boolean,
): string[] {
  const { offset, limit } = slice(countSchedulers(tx, queue), start, end)
  const sql = asc ? SELECT_RANGE : SELECT_RANGE_BACK
  const rows = tx.sql.all<{ id: string; next: number }>(sql, queue.id, limit, offset)
  return rows.flatMap(({ id, next }) => [id, String(next)])
}

/** The ids of the jobs that schedulers are waiting for. */
export function scheduledJobIds(tx: Transaction, queue: QueueState): Set<string> {
  const rows = tx.sql.all<{ id: string; next: number }>(SELECT_RANGE, queue.id, -1, 0)
  return new Set(rows.map(({ id, next }) => slotJobId(id, next)))
}

/** How many schedulers a queue has. */
export function countSchedulers(tx: Transaction, queue: QueueState): number {
  return tx.sql.get<{ n: number }>(COUNT_SCHEDULERS, queue.id)?.n ?? 0
}
