/** Owns the proof that the documented way between Redis and SQLite loses nothing. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Queue as RedisQueue, withBackend, type Queue } from 'bullmq'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSqliteBackend } from '../src/index.ts'
import { startRedis, type RunningServer } from './servers.ts'

type Move = (from: Queue<any>, to: Queue<any>) => Promise<number>

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

describe('moving waiting jobs as the documentation shows', () => {
  it.each(['from Redis to SQLite', 'from SQLite to Redis'])(
    'keeps all of them, %s',
    async (direction) => {
      const name = direction.replaceAll(' ', '-')
      const onRedis = new RedisQueue(name, { connection: { host: '127.0.0.1', port: redis.port } })
      const onSqlite = new SqliteQueue(name, {
        connection: join(folder, `${name}.db`),
      }) as unknown as RedisQueue
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
})
