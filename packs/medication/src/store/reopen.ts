// Marks figures that were summed up before something came in that belongs to them: the next run sums them up anew.
import { bucketId, bucketOf } from '../analytics/bucket.ts'
import { TIME_RANGES } from '../analytics/time-range.ts'
import { DAY_MS, isoDate } from '../schedule/zone.ts'
import type { Tx } from './tables.ts'

/** Days a fill may be looked back on. */
export const LOOK_BACK_DAYS = 365

/** The day, week and month of each of the doses. */
export async function reopenDoses(query: Tx['query'], dueAt: readonly number[]): Promise<void> {
  const ids = new Set(
    dueAt.flatMap((at) => TIME_RANGES.map((range) => bucketId(bucketOf(range, at)))),
  )
  if (ids.size === 0) return
  await query
    .updateTable('med_rollups')
    .set({ reopened: 1 })
    .where('rollup_id', 'in', [...ids])
    .execute()
}

/** The weeks and months that look back on the fills. */
export async function reopenFills(query: Tx['query'], filledAt: readonly number[]): Promise<void> {
  for (const at of new Set(filledAt.map((each) => Math.floor(each / DAY_MS))))
    await query
      .updateTable('med_rollups')
      .set({ reopened: 1 })
      .where('time_range', 'in', ['weekly', 'monthly'])
      // A bucket has the name of its first day: the one it fell into began up to a month before.
      .where('day', '>', isoDate(at - 31))
      .where('day', '<=', isoDate(at + LOOK_BACK_DAYS))
      .execute()
}
