// Schedules and their slots: what fires when, what has fired, and what was left out and why.
import { sql } from 'kysely'
import { beginRunWithin } from './move-runs.ts'
import { enqueueWithin, type OutgoingJob } from './outgoing.ts'
import type { RunRow } from './run-tables.ts'
import type { ScheduleRow, SlotRow } from './schedule-tables.ts'
import type { StateDatabase, StateTransaction } from './tables.ts'

const DAY_MS = 86_400_000

export async function findSchedules({ query }: StateDatabase): Promise<ScheduleRow[]> {
  return query.selectFrom('orderly_schedules').selectAll().orderBy('id').execute()
}

export async function findSchedule(
  { query }: Pick<StateDatabase, 'query'>,
  id: string,
): Promise<ScheduleRow | undefined> {
  return query.selectFrom('orderly_schedules').selectAll().where('id', '=', id).executeTakeFirst()
}

/**
 * Writes a schedule in the place of the one of its id.
 *
 * @param before that one, as it was read; undefined where there was none
 * @returns false when somebody else has moved or changed it since, and nothing was done
 */
export async function putSchedule(
  { query }: StateDatabase,
  row: ScheduleRow,
  before: ScheduleRow | undefined,
): Promise<boolean> {
  if (!before) {
    const inserted = await query
      .insertInto('orderly_schedules')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst()
    return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n
  }
  const { id: _id, ...change } = row
  const changed = await query
    .updateTable('orderly_schedules')
    .set(change)
    .where('id', '=', before.id)
    .where('cursor_at', '=', before.cursor_at)
    .where('revision', '=', before.revision)
    .executeTakeFirst()
  return changed.numUpdatedRows > 0n
}

/**
 * Takes a schedule away, and what waits of it: a schedule that is made later under its id has nothing to do with that.
 *
 * @param reason why what waits is left out
 * @returns false when somebody else has moved or changed it since it was read, and nothing was done
 */
export async function dropSchedule(
  database: StateDatabase,
  before: ScheduleRow,
  reason: string,
): Promise<boolean> {
  return database.transaction(async ({ query }) => {
    const dropped = await query
      .deleteFrom('orderly_schedules')
      .where('id', '=', before.id)
      .where('cursor_at', '=', before.cursor_at)
      .where('revision', '=', before.revision)
      .executeTakeFirst()
    if (dropped.numDeletedRows === 0n) return false
    await query
      .updateTable('orderly_slots')
      .set({ state: 'skipped', reason })
      .where('schedule_id', '=', before.id)
      .where('state', '=', 'buffered')
      .execute()
    return true
  })
}

export const MOST_DUE = 500

/**
 * Schedules with a slot that is due, or with slots that wait for a job to end, in the order of their ids.
 *
 * @param jobs names of the jobs that may be begun
 * @param after only those with a higher id
 */
export async function findDue(
  { query }: StateDatabase,
  now: number,
  jobs: readonly string[],
  after: string,
): Promise<ScheduleRow[]> {
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
    .where((where) =>
      where.or([
        where('workflow', 'is not', null),
        ...(jobs.length > 0 ? [where('job', 'in', jobs)] : []),
      ]),
    )
    .where('id', '>', after)
    .orderBy('id')
    .limit(MOST_DUE)
    .execute()
}

/** What a slot begins: a job, as the outbox holds it, or a run. */
export interface Begun {
  readonly job?: OutgoingJob
  readonly run?: RunRow
}

export interface NewSlot extends Omit<SlotRow, 'job_id' | 'run_id' | 'open'> {
  /** Left out where nothing begins. */
  readonly begun?: Begun
}

/**
 * Moves a schedule on past some slots and begins what they fire, in one transaction.
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

/** Begins what slots begin beside the schedule's own course: filled in later, or fired by hand. @returns how many were new */
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
async function insertSlot(tx: StateTransaction, slot: NewSlot): Promise<boolean> {
  const { begun, ...what } = slot
  const row = { ...what, ...idsOf(begun), open: begun ? 1 : 0 }
  const { query } = tx
  const inserted = await query
    .insertInto('orderly_slots')
    .values(row)
    // What was left out may be filled in by hand; what has fired never fires again.
    .onConflict((conflict) =>
      conflict
        .columns(['schedule_id', 'at'])
        .doUpdateSet(row)
        .where('orderly_slots.state', '=', 'skipped')
        .where(sql<boolean>`${begun ? sql.lit(1) : sql.lit(0)} = 1`),
    )
    .executeTakeFirst()
  if (inserted.numInsertedOrUpdatedRows === 0n) return false
  if (begun) await beginWithin(tx, begun, row.fired_at)
  return true
}

function idsOf(begun: Begun | undefined): Pick<SlotRow, 'job_id' | 'run_id'> {
  return { job_id: begun?.job?.id ?? null, run_id: begun?.run?.id ?? null }
}

async function beginWithin(tx: StateTransaction, { job, run }: Begun, at: number): Promise<void> {
  if (job) await enqueueWithin(tx, job, at)
  if (run) await beginRunWithin(tx, run)
}

/** Fires a slot that waited. @returns false when somebody else did */
export async function fireBuffered(
  database: StateDatabase,
  slot: Pick<SlotRow, 'schedule_id' | 'at'>,
  begun: Begun,
  now: number,
): Promise<boolean> {
  return database.transaction(async (tx) => {
    const fired = await tx.query
      .updateTable('orderly_slots')
      .set({ state: 'fired', ...idsOf(begun), fired_at: now, open: 1 })
      .where('schedule_id', '=', slot.schedule_id)
      .where('at', '=', slot.at)
      .where('state', '=', 'buffered')
      .executeTakeFirst()
    if (fired.numUpdatedRows === 0n) return false
    await beginWithin(tx, begun, now)
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

/** What a slot began, one of the two. */
export interface Open {
  readonly job: string | null
  readonly run: string | null
}

/** Who has begun a run, with the id of the schedule behind it. */
export const BY_SCHEDULE = 'schedule:'

/** Slots that are looked at in one go; what has ended of them is not looked at again. */
const MOST_OPEN = 1_000

/**
 * What a schedule's latest slots began that has not ended, as far as the record knows. A job that it does not know is on
 * its way there for a day at most, or for as long as it is in the outbox; after that its record has been dropped.
 *
 * @param now milliseconds since 1970 UTC
 */
export async function findOpen(
  { query }: StateDatabase,
  scheduleId: string,
  now: number,
): Promise<Open[]> {
  const { rows } = await sql<Open & { at: number; is_open: number }>`
    select at, job_id as job, run_id as run, case when (
      (job_id is not null and not exists (
        select 1 from orderly_jobs where orderly_jobs.id = job_id and finished_at is not null)
        and (fired_at > ${now - DAY_MS}
          or exists (select 1 from orderly_jobs where orderly_jobs.id = job_id)
          or exists (select 1 from orderly_outbox where orderly_outbox.id = job_id)))
      or exists (select 1 from orderly_runs
        where orderly_runs.id = run_id and orderly_runs.state in ('running', 'paused'))
    ) then 1 else 0 end as is_open
    from orderly_slots where schedule_id = ${scheduleId} and open = 1
    order by at desc limit ${MOST_OPEN}`.execute(query)
  const ended = rows.filter(({ is_open }) => is_open === 0).map(({ at }) => at)
  if (ended.length > 0)
    await query
      .updateTable('orderly_slots')
      .set({ open: 0 })
      .where('schedule_id', '=', scheduleId)
      .where('at', 'in', ended)
      .execute()
  return rows.filter(({ is_open }) => is_open === 1).map(({ job, run }) => ({ job, run }))
}

/** Notes that the job of a slot goes on though it had ended. */
export async function reopenSlot(
  { query }: StateDatabase,
  { schedule, at }: { readonly schedule: string; readonly at: number },
): Promise<void> {
  await query
    .updateTable('orderly_slots')
    .set({ open: 1 })
    .where('schedule_id', '=', schedule)
    .where('at', '=', at)
    .where('state', '=', 'fired')
    .execute()
}

/** Notes that a run goes on though it had ended, where the slot of a schedule began it. */
export async function reopenSlotOf(
  { query }: StateDatabase,
  { id, who }: Pick<RunRow, 'id' | 'who'>,
): Promise<void> {
  if (!who.startsWith(BY_SCHEDULE)) return
  await query
    .updateTable('orderly_slots')
    .set({ open: 1 })
    .where('schedule_id', '=', who.slice(BY_SCHEDULE.length))
    .where('run_id', '=', id)
    .execute()
}
