// Events that came from outside, and the runs that wait for them.
import { sql } from 'kysely'
import type { InboundEventRow } from './flow-tables.ts'
import { listOf } from './runs.ts'
import type { StateDatabase } from './tables.ts'

/** @returns false when an event of this id is there already */
export async function insertEvent(
  { query }: StateDatabase,
  row: Omit<InboundEventRow, 'n'>,
): Promise<boolean> {
  const at = sql`cast(${row.at} as bigint)`
  // After all that are there, though the clock of this machine may be behind; and after those that have been dropped.
  const n = sql<number>`(select case when coalesce(max(n), 0) >= ${at} then max(n) + 1 else ${at} end
    from orderly_inbound_events)`
  const inserted = await query
    .insertInto('orderly_inbound_events')
    .values({ ...row, n })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst()
  return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n
}

const READ_AT_ONCE = 500

/** Events of a name that came in since a run began, the first ones first, however many there are. */
export async function* findEvents(
  { query }: StateDatabase,
  name: string,
  run: string,
): AsyncGenerator<InboundEventRow> {
  const { rows: begun } = await sql<{ events_after: number }>`
    select case when events_after < 0 then created_at - 1 else events_after end as events_after
    from orderly_runs where id = ${run}`.execute(query)
  let [n, id] = [(begun[0]?.events_after ?? 0) + 1, '']
  for (;;) {
    const rows = await query
      .selectFrom('orderly_inbound_events')
      .selectAll()
      .where('name', '=', name)
      .where('n', '>=', n)
      .where((where) => where.or([where('n', '>', n), where('id', '>', id)]))
      .orderBy('n')
      .orderBy('id')
      .limit(READ_AT_ONCE)
      .execute()
    yield* rows
    const last = rows.at(-1)
    if (!last || rows.length < READ_AT_ONCE) return
    ;[n, id] = [last.n, last.id]
  }
}

/**
 * Events that not everybody who waited has been told of.
 *
 * @param after only those with a higher id
 */
export async function findOpenEvents(
  { query }: StateDatabase,
  after: string,
): Promise<InboundEventRow[]> {
  return query
    .selectFrom('orderly_inbound_events')
    .selectAll()
    .where('settled', '=', 0)
    .where('id', '>', after)
    .orderBy('id')
    .limit(READ_AT_ONCE)
    .execute()
}

/**
 * The runs with a node that waits for this.
 *
 * @param keys what it holds, by which nodes are found; undefined for every node that waits for it
 */
export async function findWaitingRuns(
  database: StateDatabase,
  waitsFor: string,
  keys: readonly string[] | undefined,
): Promise<string[]> {
  const waiting = sql`select run_id from orderly_run_nodes where state = 'running' and waits_for = ${waitsFor}`
  const { rows } = await (
    keys === undefined
      ? sql<{ run_id: string }>`${waiting}`
      : sql<{ run_id: string }>`${waiting} and waits_key is null
          union all ${waiting} and waits_key in ${listOf(database, keys)}`
  ).execute(database.query)
  return [...new Set(rows.map(({ run_id }) => run_id))]
}

/** Has runs looked at that could not be told of something: whoever comes to them looks for it among all that came. */
export async function askToLook(database: StateDatabase, runs: readonly string[]): Promise<void> {
  if (runs.length === 0) return
  await sql`update orderly_runs set look = 1, revision = revision + 1
    where look = 0 and finished_at is null and id in ${listOf(database, runs)}`.execute(
    database.query,
  )
}

/** Notes that everybody who waited for an event has been told. @returns the runs that took it */
export async function settleEvent(database: StateDatabase, id: string): Promise<string[]> {
  // When power fails they are told once more, which changes nothing.
  await database.transaction(
    async ({ query }) =>
      query
        .updateTable('orderly_inbound_events')
        .set({ settled: 1 })
        .where('id', '=', id)
        .execute(),
    'written',
  )
  const rows = await database.query
    .selectFrom('orderly_run_nodes')
    .select('run_id')
    .distinct()
    .where('event_id', '=', id)
    .execute()
  return rows.map(({ run_id }) => run_id)
}
