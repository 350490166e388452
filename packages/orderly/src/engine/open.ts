// The engine: BullMQ's classes bound to the store that the queue URL names.
import {
  withBackend,
  type IQueueBackend,
  type Job,
  type Queue,
  type Worker,
  type WorkerOptions,
} from 'bullmq'
import { createSqliteBackend } from 'bullmq-sqlite'
import { OrderlyError } from '../primitives/errors.ts'
import { fileOf } from '../primitives/store-url.ts'

export type EngineQueue = Queue<any, any, string, any, any, string, IQueueBackend, any>
export type EngineWorker = Worker<any, any, string, IQueueBackend, any, any>
export type EngineJob = Job<any, any, string>

export type Process = (job: EngineJob, token?: string, signal?: AbortSignal) => Promise<unknown>

export interface Engine {
  /** Where the queues live. */
  readonly file: string
  /** The queue of this name; one object however often it is asked for. */
  queue(name: string): EngineQueue
  worker(name: string, process: Process, options: Omit<WorkerOptions, 'connection'>): EngineWorker
  close(): Promise<void>
}

/**
 * Opens the engine at `url` (`sqlite:path/to/queue.db`).
 *
 * @param onError what to do with errors that no caller waits for, such as a store that cannot be reached
 * @throws OrderlyError `ORDERLY_SETTING_INVALID` for a URL of another kind
 */
export function openEngine(url: string, onError: (error: Error) => void): Engine {
  const file = fileOf(url, 'queueUrl (ORDERLY_QUEUE_URL)', 'queue.db')
  const { Queue, Worker } = withBackend(createSqliteBackend)
  const connection = { file }
  const queues = new Map<string, EngineQueue>()
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
    file,
    queue(name) {
      let queue = queues.get(name)
      if (!queue) {
        queue = attempt(() => new Queue(name, { connection })) as EngineQueue
        queue.on('error', onError)
        queues.set(name, queue)
      }
      return queue
    },
    worker(name, process, options) {
      const worker = attempt(
        () => new Worker(name, process, { ...options, connection }) as unknown as EngineWorker,
      )
      worker.on('error', onError)
      return worker
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()))
    },
  }
}
