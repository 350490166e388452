// Reads a series of days from a CSV file as the commands take it: every line is understood, or named.
import { dayNumber, type DailySeries } from '../forecast/series.ts'

const LINE = /^"?(\d{4}-\d{2}-\d{2})"?\s*,\s*"?([+-]?\d+(?:\.\d+)?)"?$/
const MOST_DAYS = 5_000
const WANTED = 'write each as a day of the calendar and a number, such as 2026-03-02,17'

/**
 * A line that is not understood would count as a day on which nothing was, and so would be told of: none is passed over. Days
 * without a line are 0.
 *
 * @returns what is wrong with the file, where it cannot be used
 */
export function readDays(text: string): DailySeries | string {
  const days = new Map<number, number>()
  for (const [at, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const line = raw.trim()
    const [, day, value] = LINE.exec(line) ?? []
    if (day === undefined) {
      // The first line may name the columns.
      if (line === '' || (at === 0 && !/^"?\d{4}-/.test(line))) continue
      return `Line ${at + 1} is not understood; ${WANTED}.`
    }
    const number = dayOf(day)
    if (number === null) return `The day in line ${at + 1} is not in the calendar; ${WANTED}.`
    if (days.has(number))
      return `The day in line ${at + 1} stands in the file twice; add its values up, in one line for each day.`
    days.set(number, Number(value))
  }
  if (days.size === 0) return `The file has no days; ${WANTED}.`
  const first = Math.min(...days.keys())
  const length = Math.max(...days.keys()) - first + 1
  if (length > MOST_DAYS) return `The file spans more than ${MOST_DAYS} days; leave the oldest out.`
  return { firstDay: first, values: Array.from({ length }, (_, at) => days.get(first + at) ?? 0) }
}

/** The number of a day; null for one such as 31 February. */
function dayOf(text: string): number | null {
  const at = Date.parse(text)
  const isDay = !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
  return isDay ? dayNumber(text) : null
}
