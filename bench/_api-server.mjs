// The server that bench/api.mjs asks: an instance with callers' keys, which works on the jobs it is given, in a process of
// its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { z } from 'zod'

const dist = (path) => new URL(`../packages/orderly/dist/${path}`, import.meta.url).href
const { createOrderly, defineJob, handle, phi, roomsOf } = {
  ...(await import(dist('index.js'))),
  ...(await import(dist('orderly.js'))),
}
const { buildApp } = await import(dist('http/app.js'))
const { openCallers } = await import(dist('http/auth.js'))
const { createApiKey } = await import(dist('access/api-keys.js'))
const { SYSTEM } = await import(dist('access/actor.js'))

const MEBIBYTE = 1_048_576
const KEYS = 20
const STEP_MS = 100
const home = mkdtempSync(join(tmpdir(), 'orderly-bench-api-'))
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const mail = defineJob({
  name: 'mail.send',
  queue: 'mail',
  input: z.object({ patient: phi.name() }),
})
const pdf = defineJob({
  name: 'pdf.render',
  queue: 'pdf',
  input: z.object({ orderId: z.number() }),
  output: z.object({ bytes: z.number() }),
  searchable: ['orderId'],
})
const orderly = await createOrderly({
  home,
  log: silent,
  jobs: [mail, pdf],
  handlers: [
    handle(mail, async () => undefined),
    handle(pdf, async ({ input }) => ({ bytes: input.orderId })),
  ],
})
const rooms = roomsOf(orderly)
const keys = []
for (let n = 0; n < KEYS; n++) {
  const made = await createApiKey(
    rooms.access,
    { ...SYSTEM, queues: ['*'] },
    { name: `client ${n}`, roles: ['operator', 'producer'], expiresAt: Date.now() + 86_400_000 },
  )
  keys.push(made.text)
}
// Somebody's jobs of before: a list is not empty.
await orderly.enqueueMany(
  mail,
  Array.from({ length: 2_000 }, (_, n) => ({ input: { patient: `Patient ${n}` } })),
)
await orderly.start()
await orderly.whenIdle()
const app = await buildApp(orderly, {
  callers: openCallers(rooms),
  rate: { limit: 1_000_000, per: 1_000 },
})
await app.listen({ port: 0, host: '127.0.0.1' })
const delay = monitorEventLoopDelay({ resolution: 10 })
delay.enable()
let cpu = process.cpuUsage()
let at = process.hrtime.bigint()
process.send({ url: `http://127.0.0.1:${app.server.address().port}`, keys })

const timer = setInterval(() => process.send({ sample: sample() }), 1_000)

function sample() {
  const { user, system } = process.cpuUsage(cpu)
  const now = process.hrtime.bigint()
  const busy = (user + system) / (Number(now - at) / 1_000)
  cpu = process.cpuUsage()
  at = now
  const lag = delay.percentile(99) / 1e6
  delay.reset()
  const { rss, heapUsed } = process.memoryUsage()
  return { rss: rss / MEBIBYTE, heap: heapUsed / MEBIBYTE, busy, cpu: (user + system) / 1_000, lag }
}

/** Enqueues jobs evenly: each is accepted, started and completed, which makes three events. */
async function produce({ perSecond, seconds }) {
  let orderId = 0
  const until = performance.now() + seconds * 1_000
  for (let due = performance.now(); due < until; due += STEP_MS) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())))
    const count = Math.round((perSecond / 3 / 1_000) * STEP_MS)
    const items = Array.from({ length: count }, () => ({ input: { orderId: ++orderId } }))
    await orderly.enqueueMany(pdf, items)
  }
  await orderly.whenIdle()
  await rooms.recorder.flush()
  return orderId
}

process.on('message', (message) => {
  if (message.produce) void produce(message.produce).then((produced) => process.send({ produced }))
  if (message === 'stop') {
    clearInterval(timer)
    void app
      .close()
      .then(() => orderly.close())
      .then(() => {
        rmSync(home, { recursive: true, force: true })
        process.exit(0)
      })
  }
})
