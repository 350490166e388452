// One measurement of `npm run bench -- wall` in a process of its own: told by its first message what to do.
import { performance } from 'node:perf_hooks'
import * as bullmq from 'bullmq'
import { clear, createOrderly, defineJob, handle, phi } from 'orderly'
import { createSqliteBackend } from 'bullmq-sqlite'
import { z } from 'zod'

const CONCURRENCY = 50
const silent = { debug() {}, info() {}, warn() {}, error: console.error }
const INPUT = { orderId: 'ord-1842', patient: 'Jane Roe', note: 'x'.repeat(100), count: 7 }
const OUTPUT = { ok: true, note: 'y'.repeat(40) }

/** Enqueues all jobs, 50 at a time, then works them off, 50 at a time. Rates are jobs a second. */
const variants = {
  async raw({ jobs, connection, kind }) {
    const { Queue, Worker } = kind === 'redis' ? bullmq : bullmq.withBackend(createSqliteBackend)
    const queue = new Queue('bench', { connection })
    await queue.waitUntilReady()
    const adds = await rate(jobs, () => queue.add('noop', INPUT))
    let count = () => {}
    const handler = async () => {
      count()
      return OUTPUT
    }
    const worker = new Worker('bench', handler, {
      connection,
      concurrency: CONCURRENCY,
      autorun: false,
    })
    await worker.waitUntilReady()
    const processed = await drained(jobs, (counter) => {
      count = counter
      void worker.run()
    })
    return { adds, processed }
  },
  clear: (task) => walled(task, false),
  phi: (task) => walled(task, true),
}

async function walled({ jobs, home, queueUrl }, isPhi) {
  const text = isPhi ? phi.name() : z.string()
  const job = defineJob({
    name: 'noop',
    queue: 'bench',
    input: z.object({
      orderId: isPhi ? clear(z.string()) : z.string(),
      patient: text,
      note: z.string(),
      count: z.number(),
    }),
    output: z.object({ ok: z.boolean(), note: z.string() }),
  })
  let count = () => {}
  const handler = handle(job, async () => {
    count()
    return OUTPUT
  })
  const orderly = await createOrderly({
    home,
    queueUrl,
    jobs: [job],
    queues: [{ name: 'bench', concurrency: CONCURRENCY }],
    handlers: [handler],
    log: silent,
  })
  const adds = await rate(jobs, () => orderly.enqueue(job, INPUT))
  const processed = await drained(jobs, async (counter) => {
    count = counter
    await orderly.start()
  })
  await orderly.close()
  return { adds, processed }
}

async function rate(jobs, add) {
  const since = performance.now()
  let left = jobs
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      while (left-- > 0) await add()
    }),
  )
  return jobs / ((performance.now() - since) / 1000)
}

function drained(jobs, start) {
  return new Promise((resolve) => {
    const warmUp = Math.floor(jobs / 5)
    let done = 0
    let since = 0
    void start(() => {
      done++
      if (done === warmUp) since = performance.now()
      if (done === jobs) resolve((jobs - warmUp) / ((performance.now() - since) / 1000))
    })
  })
}

async function answer({ variant, ...task }) {
  try {
    const result = await variants[variant](task)
    process.send({ result }, () => process.exit(0))
  } catch (error) {
    process.send({ error: error.stack }, () => process.exit(1))
  }
}

process.once('message', (task) => void answer(task))
process.once('disconnect', () => process.exit(1))
