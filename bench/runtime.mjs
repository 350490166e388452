// What a job costs from end to end at a steady rate: latencies, CPU, memory over time.
// `npm run bench -- runtime [--minutes N] [--rate N] [--store sqlite|redis|postgres] [--json]`; a soak is the same for longer.
import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { register } from 'tsx/esm/api'

const CHILD = fileURLToPath(new URL('./_runtime-child.mjs', import.meta.url))
const ALONE = fileURLToPath(new URL('./_raw-child.mjs', import.meta.url))
const SERVERS = '../packages/bullmq-sqlite/conformance/servers.ts'

/** What the seeds ask for (000, section 8; 003, section 3), in milliseconds at the 95th percentile. */
const TARGETS = { enqueue: 50, operation: 50, recorded: 100, requeued: 200 }
const MOST_CPU = 0.5
/** How long BullMQ is measured by itself. */
const ALONE_MINUTES = 0.5

export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '1' },
      rate: { type: 'string', default: '500' },
      store: { type: 'string', default: 'sqlite' },
      json: { type: 'boolean', default: false },
    },
  })
  const minutes = Number(values.minutes)
  const rate = Number(values.rate)
  if (!(minutes > 0 && minutes <= 60) || !(rate > 0 && rate <= 5_000))
    throw new Error('--minutes is above 0 and up to 60, --rate above 0 and up to 5000')
  const unregister = register()
  const { startPostgres, startRedis } = await import(SERVERS)
  await unregister()
  const start = {
    sqlite: () => undefined,
    redis: () => startRedis('everysec'),
    postgres: startPostgres,
  }
  if (!Object.hasOwn(start, values.store)) throw new Error('--store is sqlite, redis or postgres')
  const server = await start[values.store]()
  const home = await mkdtemp(join(tmpdir(), 'orderly-runtime-'))
  try {
    process.stderr.write(`${rate} jobs/s on ${values.store} for ${minutes} min\n`)
    const result = await measure(CHILD, { home, queueUrl: server?.url, minutes, rate })
    // On the servers, with what the first measurement left in them.
    const alone =
      server &&
      (await measure(ALONE, {
        queueUrl: server.url,
        minutes: Math.min(minutes, ALONE_MINUTES),
        rate,
      }))
    report({ store: values.store, minutes, rate, ...result, alone }, values.json)
  } finally {
    await server?.stop()
    await rm(home, { recursive: true, force: true })
  }
}

function measure(program, task) {
  return new Promise((resolve, reject) => {
    const child = fork(program, { execArgv: ['--expose-gc'] })
    child.on('message', ({ progress, result, error }) => {
      if (progress && process.stderr.isTTY) process.stderr.write(`\r  ${progress.padEnd(70)}`)
      if (error) reject(new Error(error))
      if (result) {
        process.stderr.write('\n')
        resolve(result)
      }
    })
    child.once('error', reject)
    child.send(task)
  })
}

function report(result, asJson) {
  if (asJson) return console.log(JSON.stringify(result))
  const { latencies, cpu, memory, jobs, failed, injected, reasons, rate, store, minutes, alone } =
    result
  console.log(
    `\n${jobs} jobs in ${minutes} min on ${store} (${(jobs / (minutes * 60)).toFixed(0)}/s asked ${rate}/s); ` +
      `${failed - injected} failed that should not have, ${injected} injected.\n`,
  )
  if (failed > 0) console.log(`What failed: ${JSON.stringify(reasons)}\n`)
  console.table(
    Object.fromEntries(
      Object.entries(latencies).map(([name, { p50, p95, p99, count }]) => [
        name,
        {
          p50: p50.toFixed(1),
          p95: p95.toFixed(1),
          p99: p99.toFixed(1),
          'target p95': TARGETS[name],
          holds: p95 < TARGETS[name] ? 'yes' : 'NO',
          samples: count,
        },
      ]),
    ),
  )
  const share = cpu / availableParallelism()
  console.log(
    `CPU ${(share * 100).toFixed(0)} % of ${availableParallelism()} processors (target under ${MOST_CPU * 100} %): ${share < MOST_CPU ? 'holds' : 'DOES NOT HOLD'}`,
  )
  console.log(
    `Heap after collection ${memory.first.toFixed(0)} MB at first, ${memory.last.toFixed(0)} MB at last; slope ${memory.slope.toFixed(2)} MB an hour over ${memory.samples} samples. RSS ${memory.rss.toFixed(0)} MB.`,
  )
  if (alone) compare(latencies, cpu, alone)
}

/** The same beside BullMQ alone, which neither seals nor keeps a record. */
function compare(latencies, cpu, alone) {
  console.log('\nBullMQ alone on the same server, at the same rate:\n')
  console.table(
    Object.fromEntries(
      Object.entries(alone.latencies).map(([name, { p50, p95, p99 }]) => [
        name,
        {
          p50: p50.toFixed(1),
          p95: p95.toFixed(1),
          p99: p99.toFixed(1),
          'Orderly / BullMQ at p95': (latencies[name].p95 / p95).toFixed(2),
        },
      ]),
    ),
  )
  console.log(
    `CPU ${((alone.cpu / availableParallelism()) * 100).toFixed(0)} % alone, ${((cpu / availableParallelism()) * 100).toFixed(0)} % with Orderly.`,
  )
}
