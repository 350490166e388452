// A plan: one dosage of one order, resolved for one patient, so that its doses can be listed for any span of time.
import {
  DAY_MINUTES,
  dayFrom,
  MINUTE_MS,
  plainDate,
  weekdayOf,
  type Day,
  type Zone,
} from './zone.ts'

export type Rhythm =
  /** Every so many days, on certain weekdays of every so many weeks, at minutes of the day. */
  | {
      readonly kind: 'days'
      readonly everyDays: number
      readonly everyWeeks: number
      readonly weekdays: readonly number[] | undefined
      readonly anchor: Day
      readonly minutes: readonly number[]
    }
  /** Every so many months on the date of the anchor, or the last day of a shorter month. */
  | {
      readonly kind: 'months'
      readonly everyMonths: number
      readonly anchor: Day
      readonly minutes: readonly number[]
    }
  /** Every so many milliseconds that pass, whatever the clocks on the wall do. */
  | { readonly kind: 'interval'; readonly everyMs: number; readonly anchor: number }
  | { readonly kind: 'events'; readonly at: readonly number[] }

export interface Plan {
  readonly rhythm: Rhythm
  readonly zone: Zone
  /** The first instant at which a dose may be due. */
  readonly from: number
  /** The first instant at which none is due any more. */
  readonly until: number
}

/** Doses of one dosage that a change of clocks brings closer together than this are one dose. */
const LEAST_GAP_MINUTES = 30
/** No plan is looked ahead further than this. */
export const HORIZON_DAYS = 3_700

/** The instants in `[from, to)` at which a dose is due, in order. */
export function occurrences(plan: Plan, from: number, to: number): number[] {
  const start = Math.max(from, plan.from)
  const end = Math.min(to, plan.until)
  if (!(start < end)) return []
  return listed(plan, start, end).filter((at) => at >= start && at < end)
}

/** The first dose at or after `from`, or undefined when none follows within ten years. */
export function nextOccurrence(plan: Plan, from: number): number | undefined {
  let start = Math.max(from, plan.from)
  for (const days of [2, 40, 400, HORIZON_DAYS]) {
    if (start >= plan.until) return undefined
    const end = start + days * DAY_MINUTES * MINUTE_MS
    const [first] = occurrences(plan, start, end)
    if (first !== undefined) return first
    start = end
  }
  return undefined
}

/** The instant just after the dose with this number, counted from 1; infinite when it never comes. */
export function endAfterCount(plan: Plan, count: number): number {
  let left = count
  let start = plan.from
  for (let days = 0; days < HORIZON_DAYS && start < plan.until; days += 28) {
    const end = start + 28 * DAY_MINUTES * MINUTE_MS
    const found = occurrences(plan, start, end)
    if (found.length >= left) return found[left - 1]! + 1
    left -= found.length
    start = end
  }
  return plan.until
}

function listed({ rhythm, zone }: Plan, start: number, end: number): number[] {
  switch (rhythm.kind) {
    case 'events':
      return rhythm.at.toSorted((a, b) => a - b)
    case 'interval': {
      const { everyMs, anchor } = rhythm
      const found: number[] = []
      for (let n = Math.ceil((start - anchor) / everyMs); anchor + n * everyMs < end; n++)
        if (n >= 0) found.push(anchor + n * everyMs)
      return found
    }
    case 'days':
    case 'months': {
      const found: number[] = []
      // Minutes may reach into the days beside.
      const last = zone.dayOf(end - 1) + 1
      for (let day = zone.dayOf(start) - 2; day <= last; day++)
        if (isDoseDay(rhythm, day)) found.push(...dosesOf(day, rhythm.minutes, zone))
      return found.toSorted((a, b) => a - b).filter((at, i, all) => at !== all[i - 1])
    }
  }
}

function isDoseDay(rhythm: Extract<Rhythm, { kind: 'days' | 'months' }>, day: Day): boolean {
  if (day < rhythm.anchor) return false
  if (rhythm.kind === 'days') {
    const { anchor, everyDays, everyWeeks, weekdays } = rhythm
    if (!weekdays) return (day - anchor) % everyDays === 0
    if (!weekdays.includes(weekdayOf(day))) return false
    return weeksBetween(anchor, day) % everyWeeks === 0
  }
  const anchor = plainDate(rhythm.anchor)
  const date = plainDate(day)
  const months = (date.year - anchor.year) * 12 + (date.month - anchor.month)
  return months % rhythm.everyMonths === 0 && dayFrom(date.year, date.month, anchor.day) === day
}

/** Weeks from the week of one day to that of another; weeks begin on Monday. */
function weeksBetween(from: Day, to: Day): number {
  return (to - weekdayOf(to) - (from - weekdayOf(from))) / 7
}

function dosesOf(day: Day, minutes: readonly number[], zone: Zone): number[] {
  const times = minutes.map((minute) => zone.at(day, minute)).toSorted((a, b) => a - b)
  if (!zone.changesOn(day) || times.length < 2) return times
  const gap = Math.min(...gaps(minutes), 24 * 60) / 2
  const least = Math.min(gap, LEAST_GAP_MINUTES) * MINUTE_MS
  // Where the clocks skip an hour, a time in it may fall on the next one: that is one dose, not two.
  return times.reduce<number[]>((kept, at) => {
    const before = kept.at(-1)
    if (before === undefined || at - before >= least) kept.push(at)
    return kept
  }, [])
}

function gaps(minutes: readonly number[]): number[] {
  const sorted = minutes.toSorted((a, b) => a - b)
  return sorted.slice(1).map((minute, i) => minute - sorted[i]!)
}
