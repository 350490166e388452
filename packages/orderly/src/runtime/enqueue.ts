// Puts jobs in their queues: checks the input, gives an id, hands over to the engine.
import type { BulkJobOptions } from '../engine/dialect.ts'
import type { RecordedOptions } from '../engine/recorded.ts'
import type { JobDefinition } from '../job/define-job.ts'
import type { EnqueueOptions } from '../job/enqueue-options.ts'
import { resolvePriority } from '../job/options.ts'
import { parseInput } from '../job/payload.ts'
import type { Accepted, Schema } from '../job/schema.ts'
import { milliseconds } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import type { Rooms } from './rooms.ts'
import { termsOf } from './terms.ts'
import { writeOutbox } from './write-outbox.ts'

/** A job that has been accepted: it is in the store when a caller gets this. */
export interface EnqueuedJob {
  readonly id: string
}

export interface EnqueueItem<Input extends Schema> {
  readonly input: Accepted<Input>
  readonly options?: EnqueueOptions
}

/**
 * Puts one job in its queue and resolves once it is stored.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID`, `ORDERLY_JOB_UNKNOWN`, `ORDERLY_PAYLOAD_TOO_LARGE`,
 *   `ORDERLY_KEY_UNAVAILABLE`
 */
export async function enqueue<Input extends Schema>(
  rooms: Rooms,
  job: JobDefinition<Input>,
  input: Accepted<Input>,
  options: EnqueueOptions = {},
): Promise<EnqueuedJob> {
  const entry = await entryFor(rooms, job, input, options)
  if (options.transaction) return writeOutbox(rooms, job.queue, entry, options.transaction)
  const { engine } = rooms.engines.current()
  const added = await engine.queue(job.queue).add(entry.name, entry.data, entry.opts)
  return { id: added.id! }
}

/** Puts many jobs of one kind in their queue in one step: all are stored, or none. */
export async function enqueueMany<Input extends Schema>(
  rooms: Rooms,
  job: JobDefinition<Input>,
  items: readonly EnqueueItem<Input>[],
): Promise<EnqueuedJob[]> {
  if (items.length === 0) return []
  // Inside a caller's transaction it is that transaction that makes them all or none.
  if (items.some(({ options }) => options?.transaction)) {
    const written: EnqueuedJob[] = []
    for (const { input, options } of items) written.push(await enqueue(rooms, job, input, options))
    return written
  }
  const entries = await Promise.all(
    items.map(({ input, options }) => entryFor(rooms, job, input, options ?? {})),
  )
  const { engine } = rooms.engines.current()
  const added = await engine.queue(job.queue).addBulk(entries)
  return added.map(({ id }) => ({ id: id! }))
}

export interface Entry {
  readonly name: string
  readonly data: unknown
  readonly opts: BulkJobOptions & RecordedOptions & { readonly jobId: string }
}

async function entryFor(
  rooms: Rooms,
  job: JobDefinition,
  input: unknown,
  options: EnqueueOptions,
): Promise<Entry> {
  if (rooms.registry.jobs.get(job.name) !== job) {
    throw new OrderlyError(
      'ORDERLY_JOB_UNKNOWN',
      `job "${job.name}" is not registered here; add it, or its pack, to createOrderly`,
    )
  }
  // Stored as given, not as parsed: a schema that transforms would not fit its own result when it is parsed to be run.
  await parseInput(job, input)
  const terms = await termsOf(rooms, job, input, options)
  const { attempts, priority, retention } = job.options
  return {
    name: job.name,
    data: input,
    opts: {
      jobId: newId(rooms.clock.now()),
      attempts,
      // The wait before the next attempt comes with the error, see worker.ts.
      backoff: { type: 'orderly' },
      priority: priorityOf(options, priority),
      // Finished jobs leave their queue by the clock (expire.ts), not when the next one happens to finish.
      keep: retention,
      ...(terms.length === 0 ? {} : { terms }),
      ...(options.delay === undefined ? {} : { delay: milliseconds(options.delay) }),
      ...(options.unique === undefined
        ? {}
        : { deduplication: { id: `${job.name}/${options.unique}` } }),
    },
  }
}

function priorityOf(options: EnqueueOptions, usual: number): number {
  return options.priority === undefined ? usual : resolvePriority('priority', options.priority)
}
