// Works out rows, counts and measures anew from the events, for when their rules were wrong or a table was damaged.
import { sql, type Selectable } from 'kysely'
import { countDifferences } from '../database/differences.ts'
import { addMeasuresWithin } from '../state/measures.ts'
import type { ContentRetention } from './fold.ts'
import { newTally, type Tally } from './measures.ts'
import { replaceRows, type HistoryDatabase, type HistoryTransaction } from './record.ts'
import { counting, refold } from './refold.ts'
import type { EventRow, JobRow } from './tables.ts'

const JOBS_AT_ONCE = 500
const MOST_MINUTES_AT_ONCE = 20_000
const MINUTE_MS = 60_000

/** What a rebuild found. */
export interface Rebuilt {
  /** Jobs that were looked at. */
  readonly read: number
  /** Rows of jobs that were not as their events say. */
  readonly jobs: number
  /** Counts by queue, kind and state that were wrong, missing or too many. */
  readonly counts: number
  /** Minutes of kinds of job whose measures were. */
  readonly measures: number
}

export interface RebuildOptions {
  /** Only says what it would find, and leaves all as it is. */
  readonly isPlan?: boolean
  /** Minutes before this have had their time, and are not made again. Milliseconds since 1970 UTC. */
  readonly measuresSince?: number
}

/** Ends a transaction without its changes. */
class OnlyPlanned extends Error {
  readonly rebuilt: Rebuilt

  constructor(rebuilt: Rebuilt) {
    super('nothing was changed')
    this.rebuilt = rebuilt
  }
}

/**
 * Folds the events of every job again, and counts and measures the jobs, in one transaction that keeps all others from
 * writing.
 *
 * The events do not hold what stands in a row once and for all: a job's input, its options and its engine. Input is
 * content, and retention shall have to delete it in one place. So a row is mended, and one that is gone is not made
 * up from events: a job without its input could not run. Minutes of which retention has dropped events are left as they
 * are: what is left of those does not say what they were.
 */
export async function rebuild(
  database: HistoryDatabase,
  retention: ContentRetention,
  { isPlan = false, measuresSince = 0 }: RebuildOptions = {},
): Promise<Rebuilt> {
  try {
    return await database.transaction(async (tx) => {
      const rebuilt = await rebuildWithin(tx, database, retention, measuresSince)
      if (isPlan) throw new OnlyPlanned(rebuilt)
      return rebuilt
    })
  } catch (error) {
    if (error instanceof OnlyPlanned) return error.rebuilt
    throw error
  }
}

async function rebuildWithin(
  tx: HistoryTransaction,
  { dialect }: HistoryDatabase,
  retention: ContentRetention,
  measuresSince: number,
): Promise<Rebuilt> {
  if (dialect === 'postgres')
    await sql`lock table orderly_jobs, orderly_counts, orderly_measures in share row exclusive mode`.execute(
      tx.query,
    )
  const since = Math.max(await firstWholeMinute(tx), measuresSince)
  const tally = newTally(since)
  let read = 0
  let jobs = 0
  const measures = await countDifferences(tx.query, MEASURES_TABLE, async () => {
    await sql`delete from orderly_measures where minute >= ${since}`.execute(tx.query)
    let after = ''
    for (;;) {
      const rows = await tx.query
        .selectFrom('orderly_jobs')
        .selectAll()
        .where('id', '>', after)
        .orderBy('id')
        .limit(JOBS_AT_ONCE)
        .execute()
      if (rows.length === 0) break
      after = rows.at(-1)!.id
      read += rows.length
      jobs += await mend(tx, rows, retention, tally)
      if (tally.size > MOST_MINUTES_AT_ONCE) await addMeasuresWithin(tx, tally.take())
    }
    await addMeasuresWithin(tx, tally.take())
  })
  const counts = await countDifferences(tx.query, COUNTS_TABLE, () => recount(tx))
  return { read, jobs, counts, measures }
}

const MEASURES_TABLE = { table: 'orderly_measures', key: ['minute', 'queue', 'name'] } as const
const COUNTS_TABLE = {
  table: 'orderly_counts',
  key: ['queue', 'name', 'state'],
  // A count that has come down to nothing says as much as none.
  where: 'n <> 0',
} as const

/** The first minute of which no event was dropped. */
async function firstWholeMinute({ query }: HistoryTransaction): Promise<number> {
  const floor = await query.selectFrom('orderly_record_floor').select('at').executeTakeFirst()
  return floor ? (Math.floor(floor.at / MINUTE_MS) + 1) * MINUTE_MS : 0
}

/** @returns how many rows were wrong */
async function mend(
  tx: HistoryTransaction,
  rows: readonly JobRow[],
  retention: ContentRetention,
  tally: Tally,
): Promise<number> {
  const events = await tx.query
    .selectFrom('orderly_events')
    .selectAll()
    .where(
      'job_id',
      'in',
      rows.map(({ id }) => id),
    )
    .orderBy('n')
    .execute()
  const own = new Map<string, Selectable<EventRow>[]>(rows.map(({ id }) => [id, []]))
  for (const event of events) own.get(event.job_id)!.push(event)
  const wrong = rows.flatMap((row) => {
    const right = refold(row, own.get(row.id)!, retention, counting(tally))
    return right && !isSame(row, right) ? [right] : []
  })
  await replaceRows(tx, wrong)
  return wrong.length
}

async function recount({ query }: HistoryTransaction): Promise<void> {
  await query.deleteFrom('orderly_counts').execute()
  await query
    .insertInto('orderly_counts')
    .columns(['queue', 'name', 'state', 'n'])
    .expression((from) =>
      from
        .selectFrom('orderly_jobs')
        .select((select) => ['queue', 'name', 'state', select.fn.countAll<number>().as('n')])
        .groupBy(['queue', 'name', 'state']),
    )
    .execute()
}

function isSame(a: JobRow, b: JobRow): boolean {
  return (Object.keys(a) as (keyof JobRow)[]).every((column) => a[column] === b[column])
}
