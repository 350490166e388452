// How fast jobs are found in a large record: 1,000,000 jobs unless told, each kind of search many times over.
// `npm run bench -- search [--store sqlite|postgres] [--jobs N] [--times N] [--json]`.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { register } from 'tsx/esm/api'
import { clear, createOrderly, defineJob, phi } from 'orderly'
import { sql } from 'kysely'
import { z } from 'zod'
import { fill, NAMES, QUEUES, RARE, STATES } from './_recorded-jobs.mjs'

const AIMS = { search: 50, counts: 10 }
const SERVERS = '../packages/bullmq-sqlite/conformance/servers.ts'
const silent = { debug() {}, info() {}, warn() {}, error: console.error }

const visit = defineJob({
  name: NAMES[0],
  queue: QUEUES[0],
  input: z.object({ mrn: phi.mrn(), order: clear(z.string()) }),
  searchable: ['mrn', 'order'],
})

export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      jobs: { type: 'string', default: '1000000' },
      times: { type: 'string', default: '200' },
      store: { type: 'string', default: 'sqlite' },
      json: { type: 'boolean', default: false },
    },
  })
  const jobs = Number(values.jobs)
  const times = Number(values.times)
  const server = await startStore(values.store)
  const home = await mkdtemp(join(tmpdir(), 'orderly-search-'))
  try {
    const orderly = await createOrderly({
      home,
      jobs: [visit],
      log: silent,
      ...(server && { databaseUrl: server.url }),
    })
    // Real terms of the real vault, spread over the made-up jobs.
    for (let n = 0; n < 200; n++)
      await orderly.enqueue(
        visit,
        { mrn: `mrn-${n}`, order: `order-${n}` },
        { tags: [`tag-${n % 20}`] },
      )
    await fill(orderly.database, jobs)
    // As a server's own upkeep would have done by the time there are so many.
    if (server) await sql`vacuum analyze`.execute(orderly.database.query)
    const rows = []
    for (const [name, search] of Object.entries(searches())) {
      const taken = []
      let found = 0
      for (let n = 0; n < times; n++) {
        const since = performance.now()
        found = (await orderly.findJobs(search(n))).length
        taken.push(performance.now() - since)
      }
      rows.push(row(name, taken, found, AIMS.search))
    }
    const taken = []
    let found = 0
    for (let n = 0; n < times; n++) {
      const since = performance.now()
      found = (await orderly.countJobs()).length
      taken.push(performance.now() - since)
    }
    rows.push(row('counts', taken, found, AIMS.counts))
    await orderly.close()
    if (values.json) return console.log(JSON.stringify(rows))
    console.log(
      `\n${jobs.toLocaleString('en')} recorded jobs on ${values.store}, ${times} times each, milliseconds.\n`,
    )
    console.table(rows)
  } finally {
    await server?.stop()
    await rm(home, { recursive: true, force: true })
  }
}

async function startStore(store) {
  if (store !== 'sqlite' && store !== 'postgres') throw new Error('--store is sqlite or postgres')
  if (store === 'sqlite') return undefined
  const unregister = register()
  const { startPostgres } = await import(SERVERS)
  await unregister()
  return startPostgres()
}

/** Pages of 100, in ever other places. */
function searches() {
  const end = Date.UTC(2026, 5, 1)
  const at = (n) => end - ((n * 7919) % 1000) * 86_400
  return {
    newest: () => ({}),
    'by state': (n) => ({ state: STATES[n % STATES.length][0] }),
    'by queue': (n) => ({ queue: QUEUES[n % QUEUES.length] }),
    'by queue and state': (n) => ({ queue: QUEUES[n % QUEUES.length], state: 'failed' }),
    'by name': (n) => ({ name: NAMES[n % NAMES.length] }),
    'by name and state': (n) => ({ name: NAMES[n % NAMES.length], state: 'failed' }),
    'by time': (n) => ({ createdFrom: at(n) - 60_000, createdTo: at(n) }),
    'by name and time': (n) => ({ name: NAMES[n % NAMES.length], createdTo: at(n) }),
    'by error': () => ({ errorCode: 'ORDERLY_TIMEOUT' }),
    'by fingerprint': (n) => ({ fingerprint: String(n % 50).padStart(12, '0') }),
    'by duration': (n) => ({ durationFrom: 55_000 + (n % 700) }),
    'by duration and name': (n) => ({ name: NAMES[n % NAMES.length], durationFrom: 55_000 }),
    'by tag': (n) => ({ tags: [`tag-${n % 20}`] }),
    'by clear path': (n) => ({ name: NAMES[0], where: { order: `order-${n % 200}` } }),
    'by PHI': (n) => ({ name: NAMES[0], where: { mrn: `mrn-${n % 200}` } }),
    'a page far back': (n) => ({ before: { createdAt: at(n), id: 'f' } }),
    'a rare name': () => ({ name: RARE }),
    'a rare name, failed': () => ({ name: RARE, state: 'failed' }),
    'a rare name, completed': () => ({ name: RARE, state: 'completed' }),
    'nothing found': () => ({ name: 'job-that-is-not', state: 'failed' }),
  }
}

function row(search, taken, found, aim) {
  const sorted = taken.toSorted((a, b) => a - b)
  const at = (share) => Number(sorted[Math.floor((sorted.length - 1) * share)].toFixed(2))
  return { search, found, p50: at(0.5), p95: at(0.95), most: at(1), aim, held: at(0.95) < aim }
}
