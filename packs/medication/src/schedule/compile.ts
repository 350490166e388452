// From what an order says about time to a plan for one patient, or to the reason why there is none.
import { endOfText, startOfText } from './date-text.ts'
import type { LastTaken } from './order.ts'
import { endAfterCount, type Plan, type Rhythm } from './plan.ts'
import {
  minutesOf,
  timesForDaily,
  type DayTimes,
  type Repeat,
  type TimeUnit,
  type Timing,
} from './timing.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, plainDate, weekdayOf, type Day, type Zone } from './zone.ts'

/** Where and how a patient lives. */
export interface PatientDay {
  readonly zone: Zone
  readonly times: DayTimes
}

/** Why a dosage has no plan. */
export type Unplanned =
  | 'as-needed'
  | 'unreadable'
  | 'no-timing'
  | 'no-period'
  | 'too-often'
  | 'rhythm-not-known'
  | 'no-end-before-next-step'

export type Compiled = { readonly plan: Plan } | { readonly unplanned: Unplanned }

const UNIT_MS: Readonly<Record<'s' | 'min' | 'h' | 'd' | 'wk', number>> = {
  s: 1_000,
  min: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  wk: 7 * DAY_MS,
}
/** More doses than one in five minutes are no schedule anybody can keep. */
const LEAST_INTERVAL_MS = 5 * MINUTE_MS
const MOST_A_DAY = 24

export interface CompileOptions {
  /** When the dosage begins where it does not say so itself. */
  readonly start: number
  /** Interval dosages are counted from the last dose taken, where the patient's policy says so. */
  readonly lastTaken?: LastTaken | undefined
}

/** Resolves a timing. Nothing is guessed: what has no certain meaning has no plan. */
export function compileTiming(
  timing: Timing,
  patient: PatientDay,
  { start, lastTaken }: CompileOptions,
): Compiled {
  const { zone } = patient
  const { repeat } = timing
  if (timing.events.length > 0) {
    const at = timing.events.map((text) => startOfText(text, zone))
    return { plan: { rhythm: { kind: 'events', at }, zone, from: start, until: Infinity } }
  }
  if (!repeat) return { unplanned: 'no-timing' }
  const bounds = boundsOf(repeat, start, zone)
  const rhythm = rhythmOf(repeat, patient, bounds.from)
  if (typeof rhythm === 'string') return { unplanned: rhythm }
  const plan: Plan = { rhythm, zone, ...bounds }
  const counted =
    repeat.count === undefined ? plan : { ...plan, until: endAfterCount(plan, repeat.count) }
  return { plan: fromLastTaken(counted, lastTaken) }
}

/** The next dose is one interval after the last one taken; and no other stands in for one that was told already. */
function fromLastTaken(plan: Plan, last: LastTaken | undefined): Plan {
  const { rhythm } = plan
  if (last === undefined || rhythm.kind !== 'interval') return plan
  const open = last.open === undefined ? 0 : last.open + rhythm.everyMs / 2
  return {
    ...plan,
    rhythm: { ...rhythm, anchor: last.at },
    from: Math.max(plan.from, last.at + 1, open),
  }
}

function boundsOf({ bounds }: Repeat, start: number, zone: Zone): { from: number; until: number } {
  if (!bounds) return { from: start, until: Infinity }
  if (bounds.kind === 'period')
    return {
      from: bounds.start === undefined ? start : startOfText(bounds.start, zone),
      until: bounds.end === undefined ? Infinity : endOfText(bounds.end, zone),
    }
  return { from: start, until: later(start, bounds.value, bounds.unit, zone) }
}

/** The instant so much later: days, weeks, months and years by the calendar of the zone, shorter units as they pass. */
export function later(start: number, value: number, unit: TimeUnit, zone: Zone): number {
  if (unit === 's' || unit === 'min' || unit === 'h') return start + value * UNIT_MS[unit]
  const day = zone.dayOf(start)
  const into = start - zone.startOf(day)
  const move = (to: Day): number => Math.min(zone.startOf(to) + into, zone.startOf(to + 1))
  if (unit === 'd' || unit === 'wk') {
    const days = value * (unit === 'wk' ? 7 : 1)
    const whole = Math.floor(days)
    return move(day + whole) + (days - whole) * DAY_MS
  }
  const date = plainDate(day).add({ months: Math.round(value * (unit === 'a' ? 12 : 1)) })
  return move(Date.UTC(date.year, date.month - 1, date.day) / DAY_MS)
}

function rhythmOf(repeat: Repeat, { times, zone }: PatientDay, start: number): Rhythm | Unplanned {
  const { frequency = 1, period, periodUnit } = repeat
  const anchor = zone.dayOf(start)
  const clock = clockTimes(repeat, times)
  const weekdays = repeat.dayOfWeek.length > 0 ? repeat.dayOfWeek : undefined
  const days = (over: Partial<Extract<Rhythm, { kind: 'days' }>>): Rhythm => ({
    kind: 'days',
    everyDays: 1,
    everyWeeks: 1,
    weekdays,
    anchor,
    minutes: clock ?? timesForDaily(1, times),
    ...over,
  })
  if (frequency < 1 || !Number.isInteger(frequency)) return 'rhythm-not-known'
  if (period === undefined || periodUnit === undefined)
    return clock || weekdays ? days({}) : 'no-period'
  if (!(period > 0)) return 'no-period'
  switch (periodUnit) {
    case 's':
    case 'min':
    case 'h': {
      // "1 per 24 h" with a time of day is said of the clock on the wall.
      if (clock || weekdays)
        return period * UNIT_MS[periodUnit] === DAY_MS ? days({}) : 'rhythm-not-known'
      return every((period * UNIT_MS[periodUnit]) / frequency, start)
    }
    case 'd': {
      if (!Number.isInteger(period)) return every((period * DAY_MS) / frequency, start)
      if (clock) return days(weekdays ? {} : { everyDays: period })
      if (period === 1 || (frequency % period === 0 && !weekdays)) {
        const daily = frequency / period
        return daily > MOST_A_DAY ? 'too-often' : days({ minutes: timesForDaily(daily, times) })
      }
      if (frequency === 1) return days(weekdays ? {} : { everyDays: period })
      return every((period * DAY_MS) / frequency, start)
    }
    case 'wk': {
      if (!Number.isInteger(period)) return 'rhythm-not-known'
      if (weekdays) return days({ everyWeeks: period })
      if (frequency === 1) return days({ weekdays: [weekdayOf(anchor)], everyWeeks: period })
      if (period === 1 && frequency <= 7) {
        const first = weekdayOf(anchor)
        const spread = Array.from(
          { length: frequency },
          (_, i) => (first + Math.floor((i * 7) / frequency)) % 7,
        )
        return days({ weekdays: spread })
      }
      return frequency % (7 * period) === 0
        ? days({ minutes: clock ?? timesForDaily(frequency / (7 * period), times) })
        : 'rhythm-not-known'
    }
    case 'mo':
    case 'a': {
      if (!Number.isInteger(period) || frequency !== 1 || weekdays) return 'rhythm-not-known'
      const everyMonths = period * (periodUnit === 'a' ? 12 : 1)
      return { kind: 'months', everyMonths, anchor, minutes: clock ?? timesForDaily(1, times) }
    }
  }
}

function every(everyMs: number, anchor: number): Rhythm | Unplanned {
  return everyMs < LEAST_INTERVAL_MS
    ? 'too-often'
    : { kind: 'interval', everyMs: Math.round(everyMs), anchor }
}

function clockTimes({ offset, timeOfDay, when }: Repeat, day: DayTimes): number[] | undefined {
  const minutes = [...timeOfDay, ...when.flatMap((code) => minutesOf(code, day, offset))]
  return minutes.length === 0 ? undefined : [...new Set(minutes)].toSorted((a, b) => a - b)
}
