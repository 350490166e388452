/** Owns job schedulers: their next slot, and the delayed job that stands for it. */
import type { JobsOptions, RepeatableOptions } from 'bullmq'
import { insertJob } from './add.ts'
import { Refused } from './errors.ts'
import { emit, maxEvents } from './events.ts'
import { findJob, jobExists } from './job-row.ts'
import type { JobHead } from './job-row.ts'
import type { QueueState } from './queue-state.ts'
import { deleteJob, purgeJob } from './remove.ts'
import { State } from './schema.ts'
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

// Old jobs may hold many slots in a row; looking further would only hide a contest over the id.
const MAX_SLOTS_TRIED = 32

/** Options of a slot's job; the fields of `repeat` are BullMQ's own affair. */
export type SlotJobOptions = JobsOptions & {
  repeat?: { every?: number | null; offset?: number | null }
}

/** What is stored of a scheduler, every value as text, as its readers expect. */
type Fields = Record<string, string>
interface Scheduler {
  next: number
  fields: Fields
}

function readScheduler(tx: Transaction, queue: QueueState, id: string): Scheduler | undefined {
  const row = tx.sql.get<{ next: number; fields: string }>(SELECT_SCHEDULER, queue.id, id)
  return row && { next: row.next, fields: JSON.parse(row.fields) as Fields }
}

function writeScheduler(tx: Transaction, queue: QueueState, id: string, to: Scheduler): void {
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

function slotJobId(schedulerId: string, millis: number): string {
  return `repeat:${schedulerId}:${millis}`
}

/** Registers a scheduler, or changes it, and adds its next job. Returns a refusal as a number. */
export function upsertScheduler(
  tx: Transaction,
  queue: QueueState,
  id: string,
  wantedMillis: number,
  templateData: string,
  templateOpts: JobsOptions,
  opts: RepeatableOptions,
  jobOpts: SlotJobOptions,
): [string, number] | number {
  const previous = readScheduler(tx, queue, id)
  const { every } = opts
  let millis = wantedMillis
  let offset = Number(opts.offset ?? jobOpts.repeat?.offset ?? 0)
  let changedEvery = false
  if (every) {
    changedEvery = previous !== undefined && Number(previous.fields['every']) !== every
    const from = changedEvery ? undefined : previous?.next
    ;({ millis, offset } = nextSlot(from, every, tx.now, offset, opts.startDate))
  }

  const replaced = previous !== undefined && removePendingJob(tx, queue, slotJobId(id, previous.next))
  let storedOffset: number | undefined = opts.offset || undefined
  if (!replaced) storedOffset = offset
  else if (every && !changedEvery) millis = previous.next

  if (jobExists(tx, queue, slotJobId(id, millis))) {
    if (!every) return Refused.schedulerJobIdCollision
    const free = nextFreeSlot(tx, queue, id, millis, every)
    if (free === undefined) return Refused.schedulerSlotsBusy
    millis = free
  }

  writeScheduler(tx, queue, id, {
    next: millis,
    fields: fieldsOf(opts, storedOffset, templateData, templateOpts, previous?.fields),
  })
  const delay = Math.max(millis - tx.now, 0)
  addSlotJob(tx, queue, id, millis, opts.name, templateData, { ...jobOpts, delay })
  return [slotJobId(id, millis), delay]
}

function removePendingJob(tx: Transaction, queue: QueueState, jobId: string): boolean {
  const job = findJob(tx, queue, jobId)
  const pending: readonly State[] = [State.delayed, State.prioritized, State.wait]
  if (!job || !pending.includes(job.state)) return false
  purgeJob(tx, queue, job)
  return true
}

function nextFreeSlot(
  tx: Transaction,
  queue: QueueState,
  id: string,
  millis: number,
  every: number,
): number | undefined {
  for (let tried = 1; tried <= MAX_SLOTS_TRIED; tried++) {
    const slot = millis + tried * every
    if (!jobExists(tx, queue, slotJobId(id, slot))) return slot
  }
  return undefined
}

function addSlotJob(
  tx: Transaction,
  queue: QueueState,
  schedulerId: string,
  millis: number,
  name: string,
  data: string,
  opts: SlotJobOptions,
): void {
  const id = slotJobId(schedulerId, millis)
  queue.lastId++
  queue.dirty = true
  maxEvents(queue)
  insertJob(tx, queue, {
    id,
    name,
    data,
    opts: { ...opts, jobId: id },
    timestamp: tx.now,
    schedulerId,
  })
}

/** The next slot of a schedule by interval: on its grid, in the future, missed ones skipped. */
function nextSlot(
  previous: number | undefined,
  every: number,
  now: number,
  wantedOffset: number,
  startDate: number | undefined,
): { millis: number; offset: number } {
  const onGrid = (): number => {
    const slot = Math.floor(now / every) * every + wantedOffset
    return slot <= now ? slot + every : slot
  }
  let millis: number
  if (previous !== undefined) {
    millis = previous + every
    if (millis < now) millis = onGrid()
  } else if (startDate) {
    millis = Math.max(startDate, now)
  } else {
    millis = wantedOffset > 0 ? onGrid() : now
  }
  const offset = wantedOffset || millis - Math.floor(millis / every) * every
  return { millis: Math.floor(millis), offset: Math.floor(offset) }
}

function fieldsOf(
  opts: RepeatableOptions,
  offset: number | undefined,
  templateData: string,
  templateOpts: JobsOptions,
  previous: Fields | undefined,
): Fields {
  const fields: Fields = { name: opts.name }
  for (const name of ['tz', 'limit', 'pattern', 'startDate', 'endDate', 'every'] as const) {
    if (opts[name]) fields[name] = String(opts[name])
  }
  const kept = offset ?? previous?.['offset']
  if (kept !== undefined) fields['offset'] = String(kept)
  const storedOpts = JSON.stringify(templateOpts ?? {})
  if (storedOpts !== '{}') fields['opts'] = storedOpts
  if (templateData && templateData !== '{}') fields['data'] = templateData
  fields['ic'] = previous?.['ic'] ?? '1'
  return fields
}

/** Adds the job after the one that has just started; null if another start did so already. */
export function advanceScheduler(
  tx: Transaction,
  queue: QueueState,
  id: string,
  wantedMillis: number,
  jobOpts: SlotJobOptions,
  producerId: string | undefined,
): string | null {
  const scheduler = readScheduler(tx, queue, id)
  if (!scheduler) return null
  const { fields } = scheduler
  const every = Number(fields['every']) || Number(jobOpts.repeat?.every) || 0
  let millis = wantedMillis
  if (every) {
    const offset = Number(fields['offset'] ?? jobOpts.repeat?.offset ?? 0)
    const startDate = fields['startDate'] ? Number(fields['startDate']) : undefined
    ;({ millis } = nextSlot(scheduler.next, every, tx.now, offset, startDate))
  }
  if (producerId !== slotJobId(id, scheduler.next)) return null
  const jobId = slotJobId(id, millis)
  if (jobExists(tx, queue, jobId)) {
    emit(tx, queue, 'event', 'duplicated', 'jobId', jobId)
    return null
  }
  fields['ic'] = String(Number(fields['ic'] ?? 0) + 1)
  writeScheduler(tx, queue, id, { next: millis, fields })
  const delay = Math.max(millis - tx.now, 0)
  const name = fields['name'] ?? ''
  addSlotJob(tx, queue, id, millis, name, fields['data'] ?? '{}', { ...jobOpts, delay })
  return jobId
}

/** Removes a scheduler and its delayed job. Returns 0, or 1 if there was none. */
export function removeScheduler(tx: Transaction, queue: QueueState, id: string): number {
  const scheduler = readScheduler(tx, queue, id)
  if (!scheduler) return 1
  const job = findJob(tx, queue, slotJobId(id, scheduler.next))
  if (job?.state === State.delayed) {
    deleteJob(tx, queue, job)
    emit(tx, queue, 'event', 'removed', 'jobId', job.id, 'prev', 'delayed')
  }
  deleteScheduler(tx, queue, id)
  return 0
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
