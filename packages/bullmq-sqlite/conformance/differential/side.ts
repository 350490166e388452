/** Owns one of the two stores of a differential run: its backends, and the few things no contract names. */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
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
  /** Closes what it has open and opens it again. */
  reopen(queues: SideQueue[]): Promise<void>
  /** Goes on with what the death of the process leaves; the ids, by queue, of jobs taken back. */
  abandon(queues: SideQueue[], active: readonly [number, string][]): Promise<string[][]>
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

const EXPIRE = `
  UPDATE bullmq_job SET lock_until = 0
  WHERE id = ? AND queue = (SELECT id FROM bullmq_queue WHERE name = ?)`
const ALLOW_SWEEP = 'UPDATE bullmq_queue SET stalled_check_until = 0 WHERE name = ?'
// More than any system gives out.
const NO_PID = 2 ** 31 - 2

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

interface OpenFile {
  readonly file: string
  readonly open: Side['open']
  readonly db: Database.Database
  close(): Promise<void>
}

function openFile(file: string): OpenFile {
  const clock = { now: () => Date.now(), monotonic: () => Date.now() }
  const connection = { file, synchronous: 'NORMAL', clock }
  const factory = createSqliteBackend as AnyFactory
  // Held open, so that the file lives from one history to the next.
  const keeper = factory('keeper', { connection })
  const db = new Database(file)
  return {
    file,
    open: opener(factory, connection),
    db,
    close: async () => {
      db.close()
      await keeper.close()
    },
  }
}

/** What a killed process leaves: its files as they are, and a number that no process bears. */
function remains(file: string, copy: string): string {
  // Another process copies them: to open and close them here would drop SQLite's locks.
  for (const end of ['', '-wal']) execFileSync('cp', [file + end, copy + end])
  const db = new Database(copy)
  db.exec(`UPDATE bullmq_owner SET pid = ${NO_PID}`)
  db.close()
  return copy
}

/** Puts fresh queues in the place of closed ones, whose events are read on. */
async function openAgain(queues: SideQueue[], open: Side['open']): Promise<void> {
  for (const [at, { queue, events }] of queues.entries()) {
    const fresh = await open(queue.name)
    queues[at] = { ...fresh, events: events.through(fresh.backend) }
  }
}

async function sweepEach(side: Side, queues: SideQueue[], times: number): Promise<string[][]> {
  const taken: string[][] = []
  for (const { backend } of queues) {
    const ids: string[] = []
    for (let n = 0; n < times; n++) {
      await side.allowSweep(backend.qualifiedName)
      ids.push(...(await backend.moveStalledJobsToWait()))
    }
    taken.push(ids)
  }
  return taken
}

/** SQLite, in files that begin with this path: a process that dies goes on in a copy of its file. */
export function sqliteSide(path: string): Side {
  let now = openFile(path)
  let deaths = 0
  const moveTo = async (file: () => string, queues: SideQueue[]): Promise<void> => {
    for (const { close } of queues) await close()
    await now.close()
    now = openFile(file())
    await openAgain(queues, now.open)
  }
  const side: Side = {
    name: 'sqlite',
    open: (name) => now.open(name),
    expireLock: async (qualifiedName, jobId) =>
      void now.db.prepare(EXPIRE).run(jobId, qualifiedName),
    allowSweep: async (qualifiedName) => void now.db.prepare(ALLOW_SWEEP).run(qualifiedName),
    dropStaleLocks: async () => undefined,
    reopen: (queues) => moveTo(() => now.file, queues),
    abandon: async (queues) => {
      const old = now.file
      const copy = remains(old, `${path}-${++deaths}`)
      await moveTo(() => copy, queues)
      rmSync(old)
      return sweepEach(side, queues, 1)
    },
    stop: () => now.close(),
  }
  return side
}

export function redisSide(port: number): Side {
  const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null }
  const redis = new Redis(connection)
  const side: Side = {
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
    reopen: async (queues) => {
      for (const { close } of queues) await close()
      await openAgain(queues, side.open)
    },
    abandon: async (queues, active) => {
      await side.reopen(queues)
      for (const [at, id] of active) await side.expireLock(queues[at]!.backend.qualifiedName, id)
      // The first sweep marks what the second takes back.
      return sweepEach(side, queues, 2)
    },
    stop: async () => {
      await redis.quit()
    },
  }
  return side
}
