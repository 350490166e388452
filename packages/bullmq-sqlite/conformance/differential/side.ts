/** Owns one of the two stores of a differential run: its backends, and the few things no contract names. */
import Database from 'better-sqlite3'
import { createRedisBackend, withBackend } from 'bullmq'
import type { BackendFactory, IQueueBackend } from 'bullmq'
import { Redis } from 'ioredis'
import { createSqliteBackend } from '../../src/index.ts'
import type { BackendOptions } from '../../src/session.ts'
import type { AnyQueue } from '../bench.ts'
import { EventReader } from './observe.ts'

/** A store as a differential run sees it. */
export interface Side {
  readonly name: 'sqlite' | 'redis'
  open(queueName: string): Promise<SideQueue>
  /** Makes the lock of a job run out now. */
  expireLock(qualifiedName: string, jobId: string): Promise<void>
  /** Lets the next stalled sweep follow the last one at once. */
  allowSweep(qualifiedName: string): Promise<void>
  /** Drops what is left of locks whose jobs have moved on: they vanish with the move here. */
  dropStaleLocks(qualifiedName: string, ids: readonly string[]): Promise<void>
  stop(): Promise<void>
}

/** One queue of a side. */
export interface SideQueue {
  readonly backend: IQueueBackend
  /** The same queue, with a rate limit of two jobs. */
  readonly limited: IQueueBackend
  readonly queue: AnyQueue
  readonly events: EventReader
  close(): Promise<void>
}

type AnyFactory = BackendFactory<IQueueBackend, any>

const OPTIONS: BackendOptions = {
  lockDuration: 3_600_000,
  maxStalledCount: 1,
  stalledInterval: 1,
  metrics: { maxDataPoints: 3 },
}

function opener(factory: AnyFactory, connection: unknown): Side['open'] {
  const { Queue } = withBackend(factory)
  return async (name) => {
    const backend = factory(name, { connection, ...OPTIONS })
    const limiter = { max: 2, duration: 3_600_000 }
    const limited = factory(name, { connection, ...OPTIONS, limiter } as never)
    const queue = new Queue(name, { connection }) as AnyQueue
    for (const one of [backend, limited, queue]) await one.waitUntilReady()
    return {
      backend,
      limited,
      queue,
      events: new EventReader(backend),
      close: async () => {
        for (const one of [queue, limited, backend]) await one.close()
      },
    }
  }
}

export function sqliteSide(file: string): Side {
  const clock = { now: () => Date.now(), monotonic: () => Date.now() }
  const connection = { file, synchronous: 'NORMAL', clock }
  const factory = createSqliteBackend as AnyFactory
  // Held open, so that the file lives from one history to the next.
  const keeper = factory('keeper', { connection })
  const db = new Database(file)
  const expire = db.prepare(`
    UPDATE bullmq_job SET lock_until = 0
    WHERE id = ? AND queue = (SELECT id FROM bullmq_queue WHERE name = ?)`)
  const allow = db.prepare('UPDATE bullmq_queue SET stalled_check_until = 0 WHERE name = ?')
  return {
    name: 'sqlite',
    open: opener(factory, connection),
    expireLock: async (qualifiedName, jobId) => void expire.run(jobId, qualifiedName),
    allowSweep: async (qualifiedName) => void allow.run(qualifiedName),
    dropStaleLocks: async () => undefined,
    stop: async () => {
      db.close()
      await keeper.close()
    },
  }
}

export function redisSide(port: number): Side {
  const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null }
  const redis = new Redis(connection)
  return {
    name: 'redis',
    open: opener(createRedisBackend as AnyFactory, connection),
    expireLock: async (qualifiedName, jobId) =>
      void (await redis.del(`${qualifiedName}:${jobId}:lock`)),
    allowSweep: async (qualifiedName) => void (await redis.del(`${qualifiedName}:stalled-check`)),
    dropStaleLocks: async (qualifiedName, ids) => {
      const active = new Set(await redis.lrange(`${qualifiedName}:active`, 0, -1))
      const stale = ids.filter((id) => !active.has(id)).map((id) => `${qualifiedName}:${id}:lock`)
      if (stale.length > 0) await redis.del(stale)
    },
    stop: async () => {
      await redis.quit()
    },
  }
}
