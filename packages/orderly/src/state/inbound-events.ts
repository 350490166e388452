// Events that came from outside, and the runs that wait for them.
import type { InboundEventRow } from './flow-tables.ts'
import type { StateDatabase } from './tables.ts'

/** @returns false when an event of this id is there already */
export async function insertEvent(
  { query }: StateDatabase,
  row: InboundEventRow,
): Promise<boolean> {
  const inserted = await query
    .insertInto('orderly_inbound_events')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst()
  return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n
}

const MOST_LOOKED_AT = 1_000

/** Events of a name since a time, the first ones first. */
export async function findEvents(
  { query }: StateDatabase,
  name: string,
  since: number,
): Promise<InboundEventRow[]> {
  return query
    .selectFrom('orderly_inbound_events')
    .selectAll()
    .where('name', '=', name)
    .where('at', '>=', since)
    .orderBy('at')
    .orderBy('id')
    .limit(MOST_LOOKED_AT)
    .execute()
}

export async function findOpenEvents({ query }: StateDatabase): Promise<InboundEventRow[]> {
  return query
    .selectFrom('orderly_inbound_events')
    .selectAll()
    .where('settled', '=', 0)
    .orderBy('at')
    .limit(100)
    .execute()
}

/** The runs with a node that waits for this. */
export async function findWaitingRuns(
  { query }: StateDatabase,
  waitsFor: string,
): Promise<string[]> {
  const rows = await query
    .selectFrom('orderly_run_nodes')
    .select('run_id')
    .distinct()
    .where('state', '=', 'running')
    .where('waits_for', '=', waitsFor)
    .execute()
  return rows.map(({ run_id }) => run_id)
}

/** Notes that everybody who waited for an event has been told. @returns the runs that took it */
export async function settleEvent({ query }: StateDatabase, id: string): Promise<string[]> {
  await query
    .updateTable('orderly_inbound_events')
    .set({ settled: 1 })
    .where('id', '=', id)
    .execute()
  const rows = await query
    .selectFrom('orderly_run_nodes')
    .select('run_id')
    .distinct()
    .where('event_id', '=', id)
    .execute()
  return rows.map(({ run_id }) => run_id)
}
