/** Owns the proof that the documented way between Redis and SQLite loses nothing. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FlowProducer, Queue as RedisQueue, Worker, withBackend, type Queue } from 'bullmq'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSqliteBackend } from '../src/index.ts'
import { startRedis, type RunningServer } from './servers.ts'

type AnyQueue = Queue<any, any, string, any, any, string, any, any>
type Move = (from: AnyQueue, to: AnyQueue) => Promise<number>

const PACKAGE = fileURLToPath(new URL('..', import.meta.url))
const { Queue: SqliteQueue } = withBackend(createSqliteBackend)

let redis: RunningServer
let folder: string
let program: string
let moveWaitingJobs: Move

beforeAll(async () => {
  redis = await startRedis()
  folder = mkdtempSync(join(tmpdir(), 'bullmq-sqlite-move-'))
  const page = readFileSync(join(PACKAGE, 'docs/from-redis-to-sqlite.md'), 'utf8')
  const [, code] = /(import type \{ Job, JobType, Queue \}[\s\S]*?)```/.exec(page)!
  program = join(PACKAGE, '../../node_modules/.cache', `move-${process.pid}`)
  mkdirSync(program, { recursive: true })
  writeFileSync(join(program, 'move.ts'), code!)
  const loaded = (await import(join(program, 'move.ts'))) as { moveWaitingJobs: Move }
  moveWaitingJobs = loaded.moveWaitingJobs
})

afterAll(async () => {
  await redis.stop()
  for (const path of [folder, program]) rmSync(path, { recursive: true, force: true })
})

function sqliteQueue(name: string): AnyQueue {
  return new SqliteQueue(name, { connection: join(folder, `${name}.db`) })
}

describe('moving waiting jobs as the documentation shows', () => {
  it.each(['from Redis to SQLite', 'from SQLite to Redis'])(
    'keeps all of them, %s',
    async (direction) => {
      const name = direction.replaceAll(' ', '-')
      const onRedis = new RedisQueue(name, { connection: { host: '127.0.0.1', port: redis.port } })
      const onSqlite = sqliteQueue(name)
      const [from, to] =
        direction === 'from Redis to SQLite' ? [onRedis, onSqlite] : [onSqlite, onRedis]
      try {
        await from.addBulk(
          Array.from({ length: 1_500 }, (_, at) => ({ name: 'plain', data: { at } })),
        )
        await from.add(
          'delayed',
          { at: 'later' },
          { delay: 3_600_000, jobId: 'my-own-id', attempts: 4 },
        )
        await from.add('urgent', { at: 'now' }, { priority: 3 })
        expect(await moveWaitingJobs(from, to)).toBe(1_502)
        expect(await from.getJobCounts('waiting', 'prioritized', 'delayed')).toEqual({
          waiting: 0,
          prioritized: 0,
          delayed: 0,
        })
        expect(await to.getJobCounts('waiting', 'prioritized', 'delayed')).toEqual({
          waiting: 1_500,
          prioritized: 1,
          delayed: 1,
        })
        const waiting = await to.getJobs(['waiting'], 0, -1, true)
        expect(waiting.map((job) => job.data.at)).toEqual(
          Array.from({ length: 1_500 }, (_, at) => at),
        )
        const delayed = (await to.getJob('my-own-id'))!
        expect(delayed).toMatchObject({
          data: { at: 'later' },
          delay: 3_600_000,
          opts: { attempts: 4 },
        })
        expect(await moveWaitingJobs(from, to)).toBe(0)
      } finally {
        await onRedis.close()
        await onSqlite.close()
      }
    },
  )

  it('leaves flows and schedules where they are, and runs no retry early', async () => {
    const connection = { host: '127.0.0.1', port: redis.port }
    const from = new RedisQueue('tied', { connection })
    const to = sqliteQueue('tied')
    const flows = new FlowProducer({ connection })
    const worker = new Worker('tied', () => Promise.reject(new Error('no')), { connection })
    try {
      const hour = 3_600_000
      const timestamp = Date.now() - hour
      await from.add('retried', {}, { attempts: 3, backoff: hour, timestamp })
      await new Promise((resolve) => worker.once('failed', resolve))
      await worker.close()
      await flows.add({
        name: 'whole',
        queueName: 'tied',
        children: [{ name: 'part', queueName: 'tied' }],
      })
      await from.upsertJobScheduler('daily', { every: 24 * hour })
      const tied = await from.getJobCounts('waiting', 'waiting-children')
      expect(await moveWaitingJobs(from, to)).toBe(1)
      expect(await from.getJobCounts('waiting', 'waiting-children')).toEqual(tied)
      const [moved, ...others] = await to.getJobs()
      expect(others).toEqual([])
      expect(moved!.timestamp + moved!.delay).toBeGreaterThan(timestamp + hour)
    } finally {
      for (const one of [worker, flows, from, to]) await one.close()
    }
  })

  it('adds nothing twice when it is interrupted and repeated', async () => {
    const name = 'interrupted'
    const from = new RedisQueue(name, { connection: { host: '127.0.0.1', port: redis.port } })
    const to = sqliteQueue(name)
    try {
      await from.addBulk([1, 2, 3].map((at) => ({ name: 'plain', data: { at } })))
      const getJobs = from.getJobs.bind(from)
      from.getJobs = async (...asked) => {
        const jobs = await getJobs(...asked)
        jobs[1]!.remove = () => Promise.reject(new Error('cut'))
        return jobs
      }
      await expect(moveWaitingJobs(from, to)).rejects.toThrow('cut')
      from.getJobs = getJobs
      expect(await moveWaitingJobs(from, to)).toBe(2)
      expect((await to.getJobs(['waiting'], 0, -1, true)).map((job) => job.data.at)).toEqual([
        1, 2, 3,
      ])
    } finally {
      await from.close()
      await to.close()
    }
  })
})
