// Removes what is past its time, and sums up what is removed.
import { DAY_MS, HOUR_MS } from '../schedule/zone.ts'
import { groupBy } from '../store/group.ts'
import type { Store } from '../store/store.ts'

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
}

export async function cleanNotifications({ clock, db }: Store, days: number): Promise<Cleaned> {
  const before = clock.now() - days * DAY_MS
  const done = await db.query
    .deleteFrom('med_notifications')
    .where('state', '!=', 'pending')
    .where('created_at', '<', before)
    .executeTakeFirst()
  return cleaned(db, 'med_notifications', done.numDeletedRows, before)
}

export async function cleanErrors({ clock, db }: Store, retention: Retention): Promise<Cleaned> {
  const before = clock.now() - retention.errors * DAY_MS
  const done = await db.query
    .deleteFrom('med_log')
    .where((where) =>
      where.or([
        where.and([where('kind', '!=', 'audit'), where('at', '<', before)]),
        where('at', '<', clock.now() - retention.audit * DAY_MS),
      ]),
    )
    .executeTakeFirst()
  return cleaned(db, 'med_log', done.numDeletedRows, before)
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
  const done = await db.query.deleteFrom('med_points').where('at', '<', whole).executeTakeFirst()
  return { ...(await cleaned(db, 'med_points', done.numDeletedRows, whole)), hours: groups.size }
}

async function cleaned(
  db: Store['db'],
  table: 'med_notifications' | 'med_log' | 'med_points',
  removed: bigint,
  before: number,
): Promise<Cleaned> {
  const { n } = await db.query
    .selectFrom(table)
    .select((expression) => expression.fn.countAll().as('n'))
    .executeTakeFirstOrThrow()
  return { removed: Number(removed), kept: Number(n), before: new Date(before).toISOString() }
}
