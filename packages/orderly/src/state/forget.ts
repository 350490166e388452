// Ends the time of what is kept beside the record.
import { sql } from 'kysely'
import { dropBulks } from './bulk.ts'
import { MEASURES_KEPT_MS } from './measures.ts'
import { dropStartsBefore } from './starts.ts'
import type { StateDatabase } from './tables.ts'

const DAY_MS = 86_400_000

/** What goes by its own time: the table, the column that says when its time began or ended, and how long it is kept then. */
const KEPT: readonly (readonly [table: string, since: string, span: number])[] = [
  ['orderly_idempotency', 'expires_at', 0],
  ['orderly_answers', 'expires_at', 0],
  ['orderly_measures', 'minute', MEASURES_KEPT_MS],
  // Requests of whoever died while asking.
  ['orderly_requests', 'at', 7 * DAY_MS],
  // What went out to webhooks, and what came of it.
  ['orderly_deliveries', 'ended_at', 30 * DAY_MS],
  // Far longer than a signature holds.
  ['orderly_source_events', 'at', 90 * DAY_MS],
  // What rules can be tried on.
  ['orderly_alert_samples', 'minute', 30 * DAY_MS],
  ['orderly_alert_silences', 'until', 0],
]
/** What became of each job of an action over many. */
const BULKS_MS = 90 * DAY_MS
/** An effect under a key is not done again within this time. */
const EFFECTS_MS = 90 * DAY_MS
/** Which slots fired, and which were left out and why. */
const SLOTS_MS = 400 * DAY_MS
/** Which release ran on a job, and when releases changed. */
const STARTS_MS = 400 * DAY_MS
/** Runs may come to wait for an event that came before; and its id is not taken in again within this time. */
const EVENTS_MS = 30 * DAY_MS
const EPISODES_MS = 400 * DAY_MS
const SETS_MS = 30 * DAY_MS

/**
 * Drops what is over its time.
 *
 * @param historyRetention how long evidence is kept, in milliseconds: as long as it is known that the job ran
 */
export async function forget(
  database: StateDatabase,
  now: number,
  historyRetention: number,
): Promise<void> {
  const { query } = database
  for (const [table, since, span] of [
    ...KEPT,
    ['orderly_evidence', 'at', historyRetention] as const,
  ])
    await sql`delete from ${sql.table(table)} where ${sql.ref(since)} <= ${now - span}`.execute(
      query,
    )
  await dropBulks(database, now, now - BULKS_MS)
  await dropStartsBefore(database, now - STARTS_MS)
  await query
    .deleteFrom('orderly_effects')
    .where('scope', 'like', 'once/%')
    .where('at', '<', now - EFFECTS_MS)
    .execute()
  await query
    .deleteFrom('orderly_slots')
    .where('at', '<', now - SLOTS_MS)
    .where('state', '!=', 'buffered')
    .execute()
  await query
    .deleteFrom('orderly_inbound_events')
    .where('at', '<', now - EVENTS_MS)
    .where('settled', '=', 1)
    .execute()
  await dropWithParts(query, ['orderly_alert_episodes', 'resolved_at', now - EPISODES_MS], {
    orderly_alert_notices: 'episode',
    orderly_alert_log: 'episode',
  })
  await dropWithParts(query, ['orderly_notifications', 'expires_at', now], {
    orderly_notification_reads: 'notification_id',
  })
  await dropWithParts(query, ['orderly_sets', 'done_at', now - SETS_MS], {
    orderly_set_members: 'set_id',
  })
  await dropWithParts(query, ['orderly_runs', 'finished_at', now - historyRetention], {
    orderly_run_nodes: 'run_id',
    orderly_run_log: 'run_id',
  })
  await query
    .deleteFrom('orderly_run_documents')
    .where('created_at', '<', now - DAY_MS)
    .where('digest', 'not in', query.selectFrom('orderly_runs').select('document'))
    .execute()
}

/** Drops rows that ended before a time, after the rows of other tables that name their ids. */
async function dropWithParts(
  query: StateDatabase['query'],
  [table, ended, before]: readonly [table: string, ended: string, before: number],
  parts: Readonly<Record<string, string>>,
): Promise<void> {
  const over = sql`from ${sql.table(table)} where ${sql.ref(ended)} < ${before}`
  for (const [part, owner] of Object.entries(parts))
    await sql`delete from ${sql.table(part)} where ${sql.ref(owner)} in (select id ${over})`.execute(
      query,
    )
  await sql`delete ${over}`.execute(query)
}
