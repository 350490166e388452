// Made-up jobs in the record, a million at a time, past everything that makes real ones.
import BetterSqlite3 from 'better-sqlite3'

export const QUEUES = ['medication', 'lab', 'prices', 'mail']
export const NAMES = Array.from({ length: 12 }, (_, n) => `job-${n}`)
export const RARE = 'job-rare'
export const STATES = [
  ['completed', 0.93],
  ['failed', 0.03],
  ['waiting', 0.02],
  ['delayed', 0.015],
  ['active', 0.005],
]

/**
 * Writes jobs into the record of an instance that is open: of every state, spread over queues, names and time.
 *
 * @param areOver none of them is still to run: an instance that works would look for those
 */
export function fill(file, jobs, { end = Date.UTC(2026, 5, 1), areOver = false } = {}) {
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
  const start = end - jobs * 86
  db.transaction(() => {
    for (let n = 0; n < jobs; n++) {
      const random = ((n * 2_654_435_761) % 4_294_967_296) / 4_294_967_296
      const picked = pick(random)
      const state = areOver && picked !== 'failed' ? 'completed' : picked
      const queue = QUEUES[n % QUEUES.length]
      const name = n % 20_011 === 7 ? RARE : NAMES[(n * 5) % NAMES.length]
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
      const { field, term: text } = terms[n % terms.length] ?? {}
      if (field) term.run(field, text, at, id)
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
