// How fast jobs are found in a large record: 1,000,000 jobs unless told, each kind of search many times over.
// `npm run bench -- search [--jobs N] [--times N] [--json]`.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import BetterSqlite3 from 'better-sqlite3'
import { clear, createOrderly, defineJob, phi } from 'orderly'
import { z } from 'zod'

const QUEUES = ['medication', 'lab', 'prices', 'mail']
const NAMES = Array.from({ length: 12 }, (_, n) => `job-${n}`)
const STATES = [
  ['completed', 0.93],
  ['failed', 0.03],
  ['waiting', 0.02],
  ['delayed', 0.015],
  ['active', 0.005],
]
const AIMS = { search: 50, counts: 10 }
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
      json: { type: 'boolean', default: false },
    },
  })
  const jobs = Number(values.jobs)
  const times = Number(values.times)
  const home = await mkdtemp(join(tmpdir(), 'orderly-search-'))
  try {
    const orderly = await createOrderly({ home, jobs: [visit], log: silent })
    // Real terms of the real vault, spread over the made-up jobs.
    for (let n = 0; n < 200; n++)
      await orderly.enqueue(
        visit,
        { mrn: `mrn-${n}`, order: `order-${n}` },
        { tags: [`tag-${n % 20}`] },
      )
    fill(join(home, 'orderly.db'), jobs)
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
      `\n${jobs.toLocaleString('en')} recorded jobs, ${times} times each, milliseconds.\n`,
    )
    console.table(rows)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
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
    'by duration': (n) => ({ durationFrom: 59_000 + (n % 900) }),
    'by duration and name': (n) => ({ name: NAMES[n % NAMES.length], durationFrom: 59_000 }),
    'by tag': (n) => ({ tags: [`tag-${n % 20}`] }),
    'by clear path': (n) => ({ name: NAMES[0], where: { order: `order-${n % 200}` } }),
    'by PHI': (n) => ({ name: NAMES[0], where: { mrn: `mrn-${n % 200}` } }),
    'a page far back': (n) => ({ before: { createdAt: at(n), id: 'f' } }),
    'nothing found': () => ({ name: 'job-that-is-not', state: 'failed' }),
  }
}

function fill(file, jobs) {
  process.stderr.write(`Writing ${jobs.toLocaleString('en')} jobs …\n`)
  const db = new BetterSqlite3(file)
  db.pragma('synchronous = OFF')
  const insert = db.prepare(
    `insert into orderly_jobs (id, queue, name, engine, state, priority, attempts, created_at, run_at, started_at,
       finished_at, duration, error_code, fingerprint, opts, input, updated_at)
     values (?, ?, ?, 'main', ?, 100, 1, ?, ?, ?, ?, ?, ?, ?, '{}', ?, ?)`,
  )
  const terms = db.prepare('select field, term from orderly_terms').all()
  const term = db.prepare(
    'insert into orderly_terms (field, term, created_at, job_id) values (?, ?, ?, ?)',
  )
  const counts = new Map()
  const start = Date.UTC(2026, 5, 1) - jobs * 86
  db.transaction(() => {
    for (let n = 0; n < jobs; n++) {
      const random = ((n * 2_654_435_761) % 4_294_967_296) / 4_294_967_296
      const state = pick(random)
      const queue = QUEUES[n % QUEUES.length]
      const name = NAMES[(n * 5) % NAMES.length]
      const at = start + n * 86
      const ended = state === 'completed' || state === 'failed'
      const id = `${at.toString(16).padStart(12, '0')}7000800000000${n.toString(16).padStart(7, '0')}`
      insert.run(
        id,
        queue,
        name,
        state,
        at,
        at,
        at + 5,
        ended ? at + 40 : null,
        ended ? Math.floor(random * 60_000) : null,
        state === 'failed' ? (n % 40 === 0 ? 'ORDERLY_TIMEOUT' : 'ORDERLY_HANDLER_FAILED') : null,
        state === 'failed' ? String(n % 50).padStart(12, '0') : null,
        `{"$o":"o1.${'x'.repeat(300)}"}`,
        at + 40,
      )
      const { field, term: text } = terms[n % terms.length]
      term.run(field, text, at, id)
      const key = `${queue}\0${name}\0${state}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    const count = db.prepare(
      `insert into orderly_counts (queue, name, state, n) values (?, ?, ?, ?)
       on conflict do update set n = n + excluded.n`,
    )
    for (const [key, n] of counts) count.run(...key.split('\0'), n)
  })()
  db.close()
}

function pick(random) {
  let sum = 0
  for (const [state, share] of STATES) if (random < (sum += share)) return state
  return 'completed'
}

function row(search, taken, found, aim) {
  const sorted = taken.toSorted((a, b) => a - b)
  const at = (share) => Number(sorted[Math.floor((sorted.length - 1) * share)].toFixed(2))
  return { search, found, p50: at(0.5), p95: at(0.95), most: at(1), aim, held: at(0.95) < aim }
}
