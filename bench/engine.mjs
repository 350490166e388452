// BullMQ on SQLite beside BullMQ on Redis and PostgreSQL and beside plainjob, interleaved, each measurement in a
// process of its own. `npm run bench -- engine [--rounds N] [--quick] [--backlog] [--json] [--only bulk,pickup]`.
import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { Redis } from 'ioredis'
import { register } from 'tsx/esm/api'
import { contenders } from './_engine-contenders.mjs'
import { printReport, summarize } from './_engine-report.mjs'

const CHILD = fileURLToPath(new URL('./_engine-child.mjs', import.meta.url))
const SERVERS = '../packages/bullmq-sqlite/conformance/servers.ts'
const CHILD_LIMIT_MS = 180_000
const BACKLOGS = [1000, 1_000_000]
const BACKLOG_ROUNDS = 5
const RATES = ['process@50', 'process@1', 'adds@50', 'adds@1', 'bulk']
const LATENCIES = ['pickup', 'pickup across']

export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      backlog: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
  })
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 5))
  const seconds = values.quick ? 0.5 : 1.5
  const servers = await startServers()
  const results = []
  try {
    for (let round = 0; round < rounds; round++) {
      for (const measure of [...RATES, ...LATENCIES]) {
        if (values.only && !values.only.split(',').includes(measure)) continue
        say(`Round ${round + 1} of ${rounds}: ${measure}`)
        for (const contender of rotated(contenders, round)) {
          results.push(await run(servers, { round, measure, contender, seconds }))
        }
      }
      if (!values.only) results.push(...(await idleTogether(servers, round, values.quick ? 3 : 10)))
    }
    if (values.backlog) results.push(...(await backlogs()))
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()))
  }
  const summary = summarize(results, { rounds, seconds })
  if (values.json) console.log(JSON.stringify(summary))
  else printReport(summary)
}

async function startServers() {
  const unregister = register()
  const { startRedis, startPostgres } = await import(SERVERS)
  await unregister()
  say('Starting Redis three times, and PostgreSQL')
  return {
    'redis-none': await startRedis('none'),
    'redis-everysec': await startRedis('everysec'),
    'redis-always': await startRedis('always'),
    postgres: await startPostgres(),
  }
}

// Who comes first in a round comes last in the next: what drifts over time meets all alike.
function rotated(list, by) {
  const start = by % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}

/** They sleep nearly all the time, so they need not wait for each other. */
async function idleTogether(servers, round, seconds) {
  say(`Idle for ${seconds} s`)
  const sleepers = contenders.filter(({ id }) => id !== 'sqlite-normal' && id !== 'redis-everysec')
  return Promise.all(
    sleepers.map((contender) => run(servers, { round, measure: 'idle', contender, seconds })),
  )
}

/** The same work with few and with many jobs behind it. */
async function backlogs() {
  const [contender] = contenders
  const results = []
  for (const backlog of BACKLOGS) {
    say(`Adding a backlog of ${backlog.toLocaleString('en-US')} jobs`)
    const folder = await mkdtemp(join(tmpdir(), 'bench-engine-'))
    const connection = connectionTo(contender, folder)
    try {
      for (let round = 0; round < BACKLOG_ROUNDS; round++) {
        const extra = backlog === BACKLOGS[0] || round === 0 ? backlog : BACKLOGS[0]
        await child({ measure: 'fill', ...contender, connection, jobs: extra })
        const task = { ...contender, connection, jobs: BACKLOGS[0] }
        const started = await child({ measure: 'start', ...task })
        const drained = await child({ measure: 'drain', ...task })
        const measured = { ...started, ...drained }
        results.push({ round, measure: `backlog ${backlog}`, contender: contender.id, ...measured })
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  return results
}

async function run(servers, { round, measure, contender, seconds }) {
  const folder = await mkdtemp(join(tmpdir(), 'bench-engine-'))
  try {
    const connection = await freshConnection(servers, contender, folder)
    const measured = await child({ measure, ...contender, connection, seconds })
    return { round, measure, contender: contender.id, ...measured }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A store that holds nothing yet. */
async function freshConnection(servers, contender, folder) {
  const { id, kind } = contender
  if (kind === 'redis') {
    const { port } = servers[id]
    const redis = new Redis(port, '127.0.0.1')
    await redis.flushall()
    await redis.quit()
    return { host: '127.0.0.1', port, maxRetriesPerRequest: null }
  }
  if (kind === 'postgres') {
    const name = `bench${Date.now()}`
    const client = new pg.Client(servers.postgres.url)
    await client.connect()
    await client.query(`create database ${name}`)
    await client.end()
    const connectionString = servers.postgres.url.replace(/\/postgres$/, `/${name}`)
    return { connectionString, migrate: true }
  }
  return connectionTo(contender, folder)
}

function connectionTo({ synchronous }, folder) {
  return { file: join(folder, 'bench.db'), ...(synchronous && { synchronous }) }
}

function child(task) {
  return new Promise((resolve, reject) => {
    const started = fork(CHILD, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const limit = setTimeout(() => started.kill('SIGKILL'), CHILD_LIMIT_MS)
    let answer
    started.on('message', (message) => (answer = message))
    started.on('exit', (code, signal) => {
      clearTimeout(limit)
      if (answer?.result) resolve(answer.result)
      else
        reject(
          new Error(answer?.error ?? `${task.id} ${task.measure} ended with ${code ?? signal}`),
        )
    })
    started.send(task)
  })
}

function say(line) {
  process.stderr.write(`${line}\n`)
}
