// The days, weeks and months that figures are summed up by, of the UTC calendar.
import { DAY_MS, dayFrom, isoDate, weekdayOf, type Day } from '../schedule/zone.ts'
import type { TimeRange } from './time-range.ts'

export interface Bucket {
  readonly range: TimeRange
  readonly start: Day
  /** The day after its last. */
  readonly end: Day
}

export function bucketOf(range: TimeRange, at: number): Bucket {
  const day = Math.floor(at / DAY_MS)
  if (range === 'daily') return { range, start: day, end: day + 1 }
  if (range === 'weekly')
    return { range, start: day - weekdayOf(day), end: day - weekdayOf(day) + 7 }
  const date = new Date(at)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1]
  return {
    range,
    start: dayFrom(year, month, 1),
    end: month === 12 ? dayFrom(year + 1, 1, 1) : dayFrom(year, month + 1, 1),
  }
}

/** The last whole bucket before an instant. */
export function lastBucket(range: TimeRange, now: number): Bucket {
  return bucketOf(range, bucketOf(range, now).start * DAY_MS - 1)
}

export function bucketId({ range, start }: Bucket): string {
  return `${range}/${isoDate(start)}`
}
