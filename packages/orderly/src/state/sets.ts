// Jobs that were enqueued together, and what follows when they are done.
import { sql } from 'kysely'
import { enqueueWithin, type OutgoingJob } from './outgoing.ts'
import type { SetRow, StateDatabase } from './tables.ts'

export interface NewSet {
  readonly id: string
  readonly mode: SetRow['mode']
  readonly members: readonly string[]
  /** What is put into the outbox when the set is done. JSON. */
  readonly callback: string | null
  readonly now: number
}

/** Writes a set down, before its jobs are added. */
export async function createSet(database: StateDatabase, set: NewSet): Promise<void> {
  await database.transaction(async ({ query, many }) => {
    await query
      .insertInto('orderly_sets')
      .values({
        id: set.id,
        created_at: set.now,
        total: set.members.length,
        mode: set.mode,
        callback: set.callback,
        done_at: null,
      })
      .execute()
    await many(
      'insert into orderly_set_members (set_id, job_id) values (?, ?)',
      set.members.map((id) => [set.id, id]),
    )
  })
}

const OPEN_AT_ONCE = 100

/** Sets that are not done, oldest first. */
export async function findOpenSets({ query }: StateDatabase, after: string): Promise<SetRow[]> {
  return query
    .selectFrom('orderly_sets')
    .selectAll()
    .where('done_at', 'is', null)
    .where('id', '>', after)
    .orderBy('id')
    .limit(OPEN_AT_ONCE)
    .execute()
}

export interface SetProgress {
  readonly total: number
  readonly completed: number
  readonly failed: number
}

/** How far a set is, by the record of its jobs. */
export async function measureSet(
  { query }: StateDatabase,
  id: string,
): Promise<SetProgress | undefined> {
  // What has ended is noted, so that only the rest is looked up the next time, and retention may forget the jobs.
  await sql`update orderly_set_members set outcome = (
      select case when state = 'completed' then 'completed' else 'failed' end
      from orderly_jobs where orderly_jobs.id = orderly_set_members.job_id)
    where set_id = ${id} and (outcome is null or outcome = 'failed') and exists (
      select 1 from orderly_jobs where orderly_jobs.id = orderly_set_members.job_id
      and finished_at is not null)`.execute(query)
  const { rows } = await sql<{ total: number; completed: number; failed: number }>`
    select total, (select count(*) from orderly_set_members where set_id = s.id and outcome = 'completed') as completed,
      (select count(*) from orderly_set_members where set_id = s.id and outcome = 'failed') as failed
    from orderly_sets s where id = ${id}`.execute(query)
  const [row] = rows
  return row
}

/**
 * Closes a set and puts what follows into the outbox, in one transaction.
 *
 * @returns false when somebody else has closed it
 */
export async function closeSet(
  database: StateDatabase,
  id: string,
  now: number,
  follow: OutgoingJob | undefined,
): Promise<boolean> {
  return database.transaction(async ({ query }) => {
    const closed = await query
      .updateTable('orderly_sets')
      .set({ done_at: now })
      .where('id', '=', id)
      .where('done_at', 'is', null)
      .executeTakeFirst()
    if (closed.numUpdatedRows === 0n) return false
    if (follow) await enqueueWithin({ query }, follow, now)
    return true
  })
}

/** Whether the record knows any job of a set. */
export async function hasMembers({ query }: StateDatabase, id: string): Promise<boolean> {
  const { rows } =
    await sql`select 1 from orderly_set_members m join orderly_jobs j on j.id = m.job_id
    where m.set_id = ${id} limit 1`.execute(query)
  return rows.length > 0
}

/** Forgets a set whose jobs were never accepted. */
export async function dropSet(database: StateDatabase, id: string): Promise<void> {
  await database.transaction(async ({ query }) => {
    await query.deleteFrom('orderly_set_members').where('set_id', '=', id).execute()
    await query.deleteFrom('orderly_sets').where('id', '=', id).execute()
  })
}

/** Jobs of a set, in the order of their ids, which is that of their time. */
export async function findMembers(
  { query }: StateDatabase,
  id: string,
  limit: number,
): Promise<string[]> {
  const rows = await query
    .selectFrom('orderly_set_members')
    .select('job_id')
    .where('set_id', '=', id)
    .orderBy('job_id')
    .limit(limit)
    .execute()
  return rows.map(({ job_id }) => job_id)
}
