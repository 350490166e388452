// Filling in what a schedule has left out.
import { OrderlyError } from '../primitives/errors.ts'
import { slotsAfter, type StoredSpec } from '../schedule/spec.ts'
import { findSlots, insertSlots } from '../state/schedules.ts'
import { beginningOf, setOff } from './fire.ts'
import type { Rooms } from './rooms.ts'
import { scheduleRow } from './schedules.ts'

const MOST_BACKFILLED = 10_000

export interface BackfillPlan {
  /** Slots of the range that have not fired. */
  readonly slots: readonly number[]
  /** How many jobs or runs were begun; 0 for a plan alone. */
  readonly enqueued: number
}

/**
 * Fires the slots of a range that never fired. With `plan` it only says which they are.
 *
 * @throws OrderlyError `ORDERLY_NOT_FOUND`, `ORDERLY_INPUT_INVALID` for a range that ends in the future or has more than
 *   10,000 slots
 */
export async function backfill(
  rooms: Rooms,
  id: string,
  range: { readonly from: Date; readonly to: Date; readonly plan?: boolean },
): Promise<BackfillPlan> {
  const row = await scheduleRow(rooms, id)
  const [from, to, now] = [range.from.getTime(), range.to.getTime(), rooms.clock.now()]
  if (!(from < to) || to > now)
    throw new OrderlyError(
      'ORDERLY_INPUT_INVALID',
      'a backfill goes from a time to a later one that is past',
    )
  const times: number[] = []
  for (const { at } of slotsAfter(JSON.parse(row.spec) as StoredSpec, from - 1)) {
    if (at >= to) break
    times.push(at)
    if (times.length > MOST_BACKFILLED)
      throw new OrderlyError(
        'ORDERLY_INPUT_INVALID',
        `the range has more than ${MOST_BACKFILLED} slots; fill it in by parts`,
      )
  }
  const had = await findSlots(rooms.state, id, { from, to, limit: MOST_BACKFILLED })
  const fired = new Set(had.filter(({ state }) => state !== 'skipped').map(({ at }) => at))
  const slots = times.filter((at) => !fired.has(at))
  if (range.plan) return { slots, enqueued: 0 }
  const rows = await Promise.all(
    slots.map(async (at) => ({
      schedule_id: id,
      at,
      state: 'fired' as const,
      reason: 'backfill',
      fired_at: now,
      begun: await beginningOf(rooms, row, at, 0),
    })),
  )
  const enqueued = await insertSlots(rooms.state, rows)
  await setOff(
    rooms,
    rows.map(({ begun }) => begun),
  )
  return { slots, enqueued }
}
