// Jobs enqueued as a set, and the job that follows when all of them have ended, or the first has completed.
import type { JobDefinition } from '../job/define-job.ts'
import { recordIdOf } from '../job/record-id.ts'
import type { Accepted, Schema } from '../job/schema.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import {
  closeSet,
  createSet,
  findOpenSets,
  measureSet,
  type SetProgress,
  dropSet,
  hasMembers,
} from '../state/sets.ts'
import { checkItems } from './enqueue-checks.ts'
import { demandDefinition, entryFor } from './entry.ts'
import { addMany, withRoom, type EnqueueItem } from './enqueue.ts'
import { sealOutgoing } from './outgoing.ts'
import type { OutgoingJob } from '../state/outgoing.ts'
import type { Rooms } from './rooms.ts'

export interface SetOptions<Then extends Schema> {
  /** The job that follows. */
  readonly callback?: { readonly job: JobDefinition<Then>; readonly input: Accepted<Then> }
  /** `all` (the default): it follows when every job has ended, however. `any`: when the first has completed. */
  readonly when?: 'all' | 'any'
}

export interface EnqueuedSet {
  readonly id: string
  readonly jobs: readonly string[]
}

/** Enqueues jobs of one kind together: all are stored, or none. */
export async function enqueueSet<Input extends Schema, Then extends Schema>(
  rooms: Rooms,
  job: JobDefinition<Input>,
  items: readonly EnqueueItem<Input>[],
  { callback: called, when = 'all' }: SetOptions<Then> = {},
): Promise<EnqueuedSet> {
  demandDefinition(job)
  checkItems('enqueueSet', items)
  if (items.length === 0)
    throw new OrderlyError('ORDERLY_INPUT_INVALID', 'a set has at least one job')
  if (called) demandDefinition(called.job)
  const now = rooms.clock.now()
  const id = newId(now)
  const entries = await Promise.all(
    items.map(({ input, options }) => entryFor(rooms, job, input, options, { set: id })),
  )
  if (entries.some(({ duplicate }) => duplicate !== undefined))
    throw new OrderlyError(
      'ORDERLY_NOT_SUPPORTED',
      'a set is counted job by job, so its jobs cannot be unique; leave the key out or enqueue them alone',
    )
  if (items.some(({ options }) => options?.transaction ?? options?.idempotencyKey))
    throw new OrderlyError(
      'ORDERLY_NOT_SUPPORTED',
      'the jobs of a set are stored together, so none of them can be part of a transaction or of a request; enqueue them alone',
    )
  const callback = called
    ? await sealOutgoing(
        rooms,
        called.job.queue,
        await entryFor(rooms, called.job, called.input, {}),
      )
    : null
  const jobs = entries.map(({ opts }) => recordIdOf(job.queue, opts.jobId))
  const set = { id, mode: when, members: jobs, callback: callback && JSON.stringify(callback), now }
  return withRoom(rooms, job, entries.length, async () => {
    await createSet(rooms.state, set)
    try {
      await addMany(rooms, job, entries)
    } catch (error) {
      await dropSet(rooms.state, id)
      throw error
    }
    return { id, jobs }
  })
}

/** How far a set is; undefined when there is none of this id. */
export async function readSet(rooms: Rooms, id: string): Promise<SetProgress | undefined> {
  await rooms.recorder.flush()
  return measureSet(rooms.state, id)
}

/** Longer than it takes to enqueue the jobs of a set. */
const ABANDONED_MS = 300_000

/** Lets follow what is due to follow. */
export async function closeSets(rooms: Rooms, signal?: AbortSignal): Promise<void> {
  await rooms.recorder.flush()
  for (let after = ''; !signal?.aborted;) {
    const open = await findOpenSets(rooms.state, after)
    for (const set of open) {
      const done = await measureSet(rooms.state, set.id)
      if (!done) continue
      const { completed, failed, total } = done
      const now = rooms.clock.now()
      // Whoever made it died before its jobs were accepted, and told nobody of it.
      if (completed + failed === 0 && set.created_at < now - ABANDONED_MS) {
        if (!(await hasMembers(rooms.state, set.id))) await dropSet(rooms.state, set.id)
      }
      const isDone =
        set.mode === 'all'
          ? completed + failed === total
          : completed > 0 || completed + failed === total
      if (!isDone) continue
      const follow =
        set.callback === null || (set.mode === 'any' && completed === 0)
          ? undefined
          : (JSON.parse(set.callback) as OutgoingJob)
      await closeSet(rooms.state, set.id, now, follow)
    }
    if (open.length === 0) break
    after = open.at(-1)!.id
  }
}
