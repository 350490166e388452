// What the engine needs of a store: BullMQ's factory for it, how to connect, and what must hold before it is used.
import type { BackendFactory, IQueueBackend } from 'bullmq'

export interface QueueStore {
  readonly kind: 'sqlite' | 'redis' | 'postgres'
  /** Where it is, without a password. */
  readonly place: string
  readonly factory: BackendFactory<IQueueBackend, any>
  /** For those who add: fails fast when the store is away. */
  readonly queueConnection: unknown
  /** For workers: waits until the store is back. */
  readonly workerConnection: unknown
  /**
   * Resolves once the store can be used.
   *
   * @throws OrderlyError `ORDERLY_ENGINE_UNAVAILABLE` when it does not answer; `ORDERLY_STORE_UNSAFE` when it would lose
   *   jobs as it is set up
   */
  prepare(): Promise<void>
  close(): Promise<void>
}
