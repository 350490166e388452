// What callers notice while the queue's Redis is killed, gone for a while, and started again: how long an enqueue takes
// then, and whether every job ran once. `npm run bench -- absence [--rate 50] [--seconds 60] [--json]`.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createOrderly, defineJob, handle } from 'orderly'
import { register } from 'tsx/esm/api'
import { z } from 'zod'

const SERVERS = '../packages/bullmq-sqlite/conformance/servers.ts'
const AIM_MS = 50
const BESIDE_SECONDS = 15
const silent = { debug() {}, info() {}, warn() {}, error() {} }

const tick = defineJob({ name: 'tick', input: z.object({ n: z.number() }) })

export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      rate: { type: 'string', default: '50' },
      seconds: { type: 'string', default: '60' },
      json: { type: 'boolean', default: false },
    },
  })
  const rate = Number(values.rate)
  const seconds = Number(values.seconds)
  if (!(rate > 0 && rate <= 1_000) || !(seconds > 0 && seconds <= 600))
    throw new Error('--rate is above 0 and up to 1000, --seconds above 0 and up to 600')
  const unregister = register()
  const { startRedis } = await import(SERVERS)
  await unregister()
  const redis = await startRedis('everysec', ['--maxmemory-policy', 'noeviction'])
  const home = await mkdtemp(join(tmpdir(), 'orderly-absence-'))
  const runs = new Map()
  try {
    const run = ({ input: { n } }) => runs.set(n, (runs.get(n) ?? 0) + 1)
    const orderly = await createOrderly({
      home,
      queueUrl: redis.url,
      jobs: [tick],
      handlers: [handle(tick, async (ctx) => void run(ctx))],
      log: silent,
    })
    try {
      await orderly.start()
      const callers = enqueueSteadily(orderly, rate)
      await callers.phase('before', BESIDE_SECONDS)
      await redis.kill()
      await callers.phase('away', seconds)
      await redis.start()
      await callers.phase('after', BESIDE_SECONDS)
      const { enqueued, refused, taken } = await callers.stop()
      await orderly.whenIdle()
      report(
        {
          enqueued,
          refused,
          ran: runs.size,
          twice: [...runs.values()].filter((times) => times > 1).length,
          mode: orderly.status().mode,
          milliseconds: Object.entries(taken).map(([phase, times]) => quantiles(phase, times)),
        },
        values.json,
      )
    } finally {
      await orderly.close()
    }
  } finally {
    await redis.stop()
    await rm(home, { recursive: true, force: true })
  }
}

/** Callers who come when they come, whether those before them have been served or not. */
function enqueueSteadily(orderly, rate) {
  const taken = {}
  const open = new Set()
  let now
  let enqueued = 0
  let refused = 0
  const enqueue = async (times) => {
    const since = performance.now()
    try {
      await orderly.enqueue(tick, { n: enqueued++ })
      times.push(performance.now() - since)
    } catch {
      refused++
    }
  }
  const timer = setInterval(() => {
    const one = enqueue(now).finally(() => open.delete(one))
    open.add(one)
  }, 1_000 / rate)
  return {
    async phase(name, seconds) {
      process.stderr.write(`Redis ${name === 'away' ? 'is away' : 'is there'} for ${seconds} s\n`)
      now = taken[name] = []
      await sleep(seconds * 1_000)
    },
    async stop() {
      clearInterval(timer)
      await Promise.all(open)
      return { enqueued, refused, taken }
    },
  }
}

function quantiles(phase, times) {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share) => Number((sorted[Math.floor((sorted.length - 1) * share)] ?? NaN).toFixed(1))
  const p99 = at(0.99)
  return {
    phase,
    jobs: times.length,
    p50: at(0.5),
    p99,
    most: at(1),
    aim: AIM_MS,
    held: p99 < AIM_MS,
  }
}

function report(result, json) {
  if (json) return console.log(JSON.stringify(result))
  const { milliseconds, ...counts } = result
  console.log(
    `\n${counts.enqueued} jobs enqueued, ${counts.refused} refused, ${counts.ran} ran, ${counts.twice} of them more than once; now ${counts.mode}. Milliseconds to enqueue one:\n`,
  )
  console.table(milliseconds)
}
