// BullMQ alone at the rate of `npm run bench -- runtime`, on the same store: what of a figure is the store's and what is ours.
import { performance } from 'node:perf_hooks'
import { createPostgresBackend, createRedisBackend, withBackend } from 'bullmq'
import pg from 'pg'
import { answer, atRate, sleep } from './_pace.mjs'
import { sampler } from './_sampler.mjs'

const PAUSE_MS = 10
const CONCURRENCY = 50
const KEPT_S = 60

async function run({ queueUrl, minutes, rate }) {
  const { factory, connection, close } = await open(queueUrl)
  const { Queue, Worker } = withBackend(factory)
  const queue = new Queue('alone', { connection: connection() })
  const worker = new Worker('alone', async ({ data }) => ({ n: data.n }), {
    connection: connection(),
    concurrency: CONCURRENCY,
  })
  for (const each of [queue, worker]) each.on('error', (error) => console.error(error.message))
  const samples = { enqueue: sampler(), recorded: sampler() }
  const since = new Map()
  worker.on('completed', ({ data: { n } }) => {
    samples.recorded.add(performance.now() - since.get(n))
    since.delete(n)
  })
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()])

  const startedAt = performance.now()
  const until = startedAt + minutes * 60_000
  const cpuBefore = process.cpuUsage()
  let jobs = 0
  const add = async () => {
    const n = jobs++
    const at = performance.now()
    since.set(n, at)
    await queue.add('noop', { n, note: 'x'.repeat(100) }, { removeOnComplete: { age: KEPT_S } })
    samples.enqueue.add(performance.now() - at)
  }
  await atRate(rate, until, add)
  const elapsed = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpuBefore)
  while (since.size > 0) await sleep(PAUSE_MS)
  await worker.close()
  await queue.close()
  await close()
  return {
    jobs,
    cpu: (user + system) / 1_000 / elapsed,
    latencies: Object.fromEntries(
      Object.entries(samples).map(([name, list]) => [name, list.summary()]),
    ),
  }
}

async function open(url) {
  if (!url.startsWith('postgres'))
    return {
      factory: createRedisBackend,
      connection: () => ({ url, maxRetriesPerRequest: null }),
      close: async () => undefined,
    }
  const migration = createPostgresBackend('migration', {
    connection: { connectionString: url, schema: 'bullmq', migrate: true },
  })
  await migration.waitUntilReady()
  await migration.close()
  const pools = []
  return {
    factory: createPostgresBackend,
    connection() {
      const pool = new pg.Pool({ connectionString: url, options: '-c search_path=bullmq' })
      pool.setMaxListeners(0)
      pools.push(pool)
      return pool
    },
    close: () => Promise.all(pools.map((pool) => pool.end())),
  }
}

answer(run)
