// Made-up jobs in the record, a million at a time, past everything that makes real ones.

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

const AT_ONCE = 20_000
const INSERT_JOB = `insert into orderly_jobs (id, queue, name, engine, state, priority, attempts, created_at, run_at,
  started_at, finished_at, duration, error_code, fingerprint, opts, input, updated_at)`
const INSERT_TERM = 'insert into orderly_terms (field, term, created_at, job_id)'
const COUNT = `insert into orderly_counts (queue, name, state, n) values (?, ?, ?, ?)
  on conflict (queue, name, state) do update set n = orderly_counts.n + excluded.n`

/**
 * Writes jobs into the record of an instance that is open: of every state, spread over queues, names and time.
 *
 * @param areOver none of them is still to run: an instance that works would look for those
 */
export async function fill(database, jobs, { end = Date.UTC(2026, 5, 1), areOver = false } = {}) {
  process.stderr.write(`Writing ${jobs.toLocaleString('en')} jobs …\n`)
  const terms = await database.query
    .selectFrom('orderly_terms as of')
    .innerJoin('orderly_jobs as job', 'job.id', 'of.job_id')
    .select(['of.field', 'of.term', 'job.name'])
    .distinct()
    .execute()
  const tags = terms.filter(({ field }) => field === '#tag')
  // A path of an input is found only in jobs of the kind that has it.
  const fields = new Map()
  for (const term of terms)
    if (term.field !== '#tag') fields.set(term.name, [...(fields.get(term.name) ?? []), term])
  const counts = new Map()
  const start = end - jobs * 86
  for (let from = 0; from < jobs; from += AT_ONCE) {
    const rows = []
    const found = []
    for (let n = from; n < Math.min(from + AT_ONCE, jobs); n++) {
      const row = madeUp(n, start, areOver)
      rows.push(row)
      const [id, , name] = row
      for (const some of [tags, fields.get(name) ?? []]) {
        const one = some[Math.floor(n / NAMES.length) % some.length]
        if (one) found.push([one.field, one.term, row[7], id])
      }
      const key = JSON.stringify([row[1], row[2], row[4]])
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    await database.transaction(async (tx) => {
      await tx.insertAll(INSERT_JOB, rows, 'on conflict do nothing')
      if (found.length > 0) await tx.insertAll(INSERT_TERM, found, 'on conflict do nothing')
    })
  }
  await database.transaction((tx) =>
    tx.many(
      COUNT,
      [...counts].map(([key, n]) => [...JSON.parse(key), n]),
    ),
  )
}

function madeUp(n, start, areOver) {
  const random = ((n * 2_654_435_761) % 4_294_967_296) / 4_294_967_296
  const picked = pick(random)
  const state = areOver && picked !== 'failed' ? 'completed' : picked
  const at = start + n * 86
  const ended = state === 'completed' || state === 'failed'
  return [
    `${at.toString(16).padStart(12, '0')}7000800000000${n.toString(16).padStart(7, '0')}`,
    QUEUES[n % QUEUES.length],
    n % 20_011 === 7 ? RARE : NAMES[(n * 5) % NAMES.length],
    'main',
    state,
    100,
    1,
    at,
    at,
    at + 5,
    ended ? at + 40 : null,
    ended ? Math.floor(random * 60_000) : null,
    state === 'failed' ? (n % 40 === 0 ? 'ORDERLY_TIMEOUT' : 'ORDERLY_HANDLER_FAILED') : null,
    state === 'failed' ? String(n % 50).padStart(12, '0') : null,
    '{}',
    `{"$o":"o1.${'x'.repeat(300)}"}`,
    at + 40,
  ]
}

function pick(random) {
  let sum = 0
  for (const [state, share] of STATES) if (random < (sum += share)) return state
  return 'completed'
}
