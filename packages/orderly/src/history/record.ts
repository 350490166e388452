// Writes what happens to jobs: events in order, the job as it is now, what it can be found by, counts and measures.
import type { Commit, Database, DatabaseTransaction } from '../database/open.ts'
import type { JobEvent } from '../job/job-event.ts'
import { isOwnId } from '../primitives/ids.ts'
import { fold, type ContentRetention } from './fold.ts'
import { addMeasuresWithin } from '../state/measures.ts'
import { newTally } from './measures.ts'
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
export type HistoryTransaction = DatabaseTransaction<HistoryTables>

const EVENTS = 'insert into orderly_events (job_id, key, at, type, attempt, detail)'
const INSERT_EVENT = `${EVENTS} values (?, ?, ?, ?, ?, ?) on conflict (job_id, key) do nothing`
const TERMS = 'insert into orderly_terms (field, term, created_at, job_id)'
/** What is there already is left as it is. */
const UNLESS_KNOWN = 'on conflict do nothing'
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

const BORN = [...BIRTH, 'input', ...LIFE] as const
const INSERT_JOB = `insert into orderly_jobs (${BORN.join(', ')})
  values (${BORN.map(() => '?').join(', ')}) on conflict (id) do nothing`
/** An id of the caller's own whose job is over is used for another job. */
const REPLACE_JOB = `update orderly_jobs set ${BORN.map((column) => `${column} = ?`).join(', ')} where id = ?`
const DELETE_TERMS = 'delete from orderly_terms where job_id = ?'
const UPDATE_JOB = `update orderly_jobs set ${LIFE.map((column) => `${column} = ?`).join(', ')},
  input = coalesce(?, input) where id = ?`

/** The columns a fold looks at: all but the input, which may be large. */
const FOLDED = [...BIRTH, 'null as input', ...LIFE] as const

const MOST_TRIES = 5
/** PostgreSQL: two transactions waited for each other, or could not be put in an order. */
const COLLISIONS = new Set(['40P01', '40001'])

/** A job or an event that was taken for new is on record already: whoever wrote has to look first. */
class Collision extends Error {}

/**
 * `hopeful` takes jobs with ids of ours that are accepted, and all events, for new, as they nearly always are, and
 * meets a Collision where they are not. `careful` looks at each of them.
 */
type Manner = 'hopeful' | 'careful'

/**
 * Records `entries` in one transaction. What was recorded before is left as it is, so a report may be repeated; what is
 * said of a job that was never accepted is not kept, for no retention time would ever delete it.
 *
 * @returns for each entry whether it changed its job
 */
export async function append(
  database: HistoryDatabase,
  entries: readonly Entry[],
  retention: ContentRetention,
  commit: Commit = 'flushed',
): Promise<boolean[]> {
  if (entries.length === 0) return []
  // One writer at a time: nobody waits for anybody's rows.
  if (database.dialect === 'sqlite') return appendSorted(database, entries, retention, commit)
  // Jobs come in one order everywhere, so that two processes never wait for each other; each keeps its own order.
  const order = [...entries.keys()].toSorted((a, b) =>
    compare(entries[a]!.event.jobId, entries[b]!.event.jobId),
  )
  const sorted = order.map((index) => entries[index]!)
  const applied = await appendSorted(database, sorted, retention, commit)
  const answers = new Map(order.map((index, position) => [index, applied[position]!]))
  return entries.map((_, index) => answers.get(index)!)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

async function appendSorted(
  database: HistoryDatabase,
  entries: readonly Entry[],
  retention: ContentRetention,
  commit: Commit,
): Promise<boolean[]> {
  for (let tries = 1; ; tries++) {
    try {
      const manner = tries === 1 ? 'hopeful' : 'careful'
      return await database.transaction(
        (tx) => appendWithin(tx, database, entries, retention, manner),
        commit,
      )
    } catch (error) {
      const collided =
        error instanceof Collision || COLLISIONS.has((error as { code?: string }).code ?? '')
      if (!collided || tries === MOST_TRIES) throw error
    }
  }
}

async function appendWithin(
  tx: HistoryTransaction,
  database: HistoryDatabase,
  entries: readonly Entry[],
  retention: ContentRetention,
  manner: Manner,
): Promise<boolean[]> {
  const rows = await lockRows(
    tx,
    database,
    manner === 'hopeful' ? spokenOf(entries) : idsOf(entries),
  )
  const before = new Map(rows)
  const known = new Set(rows.keys())
  const kept = entries.map(({ event }) => {
    if (event.type === 'accepted') known.add(event.jobId)
    return known.has(event.jobId)
  })
  const isNew = await insertEvents(
    tx,
    eventValues(
      entries.filter((_, index) => kept[index]),
      rows,
    ),
    manner,
  )
  let at = 0
  const births = new Map<string, Entry>()
  const tally = newTally()
  const applied = entries.map((entry, index) => {
    if (!kept[index] || !isNew[at++]) return false
    const { event, engine } = entry
    const after = fold(rows.get(event.jobId), event, engine, retention)
    if (!after) return false
    if (event.type === 'accepted') births.set(event.jobId, entry)
    tally.add(rows.get(event.jobId), event, after)
    rows.set(event.jobId, after)
    return true
  })
  const changed = [...rows.values()].filter((row) => before.get(row.id) !== row)
  const born = changed.filter(({ id }) => births.has(id))
  const first = born.filter(({ id }) => !before.has(id))
  // Rows this wide go in no faster by the dozen.
  const added = await tx.many(INSERT_JOB, first.map(values))
  if (added.includes(0)) throw new Collision('a job was accepted twice at once')
  const again = born.filter(({ id }) => before.has(id))
  await replaceRows(tx, again)
  await tx.many(
    DELETE_TERMS,
    again.map(({ id }) => [id]),
  )
  await tx.many(
    UPDATE_JOB,
    changed.filter(({ id }) => !births.has(id)).map((row) => [...life(row), row.input, row.id]),
  )
  await tx.insertAll(
    TERMS,
    born.flatMap(({ id, created_at }) =>
      (births.get(id)!.terms ?? []).map(([field, term]) => [field, term, created_at, id]),
    ),
    UNLESS_KNOWN,
  )
  await addCounts(
    tx,
    changed.flatMap((row) => {
      const old = before.get(row.id)
      return [...(old ? [{ row: old, by: -1 }] : []), { row, by: 1 }]
    }),
  )
  await addMeasuresWithin(tx, tally.take())
  return applied
}

/** Inserts events, and tells of each whether it is new. */
async function insertEvents(
  tx: HistoryTransaction,
  events: readonly (string | number | null)[][],
  manner: Manner,
): Promise<boolean[]> {
  if (manner === 'careful')
    return (await tx.many(INSERT_EVENT, events)).map((changes) => changes > 0)
  const inserted = await tx.insertAll(EVENTS, events, UNLESS_KNOWN)
  if (inserted < events.length) throw new Collision('an event was reported again')
  return events.map(() => true)
}

/** What is said of a job whose content has been deleted must not bring some of it back. */
function eventValues(
  entries: readonly Entry[],
  rows: ReadonlyMap<string, JobRow>,
): (string | number | null)[][] {
  const forgotten = new Set(
    [...rows.values()]
      .filter((row) => row.finished_at !== null && row.expires_at === null)
      .map(({ id }) => id),
  )
  return entries.map(({ event }) => {
    if (event.type === 'accepted' || event.type === 'redriven') forgotten.delete(event.jobId)
    const attempt = 'attempt' in event ? event.attempt : null
    const detail = detailOf(event, forgotten.has(event.jobId))
    const key = event.id.slice(event.jobId.length + 1)
    return [event.jobId, key, event.at, event.type, attempt, detail]
  })
}

function values(row: JobRow): (string | number | null)[] {
  return BORN.map((column) => row[column])
}

/** Writes rows over those of the same ids, every column. */
export async function replaceRows(tx: HistoryTransaction, rows: readonly JobRow[]): Promise<void> {
  await tx.many(
    REPLACE_JOB,
    rows.map((row) => [...values(row), row.id]),
  )
}

/** Records `entry` if its job is as `condition` wants it; nobody changes it in between. */
export async function appendIf(
  database: HistoryDatabase,
  entry: Entry,
  retention: ContentRetention,
  condition: (row: JobRow | undefined) => boolean,
): Promise<boolean> {
  return database.transaction(async (tx) => {
    const rows = await lockRows(tx, database, [entry.event.jobId])
    if (!condition(rows.get(entry.event.jobId))) return false
    await appendWithin(tx, database, [entry], retention, 'careful')
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

function idsOf(entries: readonly Entry[]): string[] {
  return [...new Set(entries.map(({ event }) => event.jobId))]
}

/** The jobs that are not accepted here for the first time: an id of ours is given to one job alone. */
function spokenOf(entries: readonly Entry[]): string[] {
  const born = new Set<string>()
  const spoken = new Set<string>()
  for (const { event } of entries) {
    if (event.type === 'accepted' && isOwnId(event.jobId)) born.add(event.jobId)
    else if (!born.has(event.jobId)) spoken.add(event.jobId)
  }
  return [...spoken]
}

/** Reads the jobs that are spoken of, and keeps others from changing them until the transaction ends. */
async function lockRows(
  tx: HistoryTransaction,
  { dialect }: HistoryDatabase,
  ids: readonly string[],
): Promise<Map<string, JobRow>> {
  if (ids.length === 0) return new Map()
  const found = await tx.all<JobRow>(LOCK_ROWS[dialect], [JSON.stringify(ids)])
  return new Map(found.map((row) => [row.id, row]))
}

/** Members of a detail that are content. A reason is, too, unless it is a code and a fingerprint. */
export const CONTENT = ['error', 'output', 'progress'] as const

/** What the columns do not say, as JSON. An accepted job's input and options stand in its row. */
function detailOf(event: JobEvent, withoutContent: boolean): string {
  const {
    id: _id,
    jobId: _jobId,
    at: _at,
    type: _type,
    ...rest
  } = event as JobEvent & Record<string, unknown>
  const { attempt: _attempt, input: _input, opts: _opts, ...detail } = rest
  if (withoutContent) {
    for (const name of CONTENT) delete detail[name]
    if (!String(detail['reason']).startsWith('ORDERLY_')) delete detail['reason']
  }
  return JSON.stringify(detail)
}

/** Adds to the counts of states what `changes` come to. */
export async function addCounts(
  tx: HistoryTransaction,
  changes: readonly { row: Pick<JobRow, 'queue' | 'name' | 'state'>; by: number }[],
): Promise<void> {
  const deltas = new Map<string, [string, string, string, number]>()
  for (const { row, by } of changes) {
    const key = JSON.stringify([row.queue, row.name, row.state])
    const delta = deltas.get(key)
    if (delta) delta[3] += by
    else deltas.set(key, [row.queue, row.name, row.state, by])
  }
  // In one order everywhere, so that two processes never wait for each other's count.
  const sorted = [...deltas].toSorted(([a], [b]) => (a < b ? -1 : 1))
  await tx.many(
    ADD_COUNT,
    sorted.map(([, delta]) => delta).filter(([, , , by]) => by !== 0),
  )
}
