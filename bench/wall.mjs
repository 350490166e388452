// What validation, seal and record cost: BullMQ as it is beside Orderly's clear and PHI jobs, on the same store in the
// same run. `npm run bench -- wall [--rounds N] [--jobs N] [--json]`.
import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { register } from 'tsx/esm/api'

const CHILD = fileURLToPath(new URL('./_wall-child.mjs', import.meta.url))
const SERVERS = '../packages/bullmq-sqlite/conformance/servers.ts'
const VARIANTS = ['raw', 'clear', 'phi']
const AIMS = { clear: 0.8, phi: 0.5 }

export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '5' },
      jobs: { type: 'string', default: '10000' },
      json: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
  })
  const rounds = Number(values.rounds)
  const jobs = Number(values.jobs)
  const unregister = register()
  const { startRedis } = await import(SERVERS)
  await unregister()
  const redis = await startRedis('everysec')
  const results = []
  try {
    for (let round = 0; round < rounds; round++) {
      for (const store of ['sqlite', 'redis']) {
        if (values.only && values.only !== store) continue
        // Who comes first in a round comes later in the next: what drifts over time meets all alike.
        for (const variant of rotated(VARIANTS, round)) {
          process.stderr.write(`Round ${round + 1} of ${rounds}: ${variant} on ${store}\n`)
          results.push({ round, store, variant, ...(await run({ store, variant, jobs, redis })) })
        }
      }
    }
  } finally {
    await redis.stop()
  }
  report(results, values.json)
}

async function run({ store, variant, jobs, redis }) {
  const home = await mkdtemp(join(tmpdir(), 'orderly-wall-'))
  try {
    if (store === 'redis') await flush(redis.port)
    return await measure({
      variant,
      jobs,
      home,
      kind: store,
      queueUrl: store === 'redis' ? redis.url : `sqlite:${join(home, 'queue.db')}`,
      connection:
        store === 'redis'
          ? { host: '127.0.0.1', port: redis.port, maxRetriesPerRequest: null }
          : { file: join(home, 'queue.db') },
    })
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function flush(port) {
  const client = new Redis(port, '127.0.0.1')
  await client.flushall()
  client.disconnect()
}

function measure(task) {
  return new Promise((resolve, reject) => {
    const child = fork(CHILD)
    child.once('message', ({ result, error }) =>
      error ? reject(new Error(error)) : resolve(result),
    )
    child.once('error', reject)
    child.send(task)
  })
}

function rotated(list, by) {
  const start = by % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}

function report(results, asJson) {
  const rows = []
  for (const store of new Set(results.map((result) => result.store))) {
    for (const variant of VARIANTS) {
      const own = results.filter((result) => result.store === store && result.variant === variant)
      const ratio = (measure) =>
        median(
          own.map((result) => {
            const raw = results.find(
              (other) =>
                other.store === store && other.round === result.round && other.variant === 'raw',
            )
            return result[measure] / raw[measure]
          }),
        )
      rows.push({
        store,
        variant,
        adds: Math.round(median(own.map(({ adds }) => adds))),
        processed: Math.round(median(own.map(({ processed }) => processed))),
        addsRatio: ratio('adds'),
        processedRatio: ratio('processed'),
        aim: AIMS[variant] ?? null,
      })
    }
  }
  if (asJson) return console.log(JSON.stringify(rows))
  console.log('\nJobs a second, medians; ratios to BullMQ as it is, taken inside a round.\n')
  console.table(
    rows.map((row) => ({
      store: row.store,
      jobs: row.variant,
      'enqueue@50': row.adds,
      'process@50': row.processed,
      'enqueue ratio': row.addsRatio.toFixed(2),
      'process ratio': row.processedRatio.toFixed(2),
      aim: row.aim ?? '',
    })),
  )
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
