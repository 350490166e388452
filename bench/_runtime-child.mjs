// One measurement of `npm run bench -- runtime` in a process of its own: producer, worker and record together.
import { performance } from 'node:perf_hooks'
import { createOrderly, defineJob, fixed, handle } from 'orderly'
import { z } from 'zod'
import { answer, atRate, sleep } from './_pace.mjs'
import { sampler } from './_sampler.mjs'

const silent = { debug() {}, info() {}, warn() {}, error: console.error }
const MEGABYTE = 1e6
const RECENT = 500

async function run({ home, queueUrl, minutes, rate }) {
  const noop = defineJob({
    name: 'noop',
    queue: 'bench',
    input: z.object({ n: z.number(), note: z.string() }),
    output: z.object({ n: z.number() }),
    retention: { completed: '1m', failed: '1m' },
  })
  const faulty = defineJob({
    name: 'faulty',
    queue: 'bench',
    input: z.object({ thrown: z.boolean() }),
    retry: { attempts: 2, backoff: fixed('1ms') },
  })
  const samples = {
    enqueue: sampler(),
    operation: sampler(),
    recorded: sampler(),
    requeued: sampler(),
  }
  const thrownAt = new Map()
  const orderly = await createOrderly({
    home,
    ...(queueUrl ? { queueUrl } : {}),
    jobs: [noop, faulty],
    queues: [{ name: 'bench', concurrency: 50 }],
    handlers: [
      handle(noop, async ({ input }) => ({ n: input.n })),
      handle(faulty, async ({ jobId, attempt }) => {
        if (attempt > 1) return
        thrownAt.set(jobId, Date.now())
        if (thrownAt.size > RECENT) thrownAt.delete(thrownAt.keys().next().value)
        throw new Error('injected')
      }),
    ],
    log: silent,
  })
  await orderly.start()

  const startedAt = performance.now()
  const until = startedAt + minutes * 60_000
  const cpuBefore = process.cpuUsage()
  const heap = []
  let jobs = 0
  let pending = 0
  let failures = 0
  const reasons = {}
  const timed = async (list, work) => {
    const since = performance.now()
    try {
      const result = await work()
      list.add(performance.now() - since)
      return result
    } catch (error) {
      failures++
      const reason = error.code ?? error.name
      reasons[reason] = (reasons[reason] ?? 0) + 1
      process.send({ progress: error.message })
      return undefined
    }
  }
  const add = async () => {
    pending++
    const n = jobs++
    await timed(samples.enqueue, () => orderly.enqueue(noop, { n, note: 'x'.repeat(100) }))
    pending--
  }
  const operations = [
    () => orderly.queues(),
    () => orderly.findJobs({ name: 'noop', limit: 20 }),
    () => orderly.countJobs(),
    async () => {
      await orderly.pause({ queue: 'bench' }, { reason: 'measured' })
      await orderly.resume({ queue: 'bench' })
    },
  ]
  let turn = 0
  const probe = async () => {
    while (performance.now() < until) {
      await timed(samples.recorded, () => orderly.enqueueAndWait(noop, { n: -1, note: '' }))
      await timed(samples.operation, operations[turn++ % operations.length])
      await orderly.enqueue(faulty, { thrown: false })
      await sleep(100)
    }
  }
  const watch = async () => {
    while (performance.now() < until) {
      await sleep(Math.min(10_000, (minutes * 60_000) / 20))
      globalThis.gc?.()
      const { heapUsed, rss } = process.memoryUsage()
      heap.push({ at: performance.now() - startedAt, mb: heapUsed / MEGABYTE, rss: rss / MEGABYTE })
      const left = Math.max(0, (until - performance.now()) / 1_000)
      process.send({
        progress: `${jobs} jobs, ${pending} adds pending, heap ${(heapUsed / MEGABYTE).toFixed(0)} MB, ${left.toFixed(0)} s left`,
      })
    }
  }
  await Promise.all([atRate(rate, until, add), probe(), watch()])
  const elapsed = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpuBefore)
  await orderly.whenIdle()
  for (const [id, at] of thrownAt) {
    const job = await orderly.inspectJob(id)
    const retried = job?.life.find(({ type }) => type === 'retried')
    if (retried) samples.requeued.add(Math.max(0, retried.at - at))
  }
  const counts = await orderly.countJobs()
  const failed = counts.reduce((sum, { state, n }) => (state === 'failed' ? sum + n : sum), 0)
  await orderly.close()
  return {
    jobs,
    failed: failed + failures,
    reasons: { ...reasons, ...(failed > 0 ? { 'jobs that failed': failed } : {}) },
    injected: 0,
    latencies: Object.fromEntries(
      Object.entries(samples).map(([name, list]) => [name, list.summary()]),
    ),
    cpu: (user + system) / 1_000 / elapsed,
    memory: slope(heap),
  }
}

/** The line through the samples after the first fifth, when everything has warmed up. */
function slope(heap) {
  const warm = heap.slice(Math.floor(heap.length / 5))
  const mean = (pick) => warm.reduce((sum, entry) => sum + pick(entry), 0) / warm.length
  const [x, y] = [mean(({ at }) => at), mean(({ mb }) => mb)]
  const over = warm.reduce((sum, { at, mb }) => sum + (at - x) * (mb - y), 0)
  const under = warm.reduce((sum, { at }) => sum + (at - x) ** 2, 0)
  return {
    first: warm[0]?.mb ?? NaN,
    last: warm.at(-1)?.mb ?? NaN,
    rss: warm.at(-1)?.rss ?? NaN,
    samples: warm.length,
    slope: under === 0 ? NaN : (over / under) * 3_600_000,
  }
}

answer(run)
