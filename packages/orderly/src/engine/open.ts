// The engine: BullMQ's classes bound to the wall around the store that the queue URL names.
import {
  withBackend,
  type BackendFactory,
  type IQueueBackend,
  type Job,
  type JobJson,
  type Queue,
  type Worker,
  type WorkerOptions,
} from 'bullmq'
import { OrderlyError } from '../primitives/errors.ts'
import { within } from '../primitives/within.ts'
import { decorateFactory } from './decorate.ts'
import { gated, unavailable } from './gate.ts'
import { rawQueue, type RawQueue } from './raw.ts'
import { recorded, type RecordRules } from './recorded.ts'
import { sealed } from './sealed.ts'
import { openSealer, type SealRules } from './sealer.ts'
import type { QueueStore } from './store.ts'
import { guardClasses } from './telemetry.ts'

export type EngineQueue = Queue<any, any, string, any, any, string, IQueueBackend, any>
export type EngineWorker = Worker<any, any, string, IQueueBackend, any, any>
export type EngineJob = Job<any, any, string>

export type Process = (job: EngineJob, token?: string) => Promise<unknown>

export interface Engine {
  /** Where the queues live, without a password. */
  readonly place: string
  readonly kind: QueueStore['kind']
  /** BullMQ's classes behind the wall, for programs that want them as they are. */
  readonly classes: ReturnType<typeof withBackend<any, any>>
  /** The options that `classes` want as their connection. */
  readonly connection: unknown
  /** The queue of this name; one object however often it is asked for. */
  queue(name: string): EngineQueue
  /** The queue inside the wall: sealed values, and nothing is recorded. */
  raw(name: string): RawQueue
  /** A job sealed as its queue would hold it. */
  seal(queue: string, job: JobDraft): Promise<JobJson>
  worker(name: string, process: Process, options: Omit<WorkerOptions, 'connection'>): EngineWorker
  /** Forgets the events of a queue from before a moment, in milliseconds since 1970 UTC. */
  dropEvents(queue: string, before: number): Promise<void>
  /** Lets go of what was opened for adding and reading: a connection that failed while it was opened stays broken. */
  forget(): void
  close(): Promise<void>
}

/** A job before it is one: what BullMQ would hand to its store. */
export type JobDraft = Pick<JobJson, 'id' | 'name' | 'data' | 'opts' | 'timestamp'>

export interface WallRules {
  readonly seal: SealRules
  readonly record: RecordRules
}

const GOODBYE_MS = 5_000
/** Where a store's events have no times: as many as a slow listener may be behind. */
const KEPT_EVENTS = 1_000

/** `sealed(recorded(backend))` around every backend that `factory` makes. */
export function buildWall(
  factory: BackendFactory<IQueueBackend, any>,
  rules: WallRules,
): BackendFactory<IQueueBackend, any> {
  const inside = decorateFactory(factory, (inner, queue) => recorded(inner, queue, rules.record))
  return decorateFactory(inside, (inner, queue) =>
    sealed(inner, queue, rules.seal, rules.record.clock),
  )
}

/**
 * Opens the engine on `store`.
 *
 * @param onError what to do with errors that no caller waits for, such as a store that cannot be reached
 * @param onFailure what to do when a store that can go away did not take a job or a limit
 */
export function openEngine(
  store: QueueStore,
  rules: WallRules,
  onError: (error: Error) => void,
  onFailure: (error: unknown) => void = () => undefined,
): Engine {
  const factory = store.remote
    ? gated(store.factory, store.remote, rules.record.clock, onFailure)
    : store.factory
  const classes = guardClasses(withBackend(buildWall(factory, rules)))
  const queues = new Map<string, EngineQueue>()
  const raws = new Map<string, RawQueue>()
  const attempt = <T>(open: () => T): T => {
    try {
      return open()
    } catch (cause) {
      throw new OrderlyError(
        'ORDERLY_ENGINE_UNAVAILABLE',
        `the queue store cannot be used: ${cause instanceof Error ? cause.message : 'no reason given'}`,
        { cause },
      )
    }
  }
  return {
    place: store.place,
    kind: store.kind,
    classes,
    connection: store.workerConnection,
    queue(name) {
      let queue = queues.get(name)
      if (!queue) {
        queue = attempt(
          () => new classes.Queue(name, { connection: store.queueConnection }),
        ) as EngineQueue
        queue.on('error', onError)
        queues.set(name, queue)
      }
      return queue
    },
    raw(name) {
      let raw = raws.get(name)
      if (!raw) {
        const backend = attempt(() => factory(name, { connection: store.queueConnection }))
        backend.on('error', onError)
        raws.set(name, (raw = rawQueue(backend, name, rules.record.clock)))
      }
      return raw
    },
    seal: (queue, job) => openSealer(queue, rules.seal).sealJob(job as JobJson, job.id),
    worker(name, process, options) {
      const worker = attempt(
        () =>
          new classes.Worker(name, process, {
            ...options,
            connection: store.workerConnection,
          }) as unknown as EngineWorker,
      )
      worker.on('error', onError)
      return worker
    },
    async dropEvents(queue, before) {
      if (store.dropEvents)
        await store.dropEvents(queue, before).catch((error: unknown) => {
          throw store.remote ? unavailable(store.remote, error) : error
        })
      else await this.raw(queue).trimEvents(KEPT_EVENTS)
    },
    forget() {
      for (const queue of [...queues.values(), ...raws.values()])
        queue.close().catch(() => undefined)
      queues.clear()
      raws.clear()
    },
    async close() {
      const ended = Promise.all([...queues.values(), ...raws.values()].map((one) => one.close()))
      // One that still waits for an answer gets none before its connection ends.
      await within(rules.record.clock, GOODBYE_MS, ended)
      await store.close()
    },
  }
}
