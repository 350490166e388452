// Writes what happens to jobs: events in order, the job as it is now, what it can be found by, and the counts.
import type { Commit, Database, DatabaseTransaction } from '../database/open.ts'
import type { JobEvent } from '../job/job-event.ts'
import { fold, type ContentRetention } from './fold.ts'
import type { HistoryTables, JobRow } from './tables.ts'

/** An event with what it is recorded under. */
export interface Entry {
  readonly event: JobEvent
  /** The engine that reports it. */
  readonly engine: string
  /** What an accepted job is to be found by: field and term, the term clear or a blind index. */
  readonly terms?: readonly (readonly [field: string, term: string])[]
}

export type HistoryDatabase = Database<HistoryTables>
type Transaction = DatabaseTransaction<HistoryTables>

const INSERT_EVENT =
  'insert into orderly_events (job_id, key, at, type, attempt, detail) values (?, ?, ?, ?, ?, ?) on conflict (job_id, key) do nothing'
const INSERT_TERM =
  'insert into orderly_terms (field, term, created_at, job_id) values (?, ?, ?, ?) on conflict do nothing'
const ADD_COUNT = `insert into orderly_counts (queue, name, state, n) values (?, ?, ?, ?)
  on conflict (queue, name, state) do update set n = orderly_counts.n + excluded.n`

/** Columns that are written once, when the job is accepted. */
const BIRTH = [
  'id',
  'queue',
  'name',
  'priority',
  'created_at',
  'parent',
  'schedule',
  'opts',
] as const
/** Columns that change. */
const LIFE = [
  'engine',
  'state',
  'attempts',
  'run_at',
  'started_at',
  'finished_at',
  'duration',
  'error_code',
  'fingerprint',
  'worker',
  'progress',
  'output',
  'expires_at',
  'updated_at',
] as const

const INSERT_JOB = `insert into orderly_jobs (${[...BIRTH, 'input', ...LIFE].join(', ')})
  values (${[...BIRTH, 'input', ...LIFE].map(() => '?').join(', ')}) on conflict (id) do nothing`
const UPDATE_JOB = `update orderly_jobs set ${LIFE.map((column) => `${column} = ?`).join(', ')},
  input = coalesce(?, input) where id = ?`

/** The columns a fold looks at: all but the input, which may be large and never changes. */
const FOLDED = [...BIRTH, ...LIFE] as const

/**
 * Records `entries` in one transaction. What was recorded before is left as it is, so a report may be repeated.
 *
 * @returns for each entry whether it was new
 */
export async function append(
  database: HistoryDatabase,
  entries: readonly Entry[],
  retention: ContentRetention,
  commit: Commit = 'flushed',
): Promise<boolean[]> {
  return database.transaction((tx) => appendWithin(tx, database, entries, retention), commit)
}

/** `append` as a part of a transaction that does more. */
export async function appendWithin(
  tx: Transaction,
  database: HistoryDatabase,
  entries: readonly Entry[],
  retention: ContentRetention,
): Promise<boolean[]> {
  const rows = await lockRows(tx, database, entries)
  const changes = await tx.many(
    INSERT_EVENT,
    entries.map(({ event }) => [
      event.jobId,
      event.id.slice(event.jobId.length + 1),
      event.at,
      event.type,
      'attempt' in event ? event.attempt : null,
      detailOf(event),
    ]),
  )
  const before = new Map(rows)
  const born = new Set<string>()
  entries.forEach(({ event, engine }, index) => {
    if (changes[index] === 0) return
    const row = rows.get(event.jobId)
    const after = fold(row, event, engine, retention)
    if (!after) return
    if (!row) born.add(event.jobId)
    rows.set(event.jobId, after)
  })
  const changed = [...rows.values()].filter((row) => before.get(row.id) !== row)
  await tx.many(
    INSERT_JOB,
    changed
      .filter(({ id }) => born.has(id))
      .map((row) => [...BIRTH.map((column) => row[column]), row.input, ...life(row)]),
  )
  await tx.many(
    UPDATE_JOB,
    changed.filter(({ id }) => !born.has(id)).map((row) => [...life(row), row.input, row.id]),
  )
  await tx.many(
    INSERT_TERM,
    entries.flatMap(({ event, terms }) =>
      terms && born.has(event.jobId)
        ? terms.map(([field, term]) => [
            field,
            term,
            rows.get(event.jobId)!.created_at,
            event.jobId,
          ])
        : [],
    ),
  )
  await tx.many(ADD_COUNT, countChanges(before, changed))
  return changes.map((count) => count > 0)
}

/** Records `entry` if its job is as `condition` wants it; nobody changes it in between. */
export async function appendIf(
  database: HistoryDatabase,
  entry: Entry,
  retention: ContentRetention,
  condition: (row: JobRow | undefined) => boolean,
): Promise<boolean> {
  return database.transaction(async (tx) => {
    const rows = await lockRows(tx, database, [entry])
    if (!condition(rows.get(entry.event.jobId))) return false
    await appendWithin(tx, database, [entry], retention)
    return true
  })
}

function life(row: JobRow): (string | number | null)[] {
  return LIFE.map((column) => row[column])
}

const SELECT_JOBS = `select ${FOLDED.join(', ')} from orderly_jobs`
const LOCK_ROWS = {
  sqlite: `${SELECT_JOBS} where id in (select value from json_each(?))`,
  postgres: `${SELECT_JOBS} where id in (select json_array_elements_text(?::json)) order by id for update`,
} as const

/** Reads the jobs that are spoken of, and keeps others from changing them until the transaction ends. */
async function lockRows(
  tx: Transaction,
  { dialect }: HistoryDatabase,
  entries: readonly Entry[],
): Promise<Map<string, JobRow>> {
  const ids = JSON.stringify([...new Set(entries.map(({ event }) => event.jobId))])
  const found = await tx.all<JobRow>(LOCK_ROWS[dialect], [ids])
  return new Map(found.map((row) => [row.id, { ...row, input: null }]))
}

/** What the columns do not say, as JSON. An accepted job's input and options stand in its row. */
function detailOf(event: JobEvent): string {
  const {
    id: _id,
    jobId: _jobId,
    at: _at,
    type: _type,
    ...rest
  } = event as JobEvent & Record<string, unknown>
  const { attempt: _attempt, input: _input, opts: _opts, ...detail } = rest
  return JSON.stringify(detail)
}

function countChanges(
  before: ReadonlyMap<string, JobRow>,
  changed: readonly JobRow[],
): (string | number)[][] {
  const deltas = new Map<string, [string, string, string, number]>()
  const add = (row: JobRow, by: number): void => {
    const key = JSON.stringify([row.queue, row.name, row.state])
    const delta = deltas.get(key)
    if (delta) delta[3] += by
    else deltas.set(key, [row.queue, row.name, row.state, by])
  }
  for (const row of changed) {
    const old = before.get(row.id)
    if (old?.state === row.state) continue
    if (old) add(old, -1)
    add(row, 1)
  }
  // In one order everywhere, so that two processes never wait for each other's count.
  return [...deltas.values()]
    .filter(([, , , by]) => by !== 0)
    .toSorted((a, b) => (a.slice(0, 3).join('\0') < b.slice(0, 3).join('\0') ? -1 : 1))
}
