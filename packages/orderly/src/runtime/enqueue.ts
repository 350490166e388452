// Puts jobs in their queues: checks the input, gives an id, hands over to the engine.
import type { RawQueue } from '../engine/raw.ts'
import { dropLease, takeLease } from '../history/lease.ts'
import { countOutbox } from '../history/outbox.ts'
import type { JobDefinition } from '../job/define-job.ts'
import type { CallerTransaction, EnqueuedJob, EnqueueOptions } from '../job/enqueue-options.ts'
import type { JobMarks } from '../job/marks.ts'
import { recordIdOf } from '../job/record-id.ts'
import type { Accepted, Schema } from '../job/schema.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import { leaveLane } from '../state/lane-ends.ts'
import { checkItems } from './enqueue-checks.ts'
import { demandDefinition, entryFor, type Entry } from './entry.ts'
import { kick, park } from './lanes.ts'
import { answered, answering, askedFor, claimAll, type Asked } from './requests.ts'
import type { Rooms } from './rooms.ts'
import { writeOutbox } from './write-outbox.ts'

export interface EnqueueItem<Input extends Schema> {
  readonly input: Accepted<Input>
  readonly options?: EnqueueOptions
}

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
  demandDefinition(job)
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
    const [written] = await writeAll(rooms, job, [entry], options.transaction)
    return written!
  }
  const asked = await askedFor(rooms, job, entry, options)
  // Whoever asks again gets the answer, also where there is no room for more.
  const answer = (await answered(rooms, job, [asked])).get(asked)
  if (answer !== undefined) return { id: answer, duplicate: true }
  return withRoom(rooms, job, 1, async () => {
    const { fresh, doubles } = await claimAll(rooms, job, [asked])
    const claimed = fresh.get(asked)
    if (!claimed) return { id: doubles.get(asked)!, duplicate: true }
    return answering(rooms, asked, claimed, () => addOne(rooms, job, claimed))
  })
}

/** Writes jobs through the caller's transaction. What that does not hold yet, and what it does, counts as waiting. */
function writeAll(
  rooms: Rooms,
  job: JobDefinition,
  entries: readonly Entry[],
  transaction: CallerTransaction,
): Promise<EnqueuedJob[]> {
  const queue = rooms.registry.queues.get(job.queue)!
  const count = async (): Promise<number> =>
    (await countOutbox(transaction, job.queue, queue.maxWaiting ?? 0)) +
    (await countWaiting(rooms, job))
  return rooms.backpressure.admit(
    { queue, add: entries.length, count, way: 'outbox' },
    async () => {
      const written: EnqueuedJob[] = []
      for (const entry of entries)
        written.push(await writeOutbox(rooms, job.queue, entry, transaction))
      return written
    },
  )
}

/** Puts a job that was checked already in its queue. */
export async function enqueueEntry(
  rooms: Rooms,
  job: JobDefinition,
  entry: Entry,
): Promise<EnqueuedJob> {
  return withRoom(rooms, job, 1, () => addOne(rooms, job, entry))
}

/**
 * Puts many jobs of one kind in their queue in one step: all are stored, or none; those whose request was answered
 * before are not stored again.
 */
export async function enqueueMany<Input extends Schema>(
  rooms: Rooms,
  job: JobDefinition<Input>,
  items: readonly EnqueueItem<Input>[],
  marks: JobMarks = {},
): Promise<EnqueuedJob[]> {
  demandDefinition(job)
  checkItems('enqueueMany', items)
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
  const entries = await Promise.all(
    items.map(({ input, options }) => entryFor(rooms, job, input, options, marks)),
  )
  const [transaction] = transactions
  if (transaction) {
    for (const [index, entry] of entries.entries())
      refuseWithTransaction(items[index]!.options ?? {}, entry)
    return writeAll(rooms, job, entries, transaction)
  }
  if (entries.some(({ duplicate }) => duplicate === 'refuse' || duplicate === 'replace'))
    throw new OrderlyError(
      'ORDERLY_NOT_SUPPORTED',
      `jobs that refuse or replace their doubles are enqueued one by one, for some may be stored and others not; use enqueue`,
    )
  const asked = await Promise.all(
    entries.map((entry, index) => askedFor(rooms, job, entry, items[index]!.options)),
  )
  const known = await answered(rooms, job, asked)
  const open = asked.filter((one) => !known.has(one))
  const stored =
    open.length === 0
      ? new Map<Asked, EnqueuedJob>()
      : await withRoom(rooms, job, open.length, () => addAsked(rooms, job, open))
  return asked.map((one) => stored.get(one) ?? { id: known.get(one)!, duplicate: true })
}

async function addAsked(
  rooms: Rooms,
  job: JobDefinition,
  asked: readonly Asked[],
): Promise<Map<Asked, EnqueuedJob>> {
  const { fresh, doubles } = await claimAll(rooms, job, asked)
  const stored = new Map<Asked, EnqueuedJob>()
  const added = fresh.size === 0 ? [] : await addMany(rooms, job, [...fresh.values()])
  for (const [index, [one, entry]] of [...fresh].entries())
    stored.set(
      one,
      await answering(rooms, one, entry, async () => accepted(added[index]!.id!, entry)),
    )
  // What an earlier one of these answers, the job that stands for that one does.
  const holders = new Map([...fresh].map(([one, { opts }]) => [opts.jobId, stored.get(one)!.id]))
  for (const [one, id] of doubles) stored.set(one, { id: holders.get(id) ?? id, duplicate: true })
  return stored
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

/** Adds so many jobs where there is room for them. @throws OrderlyError `ORDERLY_QUEUE_FULL`, `ORDERLY_OVERLOADED` */
export function withRoom<T>(
  rooms: Rooms,
  job: JobDefinition,
  add: number,
  work: () => Promise<T>,
): Promise<T> {
  const queue = rooms.registry.queues.get(job.queue)!
  return rooms.backpressure.admit({ queue, add, count: () => countWaiting(rooms, job) }, work)
}

function countWaiting({ engines }: Rooms, { queue }: JobDefinition): Promise<number> {
  return engines.current().engine.raw(queue).waitingCount()
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
