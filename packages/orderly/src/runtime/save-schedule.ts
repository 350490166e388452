// Saves and drops schedules. Slots that are due by then have their turn first, by the schedule as it was.
import { OrderlyError } from '../primitives/errors.ts'
import { dropSchedule, findSchedule, putSchedule } from '../state/schedules.ts'
import type { ScheduleRow } from '../state/schedule-tables.ts'
import { isKnown, setOff } from './fire.ts'
import type { Rooms } from './rooms.ts'
import { fireSchedule, skipDue } from './tick.ts'

/** Steps of a thousand slots each. */
const MOST_STEPS = 100

/**
 * Writes what `make` makes of the schedule as it is; anew when somebody else is faster.
 *
 * @param make undefined to leave it as it is
 * @throws OrderlyError `ORDERLY_OVERLOADED` while more slots are due than can have their turn in one go, and what `make`
 *   throws
 */
export async function saveSchedule(
  rooms: Rooms,
  id: string,
  make: (before: ScheduleRow | undefined) => Promise<ScheduleRow | undefined>,
): Promise<ScheduleRow | undefined> {
  return inSteps(async () => {
    const before = await findSchedule(rooms.state, id)
    const row = await make(before)
    if (!row) return { done: before }
    if (before && (await hadDue(rooms, before))) return undefined
    return (await putSchedule(rooms.state, row, before)) ? { done: row } : undefined
  })
}

/** @returns whether it was there @throws OrderlyError `ORDERLY_OVERLOADED` */
export async function removeSchedule(rooms: Rooms, id: string): Promise<boolean> {
  const reason = 'removed: the schedule was taken away before it fired'
  return inSteps(async () => {
    const before = await findSchedule(rooms.state, id)
    if (!before) return { done: false }
    if (await skipDue(rooms, before, reason)) return undefined
    return (await dropSchedule(rooms.state, before, reason)) ? { done: true } : undefined
  })
}

async function inSteps<T>(step: () => Promise<{ readonly done: T } | undefined>): Promise<T> {
  for (let count = 0; count < MOST_STEPS; count++) {
    const stepped = await step()
    if (stepped) return stepped.done
  }
  throw new OrderlyError(
    'ORDERLY_OVERLOADED',
    'the schedule is still catching up with slots that were missed; try again in a moment',
  )
}

/** Gives slots that are due their turn. @returns whether there were any, and it has moved on */
async function hadDue(rooms: Rooms, schedule: ScheduleRow): Promise<boolean> {
  if (schedule.next_at === null || schedule.next_at > rooms.clock.now()) return false
  if (!(await isKnown(rooms, schedule)))
    return skipDue(rooms, schedule, 'changed: nobody here knew what it was to begin')
  try {
    await rooms.pauses.refresh()
    const { begun, hadDue } = await fireSchedule(rooms, schedule)
    await setOff(rooms, begun)
    return hadDue
  } catch (error) {
    const code = error instanceof OrderlyError ? error.code : 'an error'
    // Whoever mends a schedule that cannot fire must be able to.
    return skipDue(rooms, schedule, `changed: it could not fire as it was, ${code}`)
  }
}
