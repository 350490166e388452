// A time zone: from days and minutes on the wall to instants and back, exact on the days the clocks change.
import { Temporal } from 'temporal-polyfill'

/** Days since 1970-01-01 in a calendar without a zone. */
export type Day = number

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000
export const DAY_MINUTES = 1_440
const MOST_DAYS_KEPT = 5_000

export interface Zone {
  readonly id: string
  /** The instant a day begins. */
  startOf(day: Day): number
  /**
   * The instant of a time on the wall. A time the clocks skip comes as much later as they skip; of a time they show
   * twice it is the first. Minutes below 0 and from 1,440 on are of the days beside.
   */
  at(day: Day, minute: number): number
  /** The day on the wall at an instant. */
  dayOf(instant: number): Day
  /** Whether the clocks change in the course of the day. */
  changesOn(day: Day): boolean
}

const zones = new Map<string, Zone>()

/** Whether this machine knows the zone. */
export function isZone(id: string): boolean {
  try {
    zoneOf(id)
    return true
  } catch {
    return false
  }
}

/** @throws RangeError when there is no such zone */
export function zoneOf(id: string): Zone {
  let zone = zones.get(id)
  if (!zone) zones.set(id, (zone = openZone(id)))
  return zone
}

function openZone(id: string): Zone {
  Temporal.PlainDate.from('2020-01-01').toZonedDateTime(id)
  const starts = new Map<Day, number>()
  const startOf = (day: Day): number => {
    let start = starts.get(day)
    if (start === undefined) {
      if (starts.size > MOST_DAYS_KEPT) starts.clear()
      start = plainDate(day).toZonedDateTime(id).epochMilliseconds
      starts.set(day, start)
    }
    return start
  }
  const changesOn = (day: Day): boolean => startOf(day + 1) - startOf(day) !== DAY_MS
  return {
    id,
    startOf,
    changesOn,
    at(day, minute) {
      const shift = Math.floor(minute / DAY_MINUTES)
      const onDay = day + shift
      const within = minute - shift * DAY_MINUTES
      if (!changesOn(onDay)) return startOf(onDay) + within * MINUTE_MS
      return plainDate(onDay)
        .toPlainDateTime({ hour: Math.floor(within / 60), minute: Math.floor(within % 60) })
        .toZonedDateTime(id, { disambiguation: 'compatible' }).epochMilliseconds
    },
    dayOf(instant) {
      let day = Math.floor(instant / DAY_MS)
      while (startOf(day) > instant) day--
      while (startOf(day + 1) <= instant) day++
      return day
    },
  }
}

/** Minutes that the clock on the wall shows at an instant: on days the clocks change not those since midnight. */
export function minuteOfDay(zone: Zone, at: number): number {
  const day = zone.dayOf(at)
  if (!zone.changesOn(day)) return Math.floor((at - zone.startOf(day)) / MINUTE_MS)
  const wall = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone.id)
  return wall.hour * 60 + wall.minute
}

export function plainDate(day: Day): Temporal.PlainDate {
  const date = new Date(day * DAY_MS)
  return new Temporal.PlainDate(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())
}

/** The day of a date; months count from 1. Days past the end of a month are its last. */
export function dayFrom(year: number, month: number, date: number): Day {
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate()
  return Date.UTC(year, month - 1, Math.min(date, last)) / DAY_MS
}

/** 0 for Monday to 6 for Sunday. */
export function weekdayOf(day: Day): number {
  return (((day + 3) % 7) + 7) % 7
}

/** `2026-03-08` */
export function isoDate(day: Day): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

/** The day of `2026-03-08`, or undefined when it is no date. */
export function parseDay(text: string): Day | undefined {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (!found) return undefined
  const time = Date.parse(`${text}T00:00:00Z`)
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text
    ? undefined
    : time / DAY_MS
}
