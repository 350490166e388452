// Works out rows and counts anew from the events, for when the rules of `fold` were wrong or a table was damaged.
import { sql, type Selectable } from 'kysely'
import type { JobEvent } from '../job/job-event.ts'
import { fold, type ContentRetention } from './fold.ts'
import { replaceRows, type HistoryDatabase, type HistoryTransaction } from './record.ts'
import type { EventRow, JobRow } from './tables.ts'

const JOBS_AT_ONCE = 500

/**
 * Folds the events of every job again and counts the jobs, in one transaction that keeps all others from writing.
 *
 * The events do not hold what stands in a row once and for all: a job's input, its options and its engine. Input is
 * content, and retention shall have to delete it in one place. So a row is mended, and one that is gone is not made
 * up from events: a job without its input could not run.
 *
 * @returns how many rows were not as their events say
 */
export async function rebuild(
  database: HistoryDatabase,
  retention: ContentRetention,
): Promise<number> {
  return database.transaction(async (tx) => {
    if (database.dialect === 'postgres')
      await sql`lock table orderly_jobs, orderly_counts in share row exclusive mode`.execute(
        tx.query,
      )
    let mended = 0
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
      const rebuilt = await refold(tx, rows, retention)
      const wrong = rows.flatMap((row, index) => {
        const right = rebuilt[index]
        return right && !isSame(row, right) ? [right] : []
      })
      await replaceRows(tx, wrong)
      mended += wrong.length
    }
    await tx.query.deleteFrom('orderly_counts').execute()
    await tx.query
      .insertInto('orderly_counts')
      .columns(['queue', 'name', 'state', 'n'])
      .expression((from) =>
        from
          .selectFrom('orderly_jobs')
          .select((select) => ['queue', 'name', 'state', select.fn.countAll<number>().as('n')])
          .groupBy(['queue', 'name', 'state']),
      )
      .execute()
    return mended
  })
}

async function refold(
  tx: HistoryTransaction,
  rows: readonly JobRow[],
  retention: ContentRetention,
): Promise<(JobRow | undefined)[]> {
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
  const byId = new Map(rows.map((row) => [row.id, row]))
  const foldedById = new Map<string, JobRow>()
  for (const event of events) {
    const row = byId.get(event.job_id)!
    const folded = fold(foldedById.get(row.id), eventOf(event, row), row.engine, retention)
    if (folded) foldedById.set(row.id, folded)
  }
  return rows.map((row) => {
    const folded = foldedById.get(row.id)
    if (!folded) return undefined
    const isForgotten = row.finished_at !== null && row.expires_at === null
    return isForgotten
      ? { ...folded, input: null, output: null, progress: null, expires_at: null }
      : { ...folded, input: row.input }
  })
}

function eventOf({ job_id, key, at, type, attempt, detail }: Selectable<EventRow>, row: JobRow) {
  return {
    id: `${job_id}:${key}`,
    jobId: job_id,
    at,
    type,
    ...(attempt === null ? {} : { attempt }),
    ...(type === 'accepted' ? { input: row.input, opts: JSON.parse(row.opts) as object } : {}),
    // What retention took out of a detail.
    ...(type === 'completed' ? { output: null } : {}),
    ...(type === 'failed' ? { reason: '' } : {}),
    ...(JSON.parse(detail) as object),
  } as JobEvent
}

function isSame(a: JobRow, b: JobRow): boolean {
  return (Object.keys(a) as (keyof JobRow)[]).every((column) => a[column] === b[column])
}
