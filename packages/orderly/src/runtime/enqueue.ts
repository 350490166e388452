// Puts jobs in their queues: checks the input, gives an id, hands over to the engine.
import type { RawQueue } from '../engine/raw.ts'
import { dropLease, takeLease } from '../history/lease.ts'
import { findJob } from '../history/find.ts'
import type { JobDefinition } from '../job/define-job.ts'
import type { EnqueuedJob, EnqueueOptions } from '../job/enqueue-options.ts'
import type { JobMarks } from '../job/marks.ts'
import { recordIdOf } from '../job/record-id.ts'
import type { Accepted, Schema } from '../job/schema.ts'
import { milliseconds } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import { leaveLane } from '../state/lane-ends.ts'
import { canonicalJson } from '../primitives/canonical-json.ts'
import { claimRequest } from '../state/idempotency.ts'
import { entryFor, type Entry } from './entry.ts'
import { kick, park } from './lanes.ts'
import type { Rooms } from './rooms.ts'
import { writeOutbox } from './write-outbox.ts'

export interface EnqueueItem<Input extends Schema> {
  readonly input: Accepted<Input>
  readonly options?: EnqueueOptions
}

const DEFAULT_IDEMPOTENCY = '24h'
const LONGEST_KEY = 255

/**
 * Puts one job in its queue and resolves once it is stored.
 *
 * @param marks what the caller notes on it beside what its definition says
 * @throws OrderlyError `ORDERLY_INPUT_INVALID`, `ORDERLY_JOB_UNKNOWN`, `ORDERLY_PAYLOAD_TOO_LARGE`,
 *   `ORDERLY_KEY_UNAVAILABLE`, `ORDERLY_DUPLICATE`, `ORDERLY_IDEMPOTENCY_CONFLICT`, `ORDERLY_QUEUE_FULL`,
 *   `ORDERLY_OVERLOADED`
 */
export async function enqueue<Input extends Schema>(
  rooms: Rooms,
  job: JobDefinition<Input>,
  input: Accepted<Input>,
  options: EnqueueOptions = {},
  marks: JobMarks = {},
): Promise<EnqueuedJob> {
  return rooms.telemetry.enqueue(job, 1, (noted) =>
    enqueueOne(rooms, job, input, options, { ...noted, ...marks }),
  )
}

async function enqueueOne(
  rooms: Rooms,
  job: JobDefinition,
  input: unknown,
  options: EnqueueOptions,
  marks: JobMarks,
): Promise<EnqueuedJob> {
  const entry = await entryFor(rooms, job, input, options, marks)
  if (options.transaction) {
    refuseWithTransaction(options, entry)
    return writeOutbox(rooms, job.queue, entry, options.transaction)
  }
  if (options.idempotencyKey === undefined) return enqueueEntry(rooms, job, entry)
  await checkRoom(rooms, job, 1)
  const answer = await answerOf(rooms, job, entry, options)
  if (answer !== entry.opts.jobId) {
    await rooms.recorder.flush()
    // Whoever claimed the request may have died before the job was accepted.
    if (await findJob(rooms.history, recordIdOf(job.queue, answer)))
      return { id: answer, duplicate: true }
  }
  return addOne(rooms, job, { ...entry, opts: { ...entry.opts, jobId: answer } })
}

/** Puts a job that was checked already in its queue. */
export async function enqueueEntry(
  rooms: Rooms,
  job: JobDefinition,
  entry: Entry,
): Promise<EnqueuedJob> {
  await checkRoom(rooms, job, 1)
  return addOne(rooms, job, entry)
}

/**
 * Puts many jobs of one kind in their queue in one step: all are stored, or none. Those with an idempotency key are
 * checked together and then stored one by one.
 */
export async function enqueueMany<Input extends Schema>(
  rooms: Rooms,
  job: JobDefinition<Input>,
  items: readonly EnqueueItem<Input>[],
  marks: JobMarks = {},
): Promise<EnqueuedJob[]> {
  if (items.length === 0) return []
  return rooms.telemetry.enqueue(job, items.length, (noted) =>
    enqueueAll(rooms, job, items, { ...noted, ...marks }),
  )
}

async function enqueueAll(
  rooms: Rooms,
  job: JobDefinition,
  items: readonly EnqueueItem<Schema>[],
  marks: JobMarks,
): Promise<EnqueuedJob[]> {
  const transactions = new Set(items.map(({ options }) => options?.transaction))
  if (transactions.size > 1)
    throw new OrderlyError(
      'ORDERLY_INPUT_INVALID',
      'jobs that are enqueued together are all in one transaction, or in none',
    )
  // One by one where each is a matter of its own: inside a caller's transaction, which makes them all or none, and
  // where an answer may be that there is one already. None is stored before all have been checked.
  if (items.some(({ options }) => options?.transaction ?? options?.idempotencyKey)) {
    await Promise.all(
      items.map(({ input, options }) => entryFor(rooms, job, input, options ?? {}, marks)),
    )
    const written: EnqueuedJob[] = []
    for (const { input, options } of items)
      written.push(await enqueueOne(rooms, job, input, options ?? {}, marks))
    return written
  }
  const entries = await Promise.all(
    items.map(({ input, options }) => entryFor(rooms, job, input, options ?? {}, marks)),
  )
  if (entries.some(({ duplicate }) => duplicate === 'refuse' || duplicate === 'replace'))
    throw new OrderlyError(
      'ORDERLY_NOT_SUPPORTED',
      `jobs that refuse or replace their doubles are enqueued one by one, for some may be stored and others not; use enqueue`,
    )
  await checkRoom(rooms, job, entries.length)
  const added = await addMany(rooms, job, entries)
  return added.map(({ id }, index) => accepted(id!, entries[index]!))
}

/** Adds jobs in one step. @returns the ids that stand in the queue for them */
export async function addMany(
  rooms: Rooms,
  job: JobDefinition,
  entries: readonly Entry[],
): Promise<{ readonly id?: string | undefined }[]> {
  await parkEntries(rooms, job, entries)
  const { engine } = rooms.engines.current()
  const added = await engine
    .queue(job.queue)
    .addBulk(entries.map(({ name, data, opts }) => ({ name, data, opts })))
  await dropDoubles(
    rooms,
    job,
    entries.filter(({ opts }, index) => added[index]!.id !== opts.jobId),
  )
  kick(rooms, job.name)
  return added
}

/** Jobs that were not added, for there is one of their key, do not wait for a turn. */
async function dropDoubles(
  rooms: Rooms,
  { queue }: JobDefinition,
  doubles: readonly Entry[],
): Promise<void> {
  for (const { opts } of doubles)
    if (opts.orderly?.lane) await leaveLane(rooms.state, recordIdOf(queue, opts.jobId))
}

async function parkEntries(
  rooms: Rooms,
  { queue }: JobDefinition,
  entries: readonly Entry[],
): Promise<void> {
  const at = rooms.clock.now()
  await park(
    rooms,
    entries.map(({ name, opts }) => ({ id: opts.jobId, queue, name, opts, at })),
  )
}

/** How long whoever replaces a job keeps others of its key waiting, should it die meanwhile. */
const REPLACING_MS = 5_000
const LOOK_AGAIN_MS = 5

/**
 * Lets one at a time replace the job of a key: which job gives way is found out in one step and changed in another, and
 * what gave way must not come back.
 */
async function replacing<T>(rooms: Rooms, key: string, work: () => Promise<T>): Promise<T> {
  const { clock, history, vault } = rooms
  const lease = `replace/${await vault.blindIndex('replace', key)}`
  const holder = newId(clock.now())
  while (!(await takeLease(history, lease, holder, clock.now(), REPLACING_MS)))
    await clock.sleep(LOOK_AGAIN_MS)
  try {
    return await work()
  } finally {
    await dropLease(history, lease, holder)
  }
}

function addOne(rooms: Rooms, job: JobDefinition, entry: Entry): Promise<EnqueuedJob> {
  if (entry.duplicate !== 'replace') return addAlone(rooms, job, entry)
  const key = `${job.queue}/${entry.opts.deduplication!.id}`
  return replacing(rooms, key, () => addAlone(rooms, job, entry))
}

async function addAlone(rooms: Rooms, job: JobDefinition, entry: Entry): Promise<EnqueuedJob> {
  const { engine, name } = rooms.engines.current()
  const queue = engine.queue(job.queue)
  const key = entry.opts.deduplication?.id
  const before = entry.duplicate === 'replace' ? await queue.getDeduplicationJobId(key!) : undefined
  await parkEntries(rooms, job, [entry])
  const { id } = await queue.add(entry.name, entry.data, entry.opts)
  if (id !== entry.opts.jobId) await dropDoubles(rooms, job, [entry])
  kick(rooms, job.name)
  if (id !== entry.opts.jobId && entry.duplicate === 'refuse')
    throw new OrderlyError(
      'ORDERLY_DUPLICATE',
      `job ${id} of kind "${job.name}" has the same unique key; wait for it, or enqueue with another key`,
    )
  // One that has begun meanwhile goes on beside the new one.
  const isGone = before && id === entry.opts.jobId && (await isOut(engine.raw(job.queue), before))
  if (isGone) {
    const at = rooms.clock.now()
    const jobId = recordIdOf(job.queue, before)
    if (entry.opts.orderly?.lane) await leaveLane(rooms.state, jobId)
    // Its queue has dropped it by itself; without this the reconciler would put it back.
    await rooms.recorder.record([
      {
        engine: name,
        event: {
          id: `${jobId}:deduplicated:${newId(at)}`,
          jobId,
          at,
          type: 'deduplicated',
          by: recordIdOf(job.queue, id),
        },
      },
    ])
  }
  return accepted(id!, entry)
}

async function isOut(queue: RawQueue, id: string): Promise<boolean> {
  return (await queue.state(id)) === 'unknown'
}

function accepted(id: string, entry: Entry): EnqueuedJob {
  return id === entry.opts.jobId ? { id } : { id, duplicate: true }
}

export async function checkRoom(rooms: Rooms, job: JobDefinition, count: number): Promise<void> {
  const queue = rooms.registry.queues.get(job.queue)!
  await rooms.backpressure.check(queue, count, () =>
    rooms.engines.current().engine.raw(job.queue).waitingCount(),
  )
}

/** The id of the job that answers this request. */
async function answerOf(
  rooms: Rooms,
  job: JobDefinition,
  entry: Entry,
  options: EnqueueOptions,
): Promise<string> {
  const given = options.idempotencyKey!
  if (given === '' || given.length > LONGEST_KEY)
    throw new OrderlyError(
      'ORDERLY_INPUT_INVALID',
      `an idempotency key has 1 to ${LONGEST_KEY} characters`,
    )
  const field = `idempotency/${job.name}`
  const key = await rooms.vault.blindIndex(field, given)
  const input = await rooms.vault.blindIndex(`${field}/input`, canonicalJson(entry.data))
  const now = rooms.clock.now()
  const until = now + milliseconds(options.idempotencyFor ?? DEFAULT_IDEMPOTENCY)
  const mine = { jobId: entry.opts.jobId, input }
  const answer = await claimRequest(rooms.state, key, mine, now, until)
  if (answer.input !== null && answer.input !== input)
    throw new OrderlyError(
      'ORDERLY_IDEMPOTENCY_CONFLICT',
      `this idempotency key was used for another input of "${job.name}", which is job ${answer.jobId}; use a new key for a new request`,
    )
  return answer.jobId
}

function refuseWithTransaction(options: EnqueueOptions, { duplicate }: Entry): void {
  const what =
    options.idempotencyKey === undefined
      ? duplicate === 'refuse' || duplicate === 'replace'
        ? `unique with onDuplicate: '${duplicate}'`
        : undefined
      : 'idempotencyKey'
  if (what === undefined) return
  throw new OrderlyError(
    'ORDERLY_NOT_SUPPORTED',
    `${what} cannot be used inside a transaction, where the job does not reach its queue before the commit; use unique with onDuplicate: 'first'`,
  )
}
