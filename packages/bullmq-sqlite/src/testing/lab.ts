/** Owns what every test needs: a file of its own, BullMQ bound to it, and closing all of it after. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type {
  FlowProducer,
  JobJson,
  Processor,
  Queue,
  QueueEvents,
  QueueOptions,
  Worker,
  WorkerOptions,
} from 'bullmq'
import { onTestFinished } from 'vitest'
import type { SqliteQueueBackend } from '../backend.ts'
import { createSqliteBackend } from '../index.ts'
import type { BackendOptions } from '../session.ts'
import { bound } from './lab-free.ts'
import type { SqliteConnection, SqliteConnectionOptions } from '../index.ts'

export { bound }

type B = SqliteQueueBackend
type C = SqliteConnection
export type LabQueue = Queue<any, any, string, any, any, string, B, C>
export type LabWorker = Worker<any, any, string, B, any, C>

/** A clock that stands still until it is told to move. */
export class HandClock {
  time = 1_800_000_000_000
  ticks = 1_000_000

  now(): number {
    return this.time
  }

  monotonic(): number {
    return this.ticks
  }

  /** Lets time pass. */
  pass(ms: number): void {
    this.time += ms
    this.ticks += ms
  }
}

export interface Lab {
  file: string
  connection: SqliteConnectionOptions
  queue(name?: string, opts?: Partial<QueueOptions<C>>): LabQueue
  worker(
    name: string,
    processor: Processor<any, any, string> | null,
    opts?: Partial<WorkerOptions<C>>,
  ): LabWorker
  events(name?: string, lastEventId?: string): QueueEvents<any, B, C>
  flows(): FlowProducer<B, C>
  backend(name?: string, opts?: BackendOptions): B
}

/** A path in a folder of its own, which goes away with the test. */
export function tempFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bullmq-sqlite-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'queues.db')
}

export function lab(settings: Partial<SqliteConnectionOptions> = {}): Lab {
  const file = settings.file ?? tempFile()
  const connection = { ...settings, file }
  const open: { close(): Promise<unknown> }[] = []
  onTestFinished(async () => {
    for (const one of open.toReversed()) await one.close()
  })
  const keep = <T extends { close(): Promise<unknown> }>(one: T): T => {
    open.push(one)
    return one
  }
  return {
    file,
    connection,
    queue: (name = 'work', opts = {}) => keep(new bound.Queue(name, { connection, ...opts })),
    worker: (name, processor, opts = {}) =>
      keep(new bound.Worker(name, processor, { connection, ...opts })),
    events: (name = 'work', lastEventId) =>
      keep(new bound.QueueEvents(name, { connection, ...(lastEventId && { lastEventId }) })),
    flows: () => keep(new bound.FlowProducer({ connection })),
    backend: (name = 'work', opts = {}) =>
      keep(createSqliteBackend(name, { connection, ...opts } as { connection: C })),
  }
}

/** What a backend needs of a job to settle it. */
export function held(id: string, opts: JobJson['opts'] = {}): any {
  return { id, opts }
}

/** Starts the next job and tells its id. */
export async function claimId(backend: B, token: string): Promise<string | 0> {
  const [, id] = await backend.moveToActive(token)
  return id as string | 0
}

/** Resolves when `count` jobs were completed by the worker, with their ids in order. */
export function completions(worker: LabWorker, count: number): Promise<string[]> {
  const ids: string[] = []
  return new Promise((resolve) => {
    worker.on('completed', (job) => {
      if (ids.push(job.id ?? '') === count) resolve(ids)
    })
  })
}

/** Asks again and again, until the answer is true. */
export async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Every event of the queue so far, as objects. */
export async function eventLog(backend: B): Promise<Record<string, string>[]> {
  const all: Record<string, string>[] = []
  let cursor = '0'
  for (;;) {
    const read = await backend.readEvents(cursor, 1)
    const entries = read?.[0]?.[1] ?? []
    for (const [id, fields] of entries) {
      cursor = id
      const pairs = fields.flatMap((name, at) => (at % 2 ? [] : [[name, fields[at + 1]]]))
      all.push(Object.fromEntries(pairs) as Record<string, string>)
    }
    if (entries.length === 0) return all
  }
}
