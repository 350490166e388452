// Cron expressions: what they allow, field by field, and whether a day is one of theirs.
import { OrderlyError } from '../primitives/errors.ts'

/** A parsed expression. Lists are sorted. */
export interface Cron {
  readonly text: string
  readonly seconds: readonly number[]
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  readonly months: ReadonlySet<number>
  readonly days: DayRule
  readonly weekdays: WeekdayRule
}

interface DayRule {
  /** False for `*` and `?`: then the weekday alone decides. */
  readonly isRestricted: boolean
  readonly days: ReadonlySet<number>
  /** Days before the last one of the month: 0 is the last (`L`), 2 the third last (`L-2`). */
  readonly fromEnd: ReadonlySet<number>
}

interface WeekdayRule {
  readonly isRestricted: boolean
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>
  /** `MON#2`: weekday and which one in the month. */
  readonly nth: readonly { readonly weekday: number; readonly n: number }[]
  /** `5L`: the last one in the month. */
  readonly last: ReadonlySet<number>
}

interface Field {
  readonly name: string
  readonly low: number
  readonly high: number
  readonly names?: readonly string[]
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

const SECOND: Field = { name: 'second', low: 0, high: 59 }
const MINUTE: Field = { name: 'minute', low: 0, high: 59 }
const HOUR: Field = { name: 'hour', low: 0, high: 23 }
const DAY: Field = { name: 'day of the month', low: 1, high: 31 }
const MONTH: Field = { name: 'month', low: 1, high: 12, names: MONTHS }
/** 7 is Sunday too. */
const WEEKDAY: Field = { name: 'day of the week', low: 0, high: 7, names: WEEKDAYS }

const MACROS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

const LONGEST_TEXT = 200

/**
 * Reads an expression of five fields (minute hour day month weekday) or six (second first): `*`, `?`, lists, ranges,
 * steps, names of months and weekdays, `L` and `L-n` (days), `n#k` and `nL` (weekdays). Where day and weekday are both
 * restricted, either will do, as in Vixie's cron.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID` naming the field
 */
export function parseCron(text: string): Cron {
  const written = text.trim()
  if (written.length > LONGEST_TEXT) throw invalid('it is longer than 200 characters')
  const fields = (MACROS[written.toLowerCase()] ?? written).split(/\s+/)
  if (fields.length !== 5 && fields.length !== 6)
    throw invalid('it has five fields (minute hour day month weekday), or six with seconds first')
  const [second, minute, hour, day, month, weekday] = (
    fields.length === 6 ? fields : ['0', ...fields]
  ) as [string, string, string, string, string, string]
  const cron: Cron = {
    text: written,
    seconds: sorted(parseField(second, SECOND)),
    minutes: sorted(parseField(minute, MINUTE)),
    hours: sorted(parseField(hour, HOUR)),
    months: parseField(month, MONTH),
    days: parseDays(day),
    weekdays: parseWeekdays(weekday),
  }
  if (!canHappen(cron)) throw invalid('no month has such a day, so it would never fire')
  return cron
}

/** Whether it fires on this day. Months and days count from 1. */
export function isDayOf(cron: Cron, year: number, month: number, day: number): boolean {
  if (!cron.months.has(month)) return false
  const { days, weekdays } = cron
  const length = daysIn(year, month)
  const inDays = days.days.has(day) || days.fromEnd.has(length - day)
  const weekday = weekdayOf(year, month, day)
  const inWeekdays =
    weekdays.weekdays.has(weekday) ||
    weekdays.nth.some((rule) => rule.weekday === weekday && rule.n === Math.ceil(day / 7)) ||
    (weekdays.last.has(weekday) && day > length - 7)
  if (days.isRestricted && weekdays.isRestricted) return inDays || inWeekdays
  return days.isRestricted ? inDays : weekdays.isRestricted ? inWeekdays : true
}

export function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}

/** 0 is Sunday. */
export function weekdayOf(year: number, month: number, day: number): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay()
}

function parseField(text: string, field: Field): Set<number> {
  const values = new Set<number>()
  for (const part of text.split(',')) addPart(values, part, field)
  return values
}

function addPart(values: Set<number>, part: string, field: Field): void {
  const match = /^(\*|\?|[A-Za-z0-9]+(?:-[A-Za-z0-9]+)?)(?:\/(\d{1,3}))?$/.exec(part)
  if (!match) throw invalid(`the ${field.name} "${shown(part)}" cannot be read`)
  const [, range = '*', stepText] = match
  const step = stepText === undefined ? 1 : Number(stepText)
  if (step < 1) throw invalid(`the step of the ${field.name} is 1 or more`)
  const [low, high] = bounds(range, field, stepText !== undefined)
  for (let value = low; value <= high; value += step) values.add(normal(value, field))
}

function bounds(range: string, field: Field, hasStep: boolean): [number, number] {
  // A week of steps begins on Sunday and ends on Saturday: 7 would be Sunday again.
  const top = field === WEEKDAY ? 6 : field.high
  if (range === '*' || range === '?') return [field.low, top]
  const [from, to] = range.split('-') as [string, string?]
  const low = valueOf(from, field)
  if (to === undefined) return [low, hasStep ? top : low]
  const high = valueOf(to, field)
  if (low > high)
    throw invalid(`the ${field.name} ${shown(range)} ends before it begins; write it as two ranges`)
  return [low, high]
}

function valueOf(text: string, field: Field): number {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1
  const value = named >= 0 ? named + field.low : /^\d{1,2}$/.test(text) ? Number(text) : NaN
  if (value >= field.low && value <= field.high) return value
  throw invalid(`the ${field.name} "${shown(text)}" is not from ${field.low} to ${field.high}`)
}

function normal(value: number, field: Field): number {
  return field === WEEKDAY ? value % 7 : value
}

function parseDays(text: string): DayRule {
  const days = new Set<number>()
  const fromEnd = new Set<number>()
  for (const part of text.split(',')) {
    const last = /^L(?:-(\d{1,2}))?$/i.exec(part)
    if (!last) addPart(days, part, DAY)
    else if (Number(last[1] ?? 0) > 30) throw invalid('L-n counts back 30 days at most')
    else fromEnd.add(Number(last[1] ?? 0))
  }
  return { isRestricted: !isOpen(text), days, fromEnd }
}

function parseWeekdays(text: string): WeekdayRule {
  const weekdays = new Set<number>()
  const nth: { weekday: number; n: number }[] = []
  const last = new Set<number>()
  for (const part of text.split(',')) {
    const numbered = /^([A-Za-z0-9]{1,3})#(\d)$/.exec(part)
    const final = /^([0-7]|SUN|MON|TUE|WED|THU|FRI|SAT)L$/i.exec(part)
    if (numbered) {
      const n = Number(numbered[2])
      if (n < 1 || n > 5) throw invalid('a month has up to five of a weekday: write #1 to #5')
      nth.push({ weekday: valueOf(numbered[1]!, WEEKDAY) % 7, n })
    } else if (final) last.add(valueOf(final[1]!, WEEKDAY) % 7)
    else addPart(weekdays, part, WEEKDAY)
  }
  return { isRestricted: !isOpen(text), weekdays, nth, last }
}

/** Whether a field allows every day. Every second day is a restriction like any other. */
function isOpen(text: string): boolean {
  return text === '?' || text === '*'
}

/** Whether there is any day in a leap year and the seven after it. */
function canHappen(cron: Cron): boolean {
  for (let year = 2024; year < 2032; year++)
    for (const month of cron.months)
      for (let day = 1; day <= daysIn(year, month); day++)
        if (isDayOf(cron, year, month, day)) return true
  return false
}

function sorted(values: Set<number>): number[] {
  return [...values].toSorted((a, b) => a - b)
}

function shown(text: string): string {
  return text.slice(0, 20)
}

function invalid(reason: string): OrderlyError {
  return new OrderlyError(
    'ORDERLY_DEFINITION_INVALID',
    `this is no cron expression: ${reason}; an example is "*/15 8-18 * * MON-FRI"`,
  )
}
