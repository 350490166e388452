// The slots of a schedule: the instants at which it fires, and why one is not where the clock on the wall would have it.
import { daysIn, isDayOf, type Cron } from './cron.ts'
import type { Zone } from './zone.ts'

export interface Slot {
  /** Milliseconds since 1970 UTC. */
  readonly at: number
  /** What the wall shows, or would have shown, written as if it were UTC. Milliseconds since 1970. */
  readonly wall: number
  /**
   * `gap`: the clocks were put forward over this time, so it fires at the first instant after. `overlap`: they were put
   * back and show it twice, so it fires at the first.
   */
  readonly shift?: 'gap' | 'overlap'
}

/** No expression that can happen at all rests longer: 29 February on a certain weekday comes within 40 years. */
const LONGEST_REST_YEARS = 41

/** The slots of `cron` in `zone` after `from` (exclusive), in order, without end. */
export function* cronSlots(cron: Cron, zone: Zone, from: number): Generator<Slot> {
  const start = new Date(from + zone.offsetAt(from))
  let [year, month, day] = [start.getUTCFullYear(), start.getUTCMonth() + 1, start.getUTCDate()]
  // A day back: what was in a gap fires later than its wall says.
  ;[year, month, day] = stepDay(year, month, day, -1)
  let last = from
  let restedSince = year
  while (year - restedSince <= LONGEST_REST_YEARS) {
    if (isDayOf(cron, year, month, day)) {
      const slots = slotsOfDay(cron, zone, year, month, day)
      for (const slot of slots) {
        // Several times of one gap fire once, together with what follows it.
        if (slot.at <= last) continue
        last = slot.at
        restedSince = year
        yield slot
      }
    }
    ;[year, month, day] = stepDay(year, month, day, 1)
  }
}

/** The slots that the wall shows on one day, in order. */
function slotsOfDay(cron: Cron, zone: Zone, year: number, month: number, day: number): Slot[] {
  const midnight = Date.UTC(year, month - 1, day)
  const offset = zone.offsetOfDay(midnight)
  const slots: Slot[] = []
  for (const hour of cron.hours)
    for (const minute of cron.minutes)
      for (const second of cron.seconds) {
        const wall = midnight + ((hour * 60 + minute) * 60 + second) * 1_000
        if (offset !== undefined) {
          slots.push({ at: wall - offset, wall })
          continue
        }
        const { instant, kind } = zone.instantOf(wall)
        slots.push({
          at: instant,
          wall,
          ...(kind === 'gap' ? { shift: 'gap' as const } : {}),
          ...(kind === 'twice' ? { shift: 'overlap' as const } : {}),
        })
      }
  return offset === undefined ? slots.toSorted((a, b) => a.at - b.at) : slots
}

function stepDay(
  year: number,
  month: number,
  day: number,
  by: 1 | -1,
): [year: number, month: number, day: number] {
  const next = day + by
  if (next < 1) {
    const [y, m] = month === 1 ? [year - 1, 12] : [year, month - 1]
    return [y, m, daysIn(y, m)]
  }
  if (next <= daysIn(year, month)) return [year, month, next]
  return month === 12 ? [year + 1, 1, 1] : [year, month + 1, 1]
}

/** What the wall shows at a slot: `2026-03-08T02:30:00`. */
export function wallText({ wall }: Slot): string {
  return new Date(wall).toISOString().slice(0, 19)
}

/** The first `count` slots after `from`. */
export function nextSlots(cron: Cron, zone: Zone, from: number, count: number): Slot[] {
  const slots: Slot[] = []
  if (count <= 0) return slots
  for (const slot of cronSlots(cron, zone, from)) {
    slots.push(slot)
    if (slots.length >= count) break
  }
  return slots
}
