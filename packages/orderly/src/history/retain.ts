// Deletes by the clock: the content of finished jobs first, their history much later.
import { sql, type RawBuilder } from 'kysely'
import { noteForgottenWithin } from '../state/idempotency.ts'
import { addCounts, CONTENT, type HistoryDatabase, type HistoryTransaction } from './record.ts'
import type { JobRow } from './tables.ts'

export interface Expired {
  readonly id: string
  readonly queue: string
  readonly engine: string
}

const AT_ONCE = 500

/** Finished jobs of `engines` whose content is due to go, the longest overdue first. */
export async function findExpired(
  database: HistoryDatabase,
  engines: readonly string[],
  now: number,
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

/**
 * Takes everything sealed out of those of these jobs that are still due; that they ran, when and how stays.
 *
 * @param now as it was when they were found: one that was put back in its queue since is not due any more
 */
export async function dropContent(
  database: HistoryDatabase,
  ids: readonly string[],
  now: number,
): Promise<void> {
  if (ids.length === 0) return
  await database.transaction(async (tx) => {
    const due = await lockJobs(tx, database, ids)
    const list = due
      .filter(({ expires_at }) => expires_at !== null && expires_at <= now)
      .map(({ id }) => id)
    if (list.length === 0) return
    await tx.query
      .updateTable('orderly_jobs')
      .set({ input: null, output: null, progress: null, expires_at: null })
      .where('id', 'in', list)
      .execute()
    await tx.query
      .updateTable('orderly_events')
      .set({ detail: withoutContent(database) })
      .where('job_id', 'in', list)
      .where('type', 'in', ['attempt-failed', 'completed', 'failed', 'progressed', 'corrected'])
      .execute()
    await tx.query
      .deleteFrom('orderly_terms')
      .where('job_id', 'in', list)
      .where('term', 'like', 'b1.%')
      .execute()
  })
}

/** The detail of an event with no content left in it. */
function withoutContent({ dialect }: HistoryDatabase): RawBuilder<string> {
  if (dialect === 'sqlite') {
    const paths = sql.join(CONTENT.map((name) => sql.lit(`$.${name}`)))
    const reason = sql`case when json_extract(detail, '$.reason') like 'ORDERLY\\_%' escape '\\' then '$.error' else '$.reason' end`
    return sql<string>`json_remove(detail, ${paths}, ${reason})`
  }
  const names = sql.lit(`{${CONTENT.join(',')}}`)
  const reason = sql`case when detail::jsonb ->> 'reason' like 'ORDERLY\\_%' then '' else 'reason' end`
  return sql<string>`(detail::jsonb - ${names}::text[] - ${reason})::text`
}

/** Reads jobs in the order everybody locks them in, so that no two processes wait for each other. */
async function lockJobs(
  { query }: HistoryTransaction,
  { dialect }: HistoryDatabase,
  ids: readonly string[],
): Promise<Pick<JobRow, 'id' | 'queue' | 'name' | 'state' | 'finished_at' | 'expires_at'>[]> {
  const jobs = query
    .selectFrom('orderly_jobs')
    .select(['id', 'queue', 'name', 'state', 'finished_at', 'expires_at'])
    .where('id', 'in', [...ids])
    .orderBy('id')
  return (dialect === 'postgres' ? jobs.forUpdate() : jobs).execute()
}

/**
 * Forgets jobs that ended before `before`, with all that is known of them.
 *
 * @returns how many
 */
export async function dropHistory(database: HistoryDatabase, before: number): Promise<number> {
  return database.transaction(async (tx) => {
    const { query } = tx
    const found = await query
      .selectFrom('orderly_jobs')
      .select('id')
      .where('finished_at', '<', before)
      .where('expires_at', 'is', null)
      // Whoever ended before that was created before that, and there is an index on it.
      .where('created_at', '<', before)
      .orderBy('created_at')
      .limit(AT_ONCE)
      .execute()
    if (found.length === 0) return 0
    const locked = await lockJobs(
      tx,
      database,
      found.map(({ id }) => id),
    )
    const old = locked.filter((job) => job.finished_at !== null && job.finished_at < before)
    const ids = old.map(({ id }) => id)
    if (ids.length === 0) return 0
    await raiseFloor(tx, ids)
    await noteForgottenWithin(tx, ids)
    await query.deleteFrom('orderly_events').where('job_id', 'in', ids).execute()
    await query.deleteFrom('orderly_terms').where('job_id', 'in', ids).execute()
    await query.deleteFrom('orderly_jobs').where('id', 'in', ids).execute()
    await addCounts(
      tx,
      old.map((row) => ({ row, by: -1 })),
    )
    return old.length
  })
}

/** Remembers up to when the events are not whole any more once those of these jobs are gone. */
async function raiseFloor({ query }: HistoryTransaction, ids: readonly string[]): Promise<void> {
  const { at } = await query
    .selectFrom('orderly_events')
    .select(({ fn }) => fn.max('at').as('at'))
    .where('job_id', 'in', [...ids])
    .executeTakeFirstOrThrow()
  if (at === null) return
  await query
    .insertInto('orderly_record_floor')
    .values({ one: 1, at })
    .onConflict((conflict) =>
      conflict.column('one').doUpdateSet({ at }).where('orderly_record_floor.at', '<', at),
    )
    .execute()
}
