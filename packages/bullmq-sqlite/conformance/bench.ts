/** Owns what a case is given: backends, queues and workers of one store under a name of its own, closed when it ends. */
import { randomUUID } from 'node:crypto'
import { withBackend } from 'bullmq'
import type {
  BackendClasses,
  BackendFactory,
  FlowProducer,
  IQueueBackend,
  Processor,
  Queue,
  QueueEvents,
  QueueEventsProducer,
  QueueOptions,
  Worker,
  WorkerOptions,
} from 'bullmq'

/** A store that is open: how BullMQ reaches it, and how to shut it. */
export interface Store {
  readonly name: string
  readonly factory: BackendFactory<IQueueBackend, any>
  readonly connection: unknown
  stop(): Promise<void>
}

export type AnyQueue = Queue<any, any, string, any, any, string, IQueueBackend, any>
export type AnyWorker = Worker<any, any, string, IQueueBackend, any, any>

export type Run = (bench: Bench) => Promise<void>

/** How an area states a claim about every backend. */
export type Check = (title: string, run: Run) => void

/** What of the options of Queue, Worker and the others the cases set. */
type BackendOptions = Partial<Pick<QueueOptions<any>, 'prefix'>> &
  Partial<Omit<WorkerOptions<any>, 'connection' | 'prefix'>>

type Flags = { blocking?: boolean; withBlockingConnection?: boolean }

// What BullMQ's Worker hands to its backend; a sweep may follow a sweep at once.
const WORKER_DEFAULTS = { lockDuration: 30_000, maxStalledCount: 1, stalledInterval: 1 }

/** One case's view of a store. */
export class Bench {
  readonly store: Store
  readonly name: string = `case-${randomUUID()}`
  readonly #bound: BackendClasses<IQueueBackend, any>
  readonly #open: { close(): Promise<unknown> }[] = []

  constructor(store: Store) {
    this.store = store
    this.#bound = withBackend(store.factory)
  }

  /** A name no other case uses. */
  named(suffix: string): string {
    return `${this.name}-${suffix}`
  }

  async backend(
    opts: BackendOptions = {},
    name: string = this.name,
    flags: Flags = {},
  ): Promise<IQueueBackend> {
    const all = { connection: this.store.connection, ...WORKER_DEFAULTS, ...opts }
    const backend = this.store.factory(name, all, flags)
    backend.on('error', () => undefined)
    this.#keep(backend)
    await backend.waitUntilReady()
    return backend
  }

  queue(opts: Partial<QueueOptions<any>> = {}, name: string = this.name): AnyQueue {
    return this.#keep(new this.#bound.Queue(name, { connection: this.store.connection, ...opts }))
  }

  worker(
    processor: Processor<any, any, string> | null,
    opts: Partial<WorkerOptions<any>> = {},
    name: string = this.name,
  ): AnyWorker {
    const all = { connection: this.store.connection, ...opts }
    const worker = this.#keep(new this.#bound.Worker(name, processor, all))
    worker.on('error', () => undefined)
    return worker
  }

  async events(
    opts: { lastEventId?: string; autorun?: boolean } = {},
    name: string = this.name,
  ): Promise<QueueEvents<any, IQueueBackend, any>> {
    const all = { connection: this.store.connection, ...opts }
    const events = this.#keep(new this.#bound.QueueEvents(name, all))
    // Closing cuts off a read that waits, which PostgreSQL reports as an error.
    events.on('error', () => undefined)
    await events.waitUntilReady()
    return events
  }

  eventsProducer(name: string = this.name): QueueEventsProducer<IQueueBackend, any> {
    return this.#keep(
      new this.#bound.QueueEventsProducer(name, { connection: this.store.connection }),
    )
  }

  flows(opts: { prefix?: string } = {}): FlowProducer<IQueueBackend, any> {
    return this.#keep(new this.#bound.FlowProducer({ connection: this.store.connection, ...opts }))
  }

  async close(): Promise<void> {
    for (const one of this.#open.splice(0).toReversed()) await one.close()
  }

  #keep<T extends { close(): Promise<unknown> }>(one: T): T {
    this.#open.push(one)
    return one
  }
}
