// Jobs of the record as lines of JSON, for moving them to another database. Values stay sealed on the way.
import type { Insertable, Selectable } from 'kysely'
import { OrderlyError } from '../primitives/errors.ts'
import { addMeasuresWithin } from '../state/measures.ts'
import { newTally } from './measures.ts'
import type { HistoryDatabase } from './record.ts'
import { counting, refold } from './refold.ts'
import type { DataKeyRow, EventRow, JobRow, TermRow } from './tables.ts'

const AT_ONCE = 200
const VERSION = 1
/** For folds whose row is not stored. */
const NOTHING_KEPT = { completed: 0, failed: 0 }

type Line =
  | { readonly v: 1; readonly key: DataKeyRow }
  | {
      readonly v: 1
      readonly job: JobRow
      readonly events: readonly Omit<Selectable<EventRow>, 'n' | 'job_id'>[]
      readonly terms: readonly Omit<TermRow, 'job_id' | 'created_at'>[]
    }

export interface TransferFilter {
  readonly queue?: string
  readonly name?: string
}

/**
 * The wrapped data keys and then the jobs, oldest first, a line each. Who reads them needs the keyring to open
 * anything.
 */
export async function* exportJobs(
  database: HistoryDatabase,
  filter: TransferFilter = {},
): AsyncGenerator<string> {
  const keys = await database.query
    .selectFrom('orderly_keys')
    .selectAll()
    // The key that signs the audit log of this installation seals no job, and is nobody else's.
    .where('scope', 'not like', 'ledger/%')
    .orderBy('id')
    .execute()
  for (const key of keys) yield line({ v: VERSION, key })
  for (let after = ''; ;) {
    let query = database.query
      .selectFrom('orderly_jobs')
      .selectAll()
      .where('id', '>', after)
      .orderBy('id')
      .limit(AT_ONCE)
    if (filter.queue !== undefined) query = query.where('queue', '=', filter.queue)
    if (filter.name !== undefined) query = query.where('name', '=', filter.name)
    const jobs = await query.execute()
    if (jobs.length === 0) return
    after = jobs.at(-1)!.id
    const ids = jobs.map(({ id }) => id)
    const events = await database.query
      .selectFrom('orderly_events')
      .selectAll()
      .where('job_id', 'in', ids)
      .orderBy('n')
      .execute()
    const terms = await database.query
      .selectFrom('orderly_terms')
      .selectAll()
      .where('job_id', 'in', ids)
      .execute()
    for (const job of jobs)
      yield line({
        v: VERSION,
        job,
        events: events
          .filter((event) => event.job_id === job.id)
          .map(({ n: _n, job_id: _jobId, ...event }) => event),
        terms: terms
          .filter((term) => term.job_id === job.id)
          .map(({ field, term }) => ({ field, term })),
      })
  }
}

export interface Imported {
  jobs: number
  /** Jobs that were there already; they were left as they are. */
  known: number
  keys: number
}

/**
 * Takes in what `exportJobs` gave. A job that is not finished will be put into its queue by the reconciler.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` naming the line; what came before it stays
 */
export async function importJobs(
  database: HistoryDatabase,
  lines: AsyncIterable<string>,
): Promise<Imported> {
  const sum: Imported = { jobs: 0, known: 0, keys: 0 }
  let number = 0
  for await (const text of lines) {
    number++
    if (text.trim() === '') continue
    const read = readLine(text, number)
    if ('key' in read) sum.keys += await importKey(database, read.key)
    else if (await importJob(database, read)) sum.jobs++
    else sum.known++
  }
  return sum
}

async function importKey(database: HistoryDatabase, key: DataKeyRow): Promise<number> {
  // The other database goes on sealing with its own key; this one is here to open what comes along.
  const done = await database.query
    .insertInto('orderly_keys')
    .values({ ...key, state: key.state === 'active' ? 'decrypt' : key.state })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return Number(done.numInsertedOrUpdatedRows ?? 0n)
}

async function importJob(
  database: HistoryDatabase,
  { job, events, terms }: Extract<Line, { job: unknown }>,
): Promise<boolean> {
  return database.transaction(async (tx) => {
    const { query } = tx
    const done = await query
      .insertInto('orderly_jobs')
      .values(job)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    if ((done.numInsertedOrUpdatedRows ?? 0n) === 0n) return false
    const rows: Insertable<EventRow>[] = events.map((event) => ({ ...event, job_id: job.id }))
    if (rows.length > 0) await query.insertInto('orderly_events').values(rows).execute()
    if (terms.length > 0)
      await query
        .insertInto('orderly_terms')
        .values(terms.map((term) => ({ ...term, job_id: job.id, created_at: job.created_at })))
        .execute()
    const { queue, name, state } = job
    await query
      .insertInto('orderly_counts')
      .values({ queue, name, state, n: 1 })
      .onConflict((conflict) =>
        conflict
          .columns(['queue', 'name', 'state'])
          .doUpdateSet((set) => ({ n: set('orderly_counts.n', '+', 1) })),
      )
      .execute()
    const tally = newTally()
    const stored = events.map((event) => ({ ...event, job_id: job.id }))
    refold(job, stored, NOTHING_KEPT, counting(tally))
    await addMeasuresWithin(tx, tally.take())
    return true
  })
}

function line(content: Line): string {
  return `${JSON.stringify(content)}\n`
}

const JOB_COLUMNS = ['id', 'queue', 'name', 'state', 'opts', 'created_at', 'updated_at'] as const

function readLine(text: string, number: number): Line {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    throw unusable(number, 'is not JSON')
  }
  if (typeof read !== 'object' || read === null || !('v' in read) || read.v !== VERSION)
    throw unusable(number, 'is not of version 1')
  const content = read as Record<string, any>
  const isKey = typeof content['key']?.id === 'string' && typeof content['key']?.blob === 'string'
  const isJob =
    JOB_COLUMNS.every((column) => content['job']?.[column] !== undefined) &&
    Array.isArray(content['events']) &&
    Array.isArray(content['terms'])
  if (!isKey && !isJob) throw unusable(number, 'is neither a job nor a key')
  return read as unknown as Line
}

function unusable(number: number, what: string): OrderlyError {
  return new OrderlyError(
    'ORDERLY_INPUT_INVALID',
    `line ${number} of the import ${what}; it must come from "orderly jobs export"`,
  )
}
