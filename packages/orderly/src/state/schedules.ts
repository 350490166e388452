// Schedules and their slots: what fires when, what has fired, and what was left out and why.
import { sql } from 'kysely'
import { enqueueWithin, type OutgoingJob } from './outgoing.ts'
import type { ScheduleRow, SlotRow } from './schedule-tables.ts'
import type { StateDatabase, StateTransaction } from './tables.ts'

export async function findSchedules({ query }: StateDatabase): Promise<ScheduleRow[]> {
  return query.selectFrom('orderly_schedules').selectAll().orderBy('id').execute()
}

export async function findSchedule(
  { query }: Pick<StateDatabase, 'query'>,
  id: string,
): Promise<ScheduleRow | undefined> {
  return query.selectFrom('orderly_schedules').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Writes a schedule; one of the same id is replaced. */
export async function putSchedule({ query }: StateDatabase, row: ScheduleRow): Promise<void> {
  const { id: _id, ...change } = row
  await query
    .insertInto('orderly_schedules')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(change))
    .execute()
}

export async function dropSchedule({ query }: StateDatabase, id: string): Promise<boolean> {
  const dropped = await query
    .deleteFrom('orderly_schedules')
    .where('id', '=', id)
    .executeTakeFirst()
  return dropped.numDeletedRows > 0n
}

/** Schedules with a slot that is due, or with slots that wait for a job to end. */
export async function findDue({ query }: StateDatabase, now: number): Promise<ScheduleRow[]> {
  return query
    .selectFrom('orderly_schedules')
    .selectAll()
    .where((where) =>
      where.or([
        where('next_at', '<=', now),
        where(
          'id',
          'in',
          where.selectFrom('orderly_slots').select('schedule_id').where('state', '=', 'buffered'),
        ),
      ]),
    )
    .orderBy('next_at')
    .limit(500)
    .execute()
}

export interface NewSlot extends Omit<SlotRow, 'job_id'> {
  /** The job that fires, as the outbox holds it; left out where none does. */
  readonly job?: OutgoingJob
}

/**
 * Moves a schedule on past some slots and enqueues what they fire, in one transaction.
 *
 * @param before the schedule as it was when its slots were worked out
 * @returns false when somebody else has moved or changed it since, and nothing was done
 */
export async function advance(
  database: StateDatabase,
  before: ScheduleRow,
  slots: readonly NewSlot[],
  next: { cursor: number; nextAt: number | null },
): Promise<boolean> {
  return database.transaction(async (tx) => {
    const moved = await tx.query
      .updateTable('orderly_schedules')
      .set({ cursor_at: next.cursor, next_at: next.nextAt })
      .where('id', '=', before.id)
      .where('cursor_at', '=', before.cursor_at)
      .where('revision', '=', before.revision)
      .executeTakeFirst()
    if (moved.numUpdatedRows === 0n) return false
    for (const slot of slots) await insertSlot(tx, slot)
    return true
  })
}

/** Enqueues for slots beside the schedule's own course: filled in later, or fired by hand. @returns how many were new */
export async function insertSlots(
  database: StateDatabase,
  slots: readonly NewSlot[],
): Promise<number> {
  return database.transaction(async (tx) => {
    let count = 0
    for (const slot of slots) if (await insertSlot(tx, slot)) count++
    return count
  })
}

/** A slot that has a row has had its turn: whoever comes second does nothing. */
async function insertSlot({ query }: StateTransaction, slot: NewSlot): Promise<boolean> {
  const { job, ...row } = slot
  const inserted = await query
    .insertInto('orderly_slots')
    .values({ ...row, job_id: job?.id ?? null })
    // What was left out may be filled in by hand; what has fired never fires again.
    .onConflict((conflict) =>
      conflict
        .columns(['schedule_id', 'at'])
        .doUpdateSet({ ...row, job_id: job?.id ?? null })
        .where('orderly_slots.state', '=', 'skipped')
        .where(sql<boolean>`${job ? sql.lit(1) : sql.lit(0)} = 1`),
    )
    .executeTakeFirst()
  if (inserted.numInsertedOrUpdatedRows === 0n) return false
  if (job) await enqueueWithin({ query }, job, row.fired_at)
  return true
}

/** Fires a slot that waited. @returns false when somebody else did */
export async function fireBuffered(
  database: StateDatabase,
  slot: Pick<SlotRow, 'schedule_id' | 'at'>,
  job: OutgoingJob,
  now: number,
): Promise<boolean> {
  return database.transaction(async ({ query }) => {
    const fired = await query
      .updateTable('orderly_slots')
      .set({ state: 'fired', job_id: job.id, fired_at: now })
      .where('schedule_id', '=', slot.schedule_id)
      .where('at', '=', slot.at)
      .where('state', '=', 'buffered')
      .executeTakeFirst()
    if (fired.numUpdatedRows === 0n) return false
    await enqueueWithin({ query }, job, now)
    return true
  })
}

/** Slots of a schedule, the newest first. */
export async function findSlots(
  { query }: StateDatabase,
  scheduleId: string,
  range: { from: number; to: number; limit: number },
): Promise<SlotRow[]> {
  return query
    .selectFrom('orderly_slots')
    .selectAll()
    .where('schedule_id', '=', scheduleId)
    .where('at', '>=', range.from)
    .where('at', '<', range.to)
    .orderBy('at', 'desc')
    .limit(range.limit)
    .execute()
}

export async function findBuffered(
  { query }: StateDatabase,
  scheduleId: string,
): Promise<SlotRow[]> {
  return query
    .selectFrom('orderly_slots')
    .selectAll()
    .where('schedule_id', '=', scheduleId)
    .where('state', '=', 'buffered')
    .orderBy('at')
    .execute()
}

/** The jobs of a schedule's latest slots that have not ended, as far as the record knows. */
export async function findOpenJobs(
  { query }: StateDatabase,
  scheduleId: string,
): Promise<string[]> {
  const { rows } = await sql<{ job_id: string }>`select job_id from orderly_slots
    where schedule_id = ${scheduleId} and job_id is not null and state = 'fired' and not exists (
      select 1 from orderly_jobs where orderly_jobs.id = orderly_slots.job_id and finished_at is not null)
    order by at desc limit 1000`.execute(query)
  return rows.map(({ job_id }) => job_id)
}
