// What can be seen of queues and jobs from outside.
import { OPEN_STATES, STATES, type State } from '../job/states.ts'
import type { EngineJob } from '../engine/open.ts'
import { findOpen } from '../history/open-jobs.ts'
import { readOutbox } from '../history/outbox.ts'
import { readMasked } from '../vault/masked-error.ts'
import type { Progress } from './attempt.ts'
import type { Rooms } from './rooms.ts'

export type StateCounts = Readonly<Record<State, number>>

export interface QueueSummary {
  readonly name: string
  readonly paused: boolean
  readonly counts: StateCounts
}

/** A job without its input and output, which may be nobody's business. */
export interface JobSummary {
  readonly id: string
  readonly name: string
  readonly queue: string
  readonly state: State | 'unknown'
  readonly attempts: number
  readonly progress: Progress | null
  /** Milliseconds since 1970 UTC, as are the two below. */
  readonly createdAt: number
  readonly startedAt: number | null
  readonly finishedAt: number | null
  readonly failedReason: string | null
}

export async function readQueues(rooms: Rooms): Promise<QueueSummary[]> {
  return Promise.all(
    [...rooms.registry.queues.keys()].map(async (name) => {
      const held = await Promise.all(
        rooms.engines.reachable().map(async ({ engine }) => {
          const queue = engine.queue(name)
          return Promise.all([queue.getJobCounts(...STATES), queue.isPaused()])
        }),
      )
      const counts = Object.fromEntries(
        STATES.map((state) => [state, held.reduce((sum, [count]) => sum + (count[state] ?? 0), 0)]),
      )
      return { name, paused: held.some(([, paused]) => paused), counts: counts as StateCounts }
    }),
  )
}

/** The newest jobs of all queues, at most `limit`. */
export async function readRecentJobs(rooms: Rooms, limit: number): Promise<JobSummary[]> {
  const found = await Promise.all(
    rooms.engines.reachable().flatMap(({ engine }) =>
      [...rooms.registry.queues.keys()].flatMap((name) =>
        STATES.map(async (state) => {
          const jobs = await engine.queue(name).getJobs([state], 0, limit - 1, false)
          return jobs.map((job) => summary(rooms, job, name, state))
        }),
      ),
    ),
  )
  return found
    .flat()
    .toSorted((a, b) => lastTouched(b) - lastTouched(a))
    .slice(0, limit)
}

/** Whether no queue holds work that is still owed. */
export async function isIdle(rooms: Rooms): Promise<boolean> {
  const queues = await readQueues(rooms)
  if (queues.some(({ counts }) => OPEN_STATES.some((state) => counts[state] > 0))) return false
  // A job that moves on while its queue is counted may be counted nowhere, and a queue that is away cannot be asked.
  await rooms.recorder.flush()
  for (const { name } of rooms.engines.all()) {
    const open = await findOpen(rooms.history, name, rooms.clock.now(), '', 1)
    if (open.length > 0) return false
  }
  // Jobs of transactions that have yet to be handed over.
  return (await readOutbox(rooms.history)).length === 0
}

function summary(rooms: Rooms, job: EngineJob, queue: string, state: State): JobSummary {
  const isClear = rooms.classes.suiteOf(queue) === 'signed'
  return {
    id: job.id!,
    name: job.name,
    queue,
    state,
    attempts: job.attemptsMade,
    progress: isProgress(job.progress) ? visible(job.progress, isClear) : null,
    createdAt: job.timestamp,
    startedAt: job.processedOn ?? null,
    finishedAt: job.finishedOn ?? null,
    failedReason: isClear || readMasked(job.failedReason ?? '') ? (job.failedReason ?? null) : null,
  }
}

/** What a handler says of its step may be PHI; how far it is, is not. */
function visible(progress: Progress, isClear: boolean): Progress {
  return isClear ? progress : { share: progress.share }
}

function isProgress(value: unknown): value is Progress {
  return (
    typeof value === 'object' &&
    value !== null &&
    'share' in value &&
    typeof value.share === 'number'
  )
}

function lastTouched(job: JobSummary): number {
  return job.finishedAt ?? job.startedAt ?? job.createdAt
}
