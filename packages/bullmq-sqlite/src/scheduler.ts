/** Owns job schedulers: their next slot, and the delayed job that stands for it. */
import type { JobsOptions, RepeatableOptions } from 'bullmq'
import { insertJob } from './add.ts'
import { deleteJob } from './delete.ts'
import { Refused } from './errors.ts'
import { emit, maxEvents } from './events.ts'
import { findJob, jobExists } from './job-row.ts'
import type { QueueState } from './queue-state.ts'
import { purgeJob } from './remove.ts'
import { deleteScheduler, readScheduler, slotJobId, writeScheduler } from './scheduler-row.ts'
import type { Fields } from './scheduler-row.ts'
import { State } from './schema.ts'
import type { Transaction } from './transaction.ts'

// Old jobs may hold many slots in a row; looking further would only hide a contest over the id.
const MAX_SLOTS_TRIED = 32

/** Options of a slot's job; the fields of `repeat` are BullMQ's own affair. */
export type SlotJobOptions = JobsOptions & {
  repeat?: { every?: number | null; offset?: number | null }
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
  let offset = opts.offset ?? jobOpts.repeat?.offset ?? 0
  let changedEvery = false
  if (every) {
    changedEvery = previous !== undefined && Number(previous.fields['every']) !== every
    const from = changedEvery ? undefined : previous?.next
    ;({ millis, offset } = nextSlot(from, every, tx.now, offset, opts.startDate))
  }

  const replaced =
    previous !== undefined && removePendingJob(tx, queue, slotJobId(id, previous.next))
  let storedOffset: number | undefined = opts.offset || undefined
  if (!replaced) storedOffset = offset
  else if (every && !changedEvery) millis = previous.next

  if (jobExists(tx, queue, slotJobId(id, millis))) {
    if (!every) {
      if (!replaced || !clearSlot(tx, queue, slotJobId(id, millis))) {
        return Refused.schedulerJobIdCollision
      }
    } else {
      const free = nextFreeSlot(tx, queue, id, millis, every)
      if (free === undefined) return Refused.schedulerSlotsBusy
      millis = free
    }
  }

  const fields = fieldsOf(opts, storedOffset, templateData, templateOpts, previous?.fields)
  writeScheduler(tx, queue, id, { next: millis, fields })
  const delay = Math.max(millis - tx.now, 0)
  addSlotJob(tx, queue, id, millis, opts.name, templateData, { ...jobOpts, delay })
  return [slotJobId(id, millis), delay]
}

// A schedule that moves on to a slot it had left may take it again, unless that job is running.
function clearSlot(tx: Transaction, queue: QueueState, jobId: string): boolean {
  const job = findJob(tx, queue, jobId)
  if (!job || job.state === State.active) return false
  deleteJob(tx, queue, job)
  return true
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
    opts: { ...opts, ...(opts.repeat && { repeat: withoutNulls(opts.repeat) }), jobId: id },
    timestamp: tx.now,
    schedulerId,
  })
}

// BullMQ hands over fields that are null; nobody who reads them back expects to find them.
function withoutNulls<T extends object>(fields: T): T {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  ) as T
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
