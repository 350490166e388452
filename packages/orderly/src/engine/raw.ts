// A queue as its store holds it, inside the wall: sealed, unrecorded. For putting record and store in agreement.
import type { IQueueBackend, JobJson, JobType, MinimalJob } from 'bullmq'
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
  readonly parent: string | null
  readonly opts: string
  readonly input: string | null
}

/** BullMQ's names for the places unfinished jobs are in. */
const OPEN_TYPES = ['wait', 'prioritized', 'delayed', 'active', 'waiting-children'] as const

const IDLE_TYPES = ['wait', 'prioritized', 'delayed'] as const

interface Addition {
  readonly json: JobJson
  readonly parent: {
    parentKey?: string
    parentDependenciesKey?: string
    addToWaitingChildren?: boolean
  }
}

export interface RawQueue {
  idOf(recordId: string): string
  state(id: string): Promise<State | 'unknown'>
  read(id: string): Promise<JobJson | undefined>
  /**
   * Adds a job unless one with its id is there.
   *
   * @returns its id, or that of the job that has its deduplication key
   */
  add(addition: Addition, id: string): Promise<string>
  /** Removes a job, unless somebody works on it. */
  remove(id: string): Promise<void>
  /** How many jobs are unfinished. */
  openCount(): Promise<number>
  /** How many jobs a worker could take now: none while the queue is paused. */
  claimableCount(): Promise<number>
  /** The ids of all unfinished jobs, `size` at a time. */
  openIds(size: number): AsyncIterable<string[]>
  /** The ids of jobs that nobody works on, at most `size`. */
  idleIds(size: number): Promise<string[]>
  /** The ids of all finished jobs, `size` at a time. */
  finishedIds(size: number): AsyncIterable<string[]>
  /** Puts other sealed data into an unfinished job. */
  replaceData(id: string, data: string): Promise<void>
  acceptanceOf(json: JobJson, id: string): Report
  close(): Promise<void>
}

export function rawQueue(backend: IQueueBackend, queue: string, clock: Clock): RawQueue {
  return {
    idOf: (recordId) => queueIdOf(queue, recordId),
    state: (id) => backend.getState(id),
    read: (id) => backend.getJobData(id),
    add: ({ json, parent }, id) => backend.addJob({ ...json, id }, id, parent),
    async remove(id) {
      await backend.remove(id, false)
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
    openIds: (size) => idsIn(backend, OPEN_TYPES, size),
    finishedIds: (size) => idsIn(backend, ['completed', 'failed'], size),
    async replaceData(id, data) {
      await backend.updateData({ id } as MinimalJob, JSON.parse(data))
    },
    idleIds: async (size) =>
      (await backend.getRanges([...IDLE_TYPES], 0, size - 1, true)).flat().slice(0, size),
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

/** A recorded job as its store wants it added. */
export function toStored(job: StoredJob, now: number): Addition {
  const delay = Math.max(0, job.run_at - now)
  const opts = JSON.parse(job.opts) as JobJson['opts']
  const json = {
    name: job.name,
    data: job.input ?? '{}',
    opts: { ...opts, jobId: queueIdOf(job.queue, job.id), ...(delay > 0 ? { delay } : {}) },
    timestamp: job.created_at,
    priority: job.priority,
    delay,
    progress: 0,
    attemptsMade: 0,
    attemptsStarted: 0,
    stalledCounter: 0,
    ...(job.parent === null ? {} : { parentKey: job.parent }),
    ...(opts.parent && job.parent !== null
      ? { parent: { id: opts.parent.id, queueKey: opts.parent.queue } }
      : {}),
  } as unknown as JobJson
  return {
    json: withoutRecorded(json),
    parent: {
      ...(job.state === 'waiting-children' ? { addToWaitingChildren: true } : {}),
      ...(job.parent === null
        ? {}
        : { parentKey: job.parent, parentDependenciesKey: `${job.parent}:dependencies` }),
    },
  }
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
