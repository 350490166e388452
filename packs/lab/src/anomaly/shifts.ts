// Finds lasting changes of level: weeks that are not like the weeks before, from one day on.
import { median } from '../forecast/series.ts'

export interface Shift {
  /** The first value of the new level. */
  readonly at: number
  readonly size: number
  /** How many values have kept the new level, 14 at most. */
  readonly lasted: number
}

/** Values on each side of a shift that are compared. */
export const SHIFT_DAYS = 14
/** So many tell a new level from a few odd days, where the series ends with them. */
const LEAST_DAYS = 5
const EDGE_DAYS = 4
/** A shift moves the middle of two weeks by so many standard deviations of a day; that of a few days by more. */
const SHIFT_AT = 2.5
const EARLY_SHIFT_AT = 4

/** Values from which the level is another one: sharp at the edge, and lasting, at the end of the series so far. */
export function findShifts(level: readonly number[], sigma: number): Shift[] {
  const steps = level.map((_, at) => stepAt(level, at, sigma))
  const found: Shift[] = []
  steps.forEach((size, at) => {
    if (size === 0) return
    const around = steps.slice(Math.max(0, at - SHIFT_DAYS), at + SHIFT_DAYS + 1).map(Math.abs)
    const isTop = Math.abs(size) >= Math.max(...around)
    if (isTop && at - (found.at(-1)?.at ?? -Infinity) > SHIFT_DAYS)
      found.push({ at, size, lasted: Math.min(SHIFT_DAYS, level.length - at) })
  })
  return found.map((shift) => {
    const at = sharpest(level, shift.at)
    return { ...shift, at, lasted: Math.min(SHIFT_DAYS, level.length - at) }
  })
}

/** How far the level moves at a value; 0 where it does not. */
function stepAt(level: readonly number[], at: number, sigma: number): number {
  const after = level.slice(at, at + SHIFT_DAYS)
  if (at < SHIFT_DAYS || after.length < LEAST_DAYS) return 0
  const size = median(after) - median(level.slice(at - SHIFT_DAYS, at))
  const edge = median(level.slice(at, at + EDGE_DAYS)) - median(level.slice(at - EDGE_DAYS, at))
  const isSharp = Math.sign(edge) === Math.sign(size) && Math.abs(edge) > (2 / 3) * Math.abs(size)
  const least = after.length < SHIFT_DAYS ? EARLY_SHIFT_AT : SHIFT_AT
  return isSharp && Math.abs(size) > least * sigma ? size : 0
}

/** The very day: where two halves about it differ least from their own middles. */
function sharpest(level: readonly number[], near: number): number {
  let best = { at: near, cost: Infinity }
  const from = Math.max(1, near - EDGE_DAYS)
  const to = Math.min(level.length - 1, near + EDGE_DAYS)
  for (let at = from; at <= to; at++) {
    const halves = [
      level.slice(Math.max(0, near - SHIFT_DAYS), at),
      level.slice(at, near + SHIFT_DAYS),
    ]
    const cost = halves.reduce((sum, half) => {
      const middle = median(half)
      return sum + half.reduce((total, value) => total + Math.abs(value - middle), 0)
    }, 0)
    if (cost < best.cost) best = { at, cost }
  }
  return best.at
}
