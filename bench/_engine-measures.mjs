// What `npm run bench -- engine` measures. Each runs in a fresh process; rates are jobs a second, times milliseconds.
import { fork } from 'node:child_process'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openContender } from './_engine-contenders.mjs'

const BULK = 1000
const WARM_UP_SHARE = 0.2
const LAG_RESOLUTION_MS = 2
const PICK_UP_SAMPLES = 100
// plainjob looks once a second, so few samples take long.
const LEAST_SAMPLES = 3
const SETTLE_MS = 1500
const WARM_UP_JOBS = 5000
const BACKLOG_LIMIT_S = 30
const CHILD = fileURLToPath(new URL('./_engine-child.mjs', import.meta.url))

export const measures = {
  'process@50': (task) => processing(task, 50),
  'process@1': (task) => processing(task, 1),
  'adds@50': (task) => adding(task, 50, (queue, n) => queue.add({ n })),
  'adds@1': (task) => adding(task, 1, (queue, n) => queue.add({ n })),
  bulk: (task) => adding(task, 1, (queue) => queue.addBulk(BULK), BULK),
  pickup,
  'pickup across': pickupAcross,
  idle,
  fill,
  start,
  drain,
  listen,
}

/** Jobs are there before the worker is; the first ones warm up and are not counted. */
async function processing({ kind, connection, jobs, seconds }, concurrency) {
  const queue = await openContender(kind, connection)
  const most = concurrency === 1 ? jobs / 2 : jobs
  for (let added = 0; added < most; added += BULK) await queue.addBulk(BULK)
  const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS })
  lag.enable()
  await sleep(10)
  const rate = await drained(queue, concurrency, most, seconds)
  // A loop that was starved all the while records that only now.
  await sleep(20)
  return { rate, lagP99: lag.percentile(99) / 1e6 - LAG_RESOLUTION_MS }
}

/** Works until all is done or the time is over; the rate of what came after the warm-up. */
function drained(queue, concurrency, jobs, seconds, warmUp = Math.floor(jobs * WARM_UP_SHARE)) {
  return new Promise((resolve, reject) => {
    let done = 0
    let since = 0
    let deadline = Infinity
    const completed = () => {
      done++
      if (done === warmUp) {
        since = performance.now()
        deadline = since + seconds * 1000
      } else if (done === jobs || (done > warmUp && performance.now() > deadline)) {
        resolve((done - warmUp) / ((performance.now() - since) / 1000))
        deadline = Infinity
      }
    }
    queue.startWorker({ concurrency, handler: async () => {}, completed }).catch(reject)
  })
}

/** As many lanes as may be in flight, each adding one after the other until the time is over. */
async function adding({ kind, connection, seconds }, inFlight, add, jobsPerAdd = 1) {
  const queue = await openContender(kind, connection)
  const since = performance.now() + seconds * 1000 * WARM_UP_SHARE
  const until = since + seconds * 1000
  let counted = 0
  let n = 0
  const lane = async () => {
    for (let now = performance.now(); now < until; now = performance.now()) {
      await add(queue, n++)
      if (now >= since) counted += jobsPerAdd
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return { rate: counted / ((performance.now() - since) / 1000) }
}

/** From the call of add to the start of the handler, on a queue where nothing else happens. */
async function pickup({ kind, connection, seconds }) {
  const queue = await openContender(kind, connection)
  let started
  await queue.startWorker({ concurrency: 1, handler: async () => started(process.hrtime.bigint()) })
  return sampled(queue, seconds, () => new Promise((resolve) => (started = resolve)))
}

/** The same with the worker in another process; both read the machine's one monotonic clock. */
async function pickupAcross({ kind, connection, seconds }) {
  const queue = await openContender(kind, connection)
  const listener = await startListener(kind, connection)
  try {
    return await sampled(queue, seconds, listener.nextStart)
  } finally {
    listener.end()
  }
}

async function sampled(queue, seconds, nextStart) {
  const latencies = []
  const until = performance.now() + seconds * 3000
  // The first two find neither code nor caches warm.
  for (let n = -2; n < PICK_UP_SAMPLES && (n < LEAST_SAMPLES || performance.now() < until); n++) {
    await sleep(10 + Math.random() * 20)
    const latency = await pickUpOnce(queue, nextStart)
    if (n >= 0) latencies.push(latency)
  }
  latencies.sort((a, b) => a - b)
  const at = (share) =>
    latencies[Math.min(Math.floor(latencies.length * share), latencies.length - 1)]
  return { p50: at(0.5), p99: at(0.99) }
}

async function pickUpOnce(queue, nextStart) {
  const started = nextStart()
  const asked = process.hrtime.bigint()
  await queue.add({ n: 0 })
  return Number((await started) - asked) / 1e6
}

/** The share of one core that a worker without work takes, and the pick-up that ends the silence. */
async function idle({ kind, connection, seconds }) {
  const queue = await openContender(kind, connection)
  const listener = await startListener(kind, connection)
  try {
    await pickUpOnce(queue, listener.nextStart)
    await sleep(SETTLE_MS)
    const before = await listener.cpuMicros()
    const since = performance.now()
    await sleep(seconds * 1000)
    const used = (await listener.cpuMicros()) - before
    const cpuPercent = used / 10 / (performance.now() - since)
    return { cpuPercent, pickupAfter: await pickUpOnce(queue, listener.nextStart) }
  } finally {
    listener.end()
  }
}

async function startListener(kind, connection) {
  const child = fork(CHILD)
  const answer = (wanted) =>
    new Promise((resolve, reject) => {
      const hear = (message) => {
        if (message.error) reject(new Error(message.error))
        if (!(wanted in message)) return
        child.off('message', hear)
        resolve(message[wanted])
      }
      child.on('message', hear)
    })
  const ready = answer('ready')
  child.send({ measure: 'listen', kind, connection })
  await ready
  return {
    nextStart: () => answer('started').then(BigInt),
    cpuMicros: () => {
      const used = answer('cpuMicros')
      child.send('cpu')
      return used
    },
    end: () => child.kill('SIGKILL'),
  }
}

/** The other process: works and tells when each job started. */
async function listen({ kind, connection }) {
  const queue = await openContender(kind, connection)
  const handler = async () => void process.send({ started: String(process.hrtime.bigint()) })
  await queue.startWorker({ concurrency: 1, handler })
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send({ cpuMicros: user + system })
  })
  process.send({ ready: true })
  return new Promise(() => {})
}

/** Adds a backlog. */
async function fill({ kind, connection, jobs }) {
  const queue = await openContender(kind, connection)
  for (let added = 0; added < jobs; added += BULK) await queue.addBulk(BULK)
  return {}
}

/** Opens a file with a backlog: how long until the first job runs. */
async function start({ kind, connection }) {
  const since = performance.now()
  const queue = await openContender(kind, connection)
  const startMs = await new Promise((resolve, reject) => {
    const handler = async () => {
      resolve(performance.now() - since)
      // The one job is all that is wanted.
      await new Promise(() => {})
    }
    queue.startWorker({ concurrency: 1, handler }).catch(reject)
  })
  return { startMs }
}

/** Works on a backlog after another queue of the same file has warmed up the code. */
async function drain({ kind, connection, jobs }) {
  const warmUp = await openContender(kind, connection, 'warm-up')
  for (let added = 0; added < WARM_UP_JOBS; added += BULK) await warmUp.addBulk(BULK)
  await drained(warmUp, 50, WARM_UP_JOBS, BACKLOG_LIMIT_S)
  const queue = await openContender(kind, connection)
  return { rate: await drained(queue, 50, jobs, BACKLOG_LIMIT_S, 1) }
}
