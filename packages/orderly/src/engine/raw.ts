// A queue as its store holds it, inside the wall: sealed, unrecorded. For putting record and store in agreement.
import type {
  IQueueBackend,
  JobJson,
  JobsOptions,
  JobType,
  MinimalJob,
  ParentKeyOpts,
} from 'bullmq'
import { marksOf, PARKED_MS } from '../job/marks.ts'
import { queueIdOf } from '../job/record-id.ts'
import type { State } from '../job/states.ts'
import type { Clock } from '../primitives/clock.ts'
import { acceptance, withoutRecorded, type Report } from './recorded.ts'

/** As much of a recorded job as is needed to put it back. */
export interface StoredJob {
  readonly id: string
  readonly queue: string
  readonly name: string
  readonly state: string
  readonly priority: number
  readonly created_at: number
  readonly run_at: number
  readonly schedule: string | null
  readonly parent: string | null
  readonly opts: string
  readonly input: string | null
}

/** What BullMQ puts before the name of a queue unless told. */
const PREFIX = 'bull'

/** BullMQ's names for the places unfinished jobs are in. */
const OPEN_TYPES = ['wait', 'prioritized', 'delayed', 'active', 'waiting-children'] as const

const IDLE_TYPES = ['wait', 'prioritized', 'delayed'] as const

/** A job as it is put into its queue past the wall. */
export interface Addition {
  readonly json: JobJson
  readonly parent: ParentKeyOpts
}

export interface RawQueue {
  idOf(recordId: string): string
  /** What the children of a job are recorded under. */
  keyOf(id: string): string
  state(id: string): Promise<State | 'unknown'>
  read(id: string): Promise<JobJson | undefined>
  /**
   * Adds jobs unless they are there.
   *
   * @returns for each the id of the job that stands in the queue now, which may be another one with its key
   */
  add(additions: readonly Addition[]): Promise<string[]>
  /** The id of the job that holds the unique key of a recorded one; its own where that is it. */
  holderOf(job: Pick<StoredJob, 'opts'>): Promise<string | undefined>
  /** Takes out what a lost job left behind: its place in a list, the key by which it would be taken for its own double. */
  clear(addition: Addition): Promise<void>
  /**
   * Removes a job, unless somebody works on it.
   *
   * @returns whether it was there and is gone
   */
  remove(id: string): Promise<boolean>
  /**
   * Lets a delayed job run.
   *
   * @returns whether it was delayed
   */
  promote(id: string): Promise<boolean>
  /** Removes a job if it has finished. */
  removeFinished(id: string): Promise<void>
  /** How many jobs are unfinished. */
  openCount(): Promise<number>
  /** How many jobs a worker could take now: none while the queue is paused. */
  claimableCount(): Promise<number>
  /** How many jobs wait, those included that wait for their time. */
  waitingCount(): Promise<number>
  /** The ids of all unfinished jobs, `size` at a time. */
  openIds(size: number): AsyncIterable<string[]>
  /** The ids of jobs that nobody works on, at most `size`. */
  idleIds(size: number): Promise<string[]>
  /** The ids of all finished jobs, `size` at a time. */
  finishedIds(size: number): AsyncIterable<string[]>
  /** Puts other sealed data into an unfinished job. */
  replaceData(id: string, data: string): Promise<void>
  /** Forgets all but the newest events, about `keep` of them. */
  trimEvents(keep: number): Promise<void>
  acceptanceOf(json: JobJson, id: string): Report
  close(): Promise<void>
}

export function rawQueue(backend: IQueueBackend, queue: string, clock: Clock): RawQueue {
  return {
    idOf: (recordId) => queueIdOf(queue, recordId),
    keyOf: (id) => `${PREFIX}:${queue}:${id}`,
    async state(id) {
      const state = await backend.getState(id)
      // An id in a queue's list whose job is gone is no job.
      return state === 'unknown' || (await backend.getJobData(id)) ? state : 'unknown'
    },
    read: (id) => backend.getJobData(id),
    async add(additions) {
      const [first] = additions
      if (!first) return []
      if (additions.length === 1)
        return [await backend.addJob(first.json, first.json.id, first.parent)]
      return backend.addJobs(
        additions.map(({ json, parent }) => ({ job: json, jobId: json.id, parentKeyOpts: parent })),
      )
    },
    async holderOf({ opts }) {
      const key = uniqueKeyOf({ opts })
      return key === undefined
        ? undefined
        : ((await backend.getDeduplicationJobId(key)) ?? undefined)
    },
    async clear({ json: { id, deduplicationId } }) {
      if ((await backend.getState(id)) !== 'unknown') await backend.remove(id, false)
      if (deduplicationId) await backend.removeDeduplicationKey(deduplicationId, id)
    },
    async remove(id) {
      // Stores say that they removed what was never there.
      if ((await backend.getState(id)) === 'unknown') return false
      return (await backend.remove(id, false)) === 1
    },
    async promote(id) {
      if ((await backend.getState(id)) !== 'delayed') return false
      try {
        await backend.promote(id)
        return true
      } catch (error) {
        if ((await backend.getState(id)) === 'delayed') throw error
        return false
      }
    },
    async removeFinished(id) {
      const state = await backend.getState(id)
      if (state === 'completed' || state === 'failed') await backend.remove(id, false)
    },
    async openCount() {
      const counts = await backend.getCounts([...OPEN_TYPES])
      return counts.reduce((sum, count) => sum + count, 0)
    },
    async claimableCount() {
      if (await backend.hasQueueMetaField('paused')) return 0
      const counts = await backend.getCounts(['wait', 'prioritized'])
      return counts.reduce((sum, count) => sum + count, 0)
    },
    async waitingCount() {
      const counts = await backend.getCounts([...IDLE_TYPES])
      return counts.reduce((sum, count) => sum + count, 0)
    },
    openIds: (size) => idsIn(backend, OPEN_TYPES, size),
    finishedIds: (size) => idsIn(backend, ['completed', 'failed'], size),
    async replaceData(id, data) {
      await backend.updateData({ id } as MinimalJob, JSON.parse(data))
    },
    idleIds: async (size) =>
      (await backend.getRanges([...IDLE_TYPES], 0, size - 1, true)).flat().slice(0, size),
    async trimEvents(keep) {
      await backend.trimEvents(keep)
    },
    acceptanceOf: (json, id) => acceptance(json, id, queue, clock),
    close: () => backend.close(),
  }
}

async function* idsIn(
  backend: IQueueBackend,
  types: readonly JobType[],
  size: number,
): AsyncGenerator<string[]> {
  for (const type of types) {
    for (let start = 0; ; start += size) {
      const ids = (await backend.getRanges([type], start, start + size - 1, true)).flat()
      if (ids.length > 0) yield ids
      if (ids.length < size) break
    }
  }
}

/** A sealed job as a store wants it added. */
export function addition(
  job: Pick<JobJson, 'id' | 'name' | 'data' | 'opts' | 'timestamp' | 'repeatJobKey'>,
  family: { parentKey?: string; waitsForChildren?: boolean } = {},
): Addition {
  const { parentKey, waitsForChildren = false } = family
  const { parent, ...alone } = job.opts
  const opts: JobsOptions = parentKey === undefined || !parent ? alone : { ...alone, parent }
  const key = opts.deduplication?.id
  const json = {
    ...job,
    opts,
    priority: opts.priority ?? 0,
    delay: opts.delay ?? 0,
    progress: 0,
    attemptsMade: 0,
    attemptsStarted: 0,
    stalledCounter: 0,
    ...(key === undefined ? {} : { deduplicationId: key }),
    ...(parentKey === undefined || !parent
      ? {}
      : { parentKey, parent: { id: parent.id, queueKey: parent.queue, ...onFailure(opts) } }),
  } as unknown as JobJson
  return {
    json: withoutRecorded(json),
    parent: {
      ...(waitsForChildren ? { addToWaitingChildren: true } : {}),
      ...(parentKey === undefined
        ? {}
        : { parentKey, parentDependenciesKey: `${parentKey}:dependencies` }),
    },
  }
}

/** What a child's failure means to its parent, in BullMQ's abbreviations. */
function onFailure(opts: JobsOptions): Record<string, boolean> {
  return {
    ...(opts.failParentOnFailure ? { fpof: true } : {}),
    ...(opts.removeDependencyOnFailure ? { rdof: true } : {}),
    ...(opts.ignoreDependencyOnFailure ? { idof: true } : {}),
    ...(opts.continueParentOnFailure ? { cpof: true } : {}),
  }
}

/**
 * A recorded job as its store wants it added again.
 *
 * @param family which of its relatives are in their queues
 */
export function toStored(
  job: StoredJob,
  now: number,
  family: { hasParent: boolean; waitsForChildren: boolean },
): Addition {
  const { delay: _delay, ...opts } = JSON.parse(job.opts) as JobsOptions
  // Stores count a delay from the time of creation.
  const due = job.run_at > now ? job.run_at - job.created_at : 0
  const delay = marksOf(opts).lane ? PARKED_MS + due : due
  const id = queueIdOf(job.queue, job.id)
  return addition(
    {
      id,
      name: job.name,
      data: job.input ?? '{}',
      opts: { ...opts, jobId: id, ...(delay > 0 ? { delay } : {}) },
      timestamp: job.created_at,
      ...(job.schedule === null ? {} : { repeatJobKey: job.schedule }),
    },
    {
      ...(family.hasParent && job.parent !== null ? { parentKey: job.parent } : {}),
      waitsForChildren: family.waitsForChildren,
    },
  )
}

/** The key under which a recorded job is the only one, as its store has it: hidden. */
export function uniqueKeyOf({ opts }: Pick<StoredJob, 'opts'>): string | undefined {
  return (JSON.parse(opts) as JobsOptions).deduplication?.id
}

/** The parent that the options of a recorded job name. */
export function parentOf(job: StoredJob): { queue: string; id: string } | undefined {
  if (job.parent === null) return undefined
  const { parent } = JSON.parse(job.opts) as JobsOptions
  return parent && { queue: parent.queue.slice(parent.queue.indexOf(':') + 1), id: parent.id }
}

/** How a finished job of a store ended: its sealed result, or the reason of its failure. */
export function fromStored(json: JobJson): { output: string | null; reason: string } {
  let output: string | null = null
  try {
    const value: unknown = json.returnvalue ? JSON.parse(json.returnvalue) : null
    output = typeof value === 'string' ? value : null
  } catch {
    // A value that is no JSON was not written by us and is not kept.
  }
  return { output, reason: json.failedReason ?? '' }
}
