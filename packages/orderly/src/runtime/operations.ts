// Everything an open instance can be asked to do with jobs, in one place: the methods of `Orderly` and of its faces.
import {
  groupDeadLetters,
  type DeadLetterFilter,
  type DeadLetterGroup,
} from '../history/dead-letters.ts'
import { countJobs, type FoundJob, type JobCount } from '../history/find.ts'
import type { JobDefinition } from '../job/define-job.ts'
import type { EnqueuedJob, EnqueueOptions } from '../job/enqueue-options.ts'
import type { RunEvidence } from '../job/evidence.ts'
import type { Accepted, Parsed, Schema } from '../job/schema.ts'
import type { Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { findEvidence } from '../state/evidence.ts'
import type { SetProgress } from '../state/sets.ts'
import { backfill, type BackfillPlan } from './backfill.ts'
import { cancelJob, type Cancellation, type CancelOptions } from './cancel.ts'
import {
  clean,
  drain,
  pause,
  readPauses,
  resume,
  type Pause,
  type PauseOptions,
  type Target,
} from './control.ts'
import { enqueue, enqueueMany, type EnqueueItem } from './enqueue.ts'
import { replayLife, type Life } from '../history/replay.ts'
import { explain } from './explain.ts'
import type { Explanation } from './explanation.ts'
import { inspectJob, searchJobs, type InspectedJob, type JobSearch } from './inspect.ts'
import {
  readJobMetrics,
  readMetrics,
  type JobMetrics,
  type MetricsPoint,
  type MetricsQuery,
} from './metrics.ts'
import { readWorkers, type WorkerProcess } from './beat.ts'
import { readQueues, readRecentJobs, type JobSummary, type QueueSummary } from './read.ts'
import { reconcile, type Reconciliation } from './reconcile.ts'
import {
  redrive,
  replay,
  type Redriven,
  type RedriveOptions,
  type ReplayOptions,
} from './redrive.ts'
import {
  overrideLimit,
  readLimits,
  resetLimit,
  type Limit,
  type LimitTarget,
  type OverrideOptions,
} from './limits.ts'
import type { Rooms } from './rooms.ts'
import {
  pastSlots,
  readSchedules,
  runNow,
  schedule,
  unschedule,
  upcoming,
  type PastSlot,
  type Schedule,
  type ScheduleRequest,
  type UpcomingSlot,
  type WorkflowScheduleRequest,
} from './schedules.ts'
import { readServices, type ServiceState } from './service-calls.ts'
import { enqueueSet, readSet, type EnqueuedSet, type SetOptions } from './sets.ts'
import { enqueueAndWait, type WaitOptions } from './wait.ts'
import { workflowOperationsOn, type WorkflowOperations } from './workflow-operations.ts'

export interface Operations extends WorkflowOperations {
  /**
   * Puts a job in its queue. Once this resolves the job is on disk.
   *
   * @throws OrderlyError `ORDERLY_INPUT_INVALID`, `ORDERLY_JOB_UNKNOWN`, `ORDERLY_CLOSED`,
   *   `ORDERLY_ENGINE_UNAVAILABLE`, `ORDERLY_DUPLICATE`, `ORDERLY_QUEUE_FULL`, `ORDERLY_OVERLOADED`
   */
  enqueue<Input extends Schema>(
    job: JobDefinition<Input>,
    input: Accepted<Input>,
    options?: EnqueueOptions,
  ): Promise<EnqueuedJob>
  /** Puts many jobs of one kind in their queue: all of them, or none. */
  enqueueMany<Input extends Schema>(
    job: JobDefinition<Input>,
    items: readonly EnqueueItem<Input>[],
  ): Promise<EnqueuedJob[]>
  /**
   * Puts a job in its queue whose kind is known by its name or type only, as an API is told.
   *
   * @throws OrderlyError what `enqueue` throws
   */
  enqueueByName(name: string, input: unknown, options?: EnqueueOptions): Promise<EnqueuedJob>
  /**
   * Puts a job in its queue and resolves with its output once it has completed, wherever it runs.
   *
   * @throws OrderlyError what `enqueue` throws, `ORDERLY_JOB_FAILED`, `ORDERLY_CANCELLED`, `ORDERLY_WAIT_TIMEOUT`
   */
  enqueueAndWait<Input extends Schema, Output extends Schema>(
    job: JobDefinition<Input, Output>,
    input: Accepted<Input>,
    options?: WaitOptions,
  ): Promise<Parsed<Output>>
  /** Puts jobs in their queue as a set, and lets a job follow when all have ended, or one has completed. */
  enqueueSet<Input extends Schema, Then extends Schema = Schema>(
    job: JobDefinition<Input>,
    items: readonly EnqueueItem<Input>[],
    options?: SetOptions<Then>,
  ): Promise<EnqueuedSet>
  /** How far a set is. */
  setProgress(id: string): Promise<SetProgress | undefined>
  /** Cancels a job that waits or runs, in whatever process, and says what came of it. */
  cancel(id: string, options?: CancelOptions): Promise<Cancellation>
  /** Runs a finished job again, as a new job that names the one it repeats. */
  replay(id: string, options?: ReplayOptions): Promise<EnqueuedJob>
  /** Jobs that failed for good, grouped by where they failed. */
  deadLetters(filter?: DeadLetterFilter): Promise<DeadLetterGroup[]>
  /** Puts dead letters back in their queues, at a pace. */
  redrive(
    filter: DeadLetterFilter & { readonly ids?: readonly string[] },
    options: RedriveOptions,
  ): Promise<Redriven>
  /** Makes a schedule, or changes the one of this id: what a person says wins over the definition. */
  schedule<Input extends Schema>(
    request: ScheduleRequest<Input> | WorkflowScheduleRequest,
  ): Promise<Schedule>
  /** Removes a schedule; one that a definition declares is again as that says. */
  unschedule(id: string): Promise<boolean>
  schedules(): Promise<Schedule[]>
  /** The slots to come of a schedule, with the reason of each shift. */
  upcoming(id: string, count?: number): Promise<UpcomingSlot[]>
  /** The slots of a schedule that have had their turn, newest first: fired, left out and why, waiting. */
  pastSlots(id: string, range?: { from?: number; to?: number; limit?: number }): Promise<PastSlot[]>
  /** Fires a schedule now, beside its slots. @returns the id of the job, or of the run */
  runNow(id: string, by?: string): Promise<string>
  /** Fires the slots of a range that never fired, or only says which they are. */
  backfill(
    id: string,
    range: { readonly from: Date; readonly to: Date; readonly plan?: boolean },
  ): Promise<BackfillPlan>
  pause(target: Target, options: PauseOptions): Promise<Pause>
  resume(target: Target): Promise<boolean>
  /** What rests now, who said so, and why. */
  pauses(): Promise<Pause[]>
  /**
   * Puts another limit in the place of the one in code, for a time or until it is reset. Every process keeps to it
   * within a second; for kinds of job from the next turn on.
   *
   * @throws OrderlyError `ORDERLY_JOB_UNKNOWN`, `ORDERLY_INPUT_INVALID`
   */
  overrideLimit(target: LimitTarget, options: OverrideOptions): Promise<Limit>
  /** Lets the limit in code hold again. @returns whether another one was set */
  resetLimit(target: LimitTarget): Promise<boolean>
  /** Every limit: what is in force, what code says, who set another one, why and until when. */
  limits(): Promise<Limit[]>
  /** The breakers of outside services that have failed lately. */
  serviceStates(): Promise<ServiceState[]>
  drain(queue: string, options?: { delayed?: boolean }): Promise<number>
  clean(
    queue: string,
    options: { state: 'completed' | 'failed'; olderThan?: Duration },
  ): Promise<number>
  queues(): Promise<QueueSummary[]>
  /** The processes that work on jobs now, and how they are. */
  workers(): Promise<WorkerProcess[]>
  /** What kinds of jobs did, minute by minute. */
  metrics(query?: MetricsQuery): Promise<MetricsPoint[]>
  /** The metrics of one kind of job in the seeds' words. */
  jobMetrics(name: string, last?: Duration): Promise<JobMetrics>
  /** The evidence that a job's runs left, the first run first. */
  evidence(id: string): Promise<RunEvidence[]>
  /**
   * Finds jobs of the record, newest first: by state, queue, name, tags, time, duration, error and searchable paths.
   *
   * @throws OrderlyError `ORDERLY_INPUT_INVALID`, `ORDERLY_JOB_UNKNOWN`
   */
  findJobs(search?: JobSearch): Promise<FoundJob[]>
  /** A job of the record with its life; what is PHI in it is masked. */
  inspectJob(id: string): Promise<InspectedJob | undefined>
  /** Why a job does not run, or how it ended: a sentence, its proof, and what helps. Undefined when it is unknown. */
  explain(id: string): Promise<Explanation | undefined>
  /** The life of a job once more, a step at a time. Undefined when the record does not know it. */
  replayJob(id: string): Promise<Life | undefined>
  /** How many recorded jobs stand in each state, by queue and name. */
  countJobs(): Promise<JobCount[]>
  /** Compares the record with the queues and mends what differs. It happens each minute by itself. */
  reconcile(): Promise<Reconciliation>
  /** The newest jobs of all queues. */
  recentJobs(limit?: number): Promise<JobSummary[]>
}

/** @param open the rooms of an instance; throws once it is closed */
export function operationsOn(open: () => Rooms): Operations {
  /** What is asked of the record must see what this process has not written down yet. */
  const flushed = async (): Promise<Rooms> => {
    const rooms = open()
    await rooms.recorder.flush()
    return rooms
  }
  return {
    ...workflowOperationsOn(open),
    enqueue: (job, input, options) => enqueue(open(), job, input, options),
    enqueueMany: (job, items) => enqueueMany(open(), job, items),
    async enqueueByName(name, input, options) {
      const rooms = open()
      return enqueue(rooms, findDefinition(rooms, name), input, options)
    },
    enqueueAndWait: (job, input, options) => enqueueAndWait(open(), job, input, options),
    enqueueSet: (job, items, options) => enqueueSet(open(), job, items, options),
    setProgress: (id) => readSet(open(), id),
    cancel: (id, options) => cancelJob(open(), id, options),
    replay: (id, options) => replay(open(), id, options),
    async deadLetters(filter = {}) {
      return groupDeadLetters((await flushed()).history, filter)
    },
    redrive: (filter, options) => redrive(open(), filter, options),
    schedule: (request) => schedule(open(), request),
    unschedule: (id) => unschedule(open(), id),
    schedules: () => readSchedules(open()),
    upcoming: (id, count) => upcoming(open(), id, count),
    pastSlots: (id, range) => pastSlots(open(), id, range),
    runNow: (id, by) => runNow(open(), id, by),
    backfill: (id, range) => backfill(open(), id, range),
    pause: (target, options) => pause(open(), target, options),
    resume: (target) => resume(open(), target),
    pauses: () => readPauses(open()),
    overrideLimit: (target, options) => overrideLimit(open(), target, options),
    resetLimit: (target) => resetLimit(open(), target),
    limits: () => readLimits(open()),
    serviceStates: () => readServices(open()),
    drain: (queue, options) => drain(open(), queue, options),
    clean: (queue, options) => clean(open(), queue, options),
    queues: () => readQueues(open()),
    workers: () => readWorkers(open()),
    metrics: (query) => readMetrics(open(), query),
    jobMetrics: (name, last) => readJobMetrics(open(), name, last),
    async evidence(id) {
      const rows = await findEvidence(open().state, id)
      return rows.map(({ body }) => JSON.parse(body) as RunEvidence)
    },
    async findJobs(search = {}) {
      return searchJobs(await flushed(), search)
    },
    inspectJob: (id) => inspectJob(open(), id),
    explain: (id) => explain(open(), id),
    async replayJob(id) {
      const { recorder, history } = open()
      await recorder.flush()
      return replayLife(history, id)
    },
    async countJobs() {
      return countJobs((await flushed()).history)
    },
    // Whoever asks wants all of it looked at, what was heard of just now included.
    reconcile: () => reconcile(open(), { settling: 0 }),
    recentJobs: (limit = 50) => readRecentJobs(open(), limit),
  }
}

function findDefinition({ registry }: Rooms, name: string): JobDefinition<any> {
  const job = registry.jobs.get(name) ?? registry.byType.get(name)
  if (job) return job
  throw new OrderlyError(
    'ORDERLY_JOB_UNKNOWN',
    'no job of this name or type is registered here; add it, or its pack, to createOrderly',
  )
}
