// Dates as FHIR writes them, to instants: a date without a time is a whole day of the patient's.
import { dayFrom, type Zone } from './zone.ts'
import type { DateText } from './timing.ts'

const PARTS =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?)?)?$/

/** Whether `text` is a date or an instant of FHIR that exists. */
export function isDateText(text: string): boolean {
  const found = PARTS.exec(text)
  if (!found) return false
  const [, , month, date, time] = found
  if (month !== undefined && (Number(month) < 1 || Number(month) > 12)) return false
  if (date !== undefined && Number.isNaN(Date.parse(text.slice(0, 10)))) return false
  if (
    date !== undefined &&
    new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() !== Number(date)
  )
    return false
  return time === undefined || !Number.isNaN(Date.parse(text))
}

/** The instant it begins. */
export function startOfText(text: DateText, zone: Zone): number {
  const [, year, month, date, time] = PARTS.exec(text)!
  if (time !== undefined) return Date.parse(text)
  return zone.startOf(dayFrom(Number(year), Number(month ?? 1), Number(date ?? 1)))
}

/** The instant it is over: of a period's end, which counts in. */
export function endOfText(text: DateText, zone: Zone): number {
  const [, year, month, date, time] = PARTS.exec(text)!
  if (time !== undefined) return Date.parse(text) + 1
  const y = Number(year)
  if (month === undefined) return zone.startOf(dayFrom(y + 1, 1, 1))
  const m = Number(month)
  if (date === undefined)
    return zone.startOf(m === 12 ? dayFrom(y + 1, 1, 1) : dayFrom(y, m + 1, 1))
  return zone.startOf(dayFrom(y, m, Number(date)) + 1)
}
