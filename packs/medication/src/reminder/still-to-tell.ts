// Whether a reminder that was written is still to be told when its turn comes.
import { MINUTE_MS } from '../schedule/zone.ts'
import { QUARTER_MS } from '../store/quarter.ts'
import type { Store } from '../store/store.ts'
import type { NotificationRow } from '../store/tables.ts'

/** A reminder is told while one of its doses waits for an answer and is not too late, for which a quarter is always left. */
export async function isStillToTell(
  query: Store['db']['query'],
  { created_at: written }: NotificationRow,
  detail: unknown,
  grace: number,
  now: number,
): Promise<boolean> {
  const rows = await query
    .selectFrom('med_doses')
    .select(['due_at', 'remind_at'])
    .where('dose_id', 'in', ['', ...dosesIn(detail)])
    .where('state', '=', 'reminded')
    .execute()
  return rows.some(
    (row) =>
      now <= Math.max((row.remind_at ?? row.due_at) + grace * MINUTE_MS, written + QUARTER_MS),
  )
}

function dosesIn(detail: unknown): string[] {
  return (Array.isArray(detail) ? detail : []).flatMap((each: { readonly dose?: unknown }) =>
    typeof each.dose === 'string' ? [each.dose] : [],
  )
}
