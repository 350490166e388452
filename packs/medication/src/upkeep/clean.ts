// Removes what is past its time, and sums up what is removed.
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely'
import { DAY_MS, HOUR_MS } from '../schedule/zone.ts'
import { groupBy } from '../store/group.ts'
import type { Store } from '../store/store.ts'
import type { MedicationTables } from '../store/tables.ts'

export interface Retention {
  readonly notifications: number
  readonly points: number
  readonly errors: number
  readonly audit: number
}

/** In days. The audit trail is kept as long as 45 CFR 164.316(b)(2)(i) asks for documentation: six years. */
export const RETENTION: Retention = { notifications: 90, points: 7, errors: 30, audit: 2_192 }

export interface Cleaned {
  readonly removed: number
  readonly kept: number
  readonly before: string
  /** What is past its time and still there: none, or something is wrong. */
  readonly overdue: number
}

export async function cleanNotifications({ clock, db }: Store, days: number): Promise<Cleaned> {
  const before = clock.now() - days * DAY_MS
  return cleaned(db, 'med_notifications', before, (where) =>
    where.and([where('state', '!=', 'pending'), where('created_at', '<', before)]),
  )
}

export async function cleanErrors({ clock, db }: Store, retention: Retention): Promise<Cleaned> {
  const before = clock.now() - retention.errors * DAY_MS
  const auditBefore = clock.now() - retention.audit * DAY_MS
  return cleaned(db, 'med_log', before, (where) =>
    where.or([
      where.and([where('kind', '!=', 'audit'), where('at', '<', before)]),
      where('at', '<', auditBefore),
    ]),
  )
}

/** Hours are summed up as a whole each time, so a run that was cut short is mended by the next. */
export async function rollMetrics(
  { clock, db }: Store,
  days: number,
): Promise<Cleaned & { readonly hours: number }> {
  const now = clock.now()
  // Whole hours only: part of an hour summed up again would be less than the hour was.
  const whole = Math.floor((now - days * DAY_MS) / HOUR_MS) * HOUR_MS
  const points = await db.query
    .selectFrom('med_points')
    .selectAll()
    .where('at', '>=', whole)
    .execute()
  const groups = groupBy(points, (row) => `${row.job}/${Math.floor(row.at / HOUR_MS) * HOUR_MS}`)
  await db.transaction(async ({ query }) => {
    for (const [id, rows] of groups) {
      const row = {
        job: rows[0]!.job,
        at: Math.floor(rows[0]!.at / HOUR_MS) * HOUR_MS,
        runs: rows.length,
        failed: rows.filter(({ ok }) => ok === 0).length,
        total_ms: rows.reduce((sum, { ms }) => sum + ms, 0),
        most_ms: rows.reduce((most, { ms }) => Math.max(most, ms), 0),
      }
      await query
        .insertInto('med_hours')
        .values({ hour_id: id, ...row })
        .onConflict((on) => on.column('hour_id').doUpdateSet(row))
        .execute()
    }
  })
  const done = await cleaned(db, 'med_points', whole, (where) => where('at', '<', whole))
  return { ...done, hours: groups.size }
}

type Cleanable = 'med_notifications' | 'med_log' | 'med_points'

async function cleaned<T extends Cleanable>(
  db: Store['db'],
  table: T,
  before: number,
  isPast: (where: ExpressionBuilder<MedicationTables, Cleanable>) => Expression<SqlBool>,
): Promise<Cleaned> {
  const count = async (past: boolean): Promise<number> => {
    const all = db.query.selectFrom<Cleanable>(table).select(({ fn }) => fn.countAll().as('n'))
    const { n } = await (past ? all.where(isPast) : all).executeTakeFirstOrThrow()
    return Number(n)
  }
  const { numDeletedRows } = await db.query
    .deleteFrom<Cleanable>(table)
    .where(isPast)
    .executeTakeFirstOrThrow()
  return {
    removed: Number(numDeletedRows),
    kept: await count(false),
    before: new Date(before).toISOString(),
    overdue: await count(true),
  }
}
