// A Redis that is emptied or goes away while queues rest, with the record on PostgreSQL and a machine beside it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import {
  startPostgres,
  startRedis,
  type RedisServer,
  type RunningServer,
} from '../../packages/bullmq-sqlite/conformance/servers.ts'
import {
  createOrderly,
  defineJob,
  handle,
  type Orderly,
  type OrderlyOptions,
} from '../../packages/orderly/src/index.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { freshName } from './stores.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const numbered = z.object({ n: z.number() })

let redis: RedisServer
let postgres: RunningServer
const folder = mkdtempSync(join(tmpdir(), 'orderly-away-'))
beforeAll(async () => {
  ;[redis, postgres] = [await startRedis('everysec'), await startPostgres()]
})
afterAll(async () => {
  await Promise.all([redis.stop(), postgres.stop()])
  rmSync(folder, { recursive: true, force: true })
})

/** Opens one of several machines: each has a folder of its own, all have the keys of the first. */
function machine(name: string, options: OrderlyOptions): Promise<Orderly> {
  return createOrderly({
    home: join(folder, name),
    queueUrl: redis.url,
    databaseUrl: postgres.url,
    ...(name === 'web' ? {} : { keyringFile: join(folder, 'web', 'keyring.json') }),
    allowVolatile: true,
    log: silent,
    ...options,
  })
}

it('keeps queues at rest whose store was emptied or is away, on the other machine too, and closes in time', async () => {
  const still = defineJob({ name: freshName('still'), input: numbered })
  const moving = defineJob({ name: freshName('moving'), input: numbered })
  const ran: string[] = []
  const run = async ({ jobId }: { jobId: string }): Promise<void> => void ran.push(jobId)
  const web = await machine('web', { jobs: [still, moving] })
  const worker = await machine('worker', {
    jobs: [still, moving],
    handlers: [handle(still, run), handle(moving, run)],
  })
  await worker.start()
  await web.pause({ queue: still.queue }, { reason: 'wrong prices' })
  const isAtRest = async (): Promise<boolean> =>
    (await worker.queues()).find(({ name }) => name === still.queue)!.paused

  // A process hears of it within a second.
  await expect.poll(() => roomsOf(worker).pauses.ofQueue(still.queue)).toBeDefined()
  const admin = new Redis(redis.url)
  await admin.flushall()
  // It comes before anybody has found out, and must not run either.
  const emptied = await worker.enqueue(still, { n: 1 })
  await expect.poll(() => admin.hexists(`bull:${still.queue}:meta`, 'paused')).toBe(1)
  admin.disconnect()
  const later = await worker.enqueue(moving, { n: 2 })
  await expect.poll(() => ran, { timeout: 10_000 }).toEqual([later.id])

  await redis.kill()
  await expect.poll(() => worker.status().mode, { timeout: 10_000 }).toBe('degraded')
  const away = await worker.enqueue(still, { n: 3 })
  const elsewhere = await worker.enqueue(moving, { n: 4 })
  await expect.poll(() => ran, { timeout: 10_000 }).toEqual([later.id, elsewhere.id])
  expect(await isAtRest()).toBe(true)

  await redis.start()
  await web.resume({ queue: still.queue })
  await expect
    .poll(() => ran, { timeout: 20_000 })
    .toEqual(expect.arrayContaining([away.id, emptied.id]))

  await redis.kill()
  await expect.poll(() => worker.status().mode, { timeout: 10_000 }).toBe('degraded')
  await worker.enqueue(moving, { n: 5 })
  // Who asks a store that is away is told so: whoever waited for its return would not let the instance close.
  const main = roomsOf(worker).engines.all()[0]!.engine
  await expect(main.raw(freshName('unasked')).openCount()).rejects.toMatchObject({
    code: 'ORDERLY_ENGINE_UNAVAILABLE',
  })
  await Promise.all([web.close(), worker.close()])
  await redis.start()
}, 60_000)
