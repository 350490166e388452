// Ends the time of what is kept beside the record.
import { dropBulks } from './bulk.ts'
import { dropStartsBefore } from './starts.ts'
import type { StateDatabase } from './tables.ts'

const DAY_MS = 86_400_000
/** A year of minutes is what trends need. */
const MEASURES_MS = 366 * DAY_MS
/** An effect under a key is not done again within this time. */
const EFFECTS_MS = 90 * DAY_MS
const SETS_MS = 30 * DAY_MS
/** Runs may come to wait for an event that came before; and its id is not taken in again within this time. */
const EVENTS_MS = 30 * DAY_MS
/** What became of each job of an action over many. */
const BULKS_MS = 90 * DAY_MS
/** Requests of whoever died while asking. */
const REQUESTS_MS = 7 * DAY_MS
/** What rules can be tried on. */
const SAMPLES_MS = 30 * DAY_MS
const EPISODES_MS = 400 * DAY_MS
/** What went out to webhooks, and what came of it. */
const DELIVERIES_MS = 30 * DAY_MS
/** Far longer than a signature holds. */
const SOURCE_EVENTS_MS = 90 * DAY_MS
/** Which slots fired, and which were left out and why. */
const SLOTS_MS = 400 * DAY_MS
/** Which release ran on a job, and when releases changed. */
const STARTS_MS = 400 * DAY_MS

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
  await query.deleteFrom('orderly_idempotency').where('expires_at', '<=', now).execute()
  await dropBulks(database, now, now - BULKS_MS)
  await dropStartsBefore(database, now - STARTS_MS)
  await query.deleteFrom('orderly_answers').where('expires_at', '<=', now).execute()
  await query
    .deleteFrom('orderly_measures')
    .where('minute', '<', now - MEASURES_MS)
    .execute()
  await query
    .deleteFrom('orderly_requests')
    .where('at', '<', now - REQUESTS_MS)
    .execute()
  await query
    .deleteFrom('orderly_effects')
    .where('scope', 'like', 'once/%')
    .where('at', '<', now - EFFECTS_MS)
    .execute()
  await query
    .deleteFrom('orderly_evidence')
    .where('at', '<', now - historyRetention)
    .execute()
  await query
    .deleteFrom('orderly_deliveries')
    .where('ended_at', '<', now - DELIVERIES_MS)
    .execute()
  await query
    .deleteFrom('orderly_source_events')
    .where('at', '<', now - SOURCE_EVENTS_MS)
    .execute()
  await query
    .deleteFrom('orderly_alert_samples')
    .where('minute', '<', now - SAMPLES_MS)
    .execute()
  const over = query
    .selectFrom('orderly_alert_episodes')
    .select('id')
    .where('resolved_at', '<', now - EPISODES_MS)
  await query.deleteFrom('orderly_alert_notices').where('episode', 'in', over).execute()
  await query
    .deleteFrom('orderly_alert_episodes')
    .where('resolved_at', '<', now - EPISODES_MS)
    .execute()
  await query.deleteFrom('orderly_alert_silences').where('until', '<', now).execute()
  const told = query.selectFrom('orderly_notifications').select('id').where('expires_at', '<', now)
  await query
    .deleteFrom('orderly_notification_reads')
    .where('notification_id', 'in', told)
    .execute()
  await query.deleteFrom('orderly_notifications').where('expires_at', '<', now).execute()
  await query
    .deleteFrom('orderly_slots')
    .where('at', '<', now - SLOTS_MS)
    .where('state', '!=', 'buffered')
    .execute()
  const ended = query
    .selectFrom('orderly_runs')
    .select('id')
    .where('finished_at', '<', now - historyRetention)
  await query.deleteFrom('orderly_run_nodes').where('run_id', 'in', ended).execute()
  await query.deleteFrom('orderly_run_log').where('run_id', 'in', ended).execute()
  await query
    .deleteFrom('orderly_runs')
    .where('finished_at', '<', now - historyRetention)
    .execute()
  await query
    .deleteFrom('orderly_run_documents')
    .where('created_at', '<', now - DAY_MS)
    .where('digest', 'not in', query.selectFrom('orderly_runs').select('document'))
    .execute()
  await query
    .deleteFrom('orderly_inbound_events')
    .where('at', '<', now - EVENTS_MS)
    .where('settled', '=', 1)
    .execute()
  const old = query
    .selectFrom('orderly_sets')
    .select('id')
    .where('done_at', '<', now - SETS_MS)
  await query.deleteFrom('orderly_set_members').where('set_id', 'in', old).execute()
  await query
    .deleteFrom('orderly_sets')
    .where('done_at', '<', now - SETS_MS)
    .execute()
}
