// Measures of jobs by the minute: counters that grow with the record, so they are the same whoever asks.
import { sql } from 'kysely'
import { MEASURES, type MeasureRow, type StateDatabase, type StateTransaction } from './tables.ts'

/** A year of minutes is what trends need. */
export const MEASURES_KEPT_MS: number = 366 * 86_400_000
const KEEPS_MOST = 'longest_ms'

const ADD = `insert into orderly_measures (minute, queue, name, ${MEASURES.join(', ')})
  values (?, ?, ?, ${MEASURES.map(() => '?').join(', ')})
  on conflict (minute, queue, name) do update set ${MEASURES.map((column) =>
    column === KEEPS_MOST
      ? `${column} = case when excluded.${column} > orderly_measures.${column} then excluded.${column} else orderly_measures.${column} end`
      : `${column} = orderly_measures.${column} + excluded.${column}`,
  ).join(', ')}`

/** Adds to what is known of these minutes, with the transaction. */
export async function addMeasuresWithin(
  { many }: Pick<StateTransaction, 'many'>,
  rows: readonly MeasureRow[],
): Promise<void> {
  // In one order everywhere, so that two processes never wait for each other's minute.
  const sorted = rows.toSorted((a, b) => a.minute - b.minute || (keyOf(a) < keyOf(b) ? -1 : 1))
  await many(
    ADD,
    sorted.map((row) => [
      row.minute,
      row.queue,
      row.name,
      ...MEASURES.map((column) => row[column]),
    ]),
  )
}

function keyOf({ queue, name }: MeasureRow): string {
  return JSON.stringify([queue, name])
}

export interface MeasureQuery {
  readonly queue?: string | undefined
  readonly name?: string | undefined
  /** Milliseconds since 1970 UTC, inclusive. */
  readonly from: number
  /** Exclusive. */
  readonly to: number
  /** Minutes in one row of the answer. */
  readonly step?: number | undefined
}

/** The first minute that is measured, or undefined where none is yet. */
export async function firstMeasured({ query }: StateDatabase): Promise<number | undefined> {
  const row = await query
    .selectFrom('orderly_measures')
    .select('minute')
    .orderBy('minute')
    .limit(1)
    .executeTakeFirst()
  return row?.minute
}

const MINUTE_MS = 60_000
const MOST_ROWS = 20_000

/** Measures of a span, in steps of `step` minutes, oldest first; several kinds of job stay apart. */
export async function readMeasures(
  { query }: StateDatabase,
  { queue, name, from, to, step = 1 }: MeasureQuery,
): Promise<MeasureRow[]> {
  const size = Math.max(1, Math.floor(step)) * MINUTE_MS
  const bucket = sql<number>`minute - minute % ${sql.lit(size)}`
  let reading = query
    .selectFrom('orderly_measures')
    .select([bucket.as('minute'), 'queue', 'name'])
    .select(({ fn }) =>
      MEASURES.map((column) =>
        (column === KEEPS_MOST
          ? fn.max<number | string, typeof column>(column)
          : fn.sum<number | string>(column)
        ).as(column),
      ),
    )
    .where('minute', '>=', from - (from % MINUTE_MS))
    .where('minute', '<', to)
  if (queue !== undefined) reading = reading.where('queue', '=', queue)
  if (name !== undefined) reading = reading.where('name', '=', name)
  const rows = await reading
    .groupBy([bucket, 'queue', 'name'])
    .orderBy(bucket)
    .limit(MOST_ROWS)
    .execute()
  return rows.map((row) => ({
    ...row,
    minute: row.minute,
    ...Object.fromEntries(MEASURES.map((column) => [column, Number(row[column])])),
  })) as MeasureRow[]
}
