// Deletes by the clock: the content of finished jobs first, their history much later.
import { sql } from 'kysely'
import type { HistoryDatabase } from './record.ts'

export interface Expired {
  readonly id: string
  readonly queue: string
  readonly engine: string
}

const AT_ONCE = 500

/** Finished jobs of these engines whose content is due to go, the longest overdue first. */
export async function findExpired(
  database: HistoryDatabase,
  now: number,
  engines: readonly string[],
): Promise<Expired[]> {
  return database.query
    .selectFrom('orderly_jobs')
    .select(['id', 'queue', 'engine'])
    .where('expires_at', '<=', now)
    .where('engine', 'in', [...engines])
    .orderBy('expires_at')
    .limit(AT_ONCE)
    .execute()
}

/** Takes everything sealed out of these jobs and their events; that they ran, when and how stays. */
export async function dropContent(
  database: HistoryDatabase,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  const list = [...ids]
  await database.transaction(async ({ query }) => {
    await query
      .updateTable('orderly_jobs')
      .set({ input: null, output: null, progress: null, expires_at: null })
      .where('id', 'in', list)
      .execute()
    const without =
      database.dialect === 'sqlite'
        ? sql<string>`json_remove(detail, '$.error', '$.output', '$.progress')`
        : sql<string>`(detail::jsonb - '{error,output,progress}'::text[])::text`
    await query
      .updateTable('orderly_events')
      .set({ detail: without })
      .where('job_id', 'in', list)
      .where('type', 'in', ['attempt-failed', 'completed', 'progressed', 'corrected'])
      .execute()
    await query
      .deleteFrom('orderly_terms')
      .where('job_id', 'in', list)
      .where('term', 'like', 'b1.%')
      .execute()
  })
}

/**
 * Forgets jobs that ended before `before`, with all that is known of them.
 *
 * @returns how many
 */
export async function dropHistory(database: HistoryDatabase, before: number): Promise<number> {
  return database.transaction(async ({ query }) => {
    const old = await query
      .selectFrom('orderly_jobs')
      .select(['id', 'queue', 'name', 'state'])
      .where('finished_at', '<', before)
      .where('expires_at', 'is', null)
      .where('created_at', '<', before)
      .orderBy('created_at')
      .limit(AT_ONCE)
      .execute()
    if (old.length === 0) return 0
    const ids = old.map(({ id }) => id)
    await query.deleteFrom('orderly_events').where('job_id', 'in', ids).execute()
    await query.deleteFrom('orderly_terms').where('job_id', 'in', ids).execute()
    await query.deleteFrom('orderly_jobs').where('id', 'in', ids).execute()
    for (const { queue, name, state } of old)
      await query
        .updateTable('orderly_counts')
        .set((set) => ({ n: set('n', '-', 1) }))
        .where('queue', '=', queue)
        .where('name', '=', name)
        .where('state', '=', state)
        .execute()
    return old.length
  })
}
