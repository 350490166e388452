// The slots against a walk through every minute: 40 zones, 60 expressions, three years, with a reading of the
// expressions and of the zones that shares nothing with the one it judges.
import { describe, expect, it } from 'vitest'
import { parseCron } from './cron.ts'
import { cronSlots } from './slots.ts'
import { zoneOf } from './zone.ts'

const FROM = Date.UTC(2026, 0, 1)
const TO = Date.UTC(2029, 0, 1)
const MINUTE_MS = 60_000
/** Offsets change at quarters of an hour only, and none changes there and back within a quarter of a day. */
const STEP = 15
const SPAN = 360

const ZONES = [
  'UTC',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Africa/El_Aaiun',
  'Africa/Johannesburg',
  'Africa/Lagos',
  'America/Anchorage',
  'America/Argentina/Buenos_Aires',
  'America/Asuncion',
  'America/Bogota',
  'America/Chicago',
  'America/Denver',
  'America/Halifax',
  'America/Havana',
  'America/Los_Angeles',
  'America/New_York',
  'America/Nuuk',
  'America/Santiago',
  'America/Sao_Paulo',
  'America/St_Johns',
  'America/Tijuana',
  'Antarctica/Troll',
  'Asia/Beirut',
  'Asia/Gaza',
  'Asia/Jerusalem',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Shanghai',
  'Asia/Tehran',
  'Asia/Tokyo',
  'Atlantic/Azores',
  'Australia/Adelaide',
  'Australia/Lord_Howe',
  'Australia/Sydney',
  'Europe/Berlin',
  'Europe/Chisinau',
  'Europe/Dublin',
  'Europe/London',
  'Pacific/Auckland',
  'Pacific/Chatham',
]

const CRONS = [
  '0 0 * * *',
  '30 0 * * *',
  '59 23 * * *',
  '0 1 * * *',
  '30 1 * * *',
  '0 2 * * *',
  '15 2 * * *',
  '30 2 * * *',
  '45 2 * * *',
  '0 3 * * *',
  '30 3 * * *',
  '0 1,2 * * *',
  '0,30 0-4 * * *',
  '*/15 * * * *',
  '*/20 1-3 * * *',
  '0 * * * *',
  '7 */3 * * *',
  '0 0,12 * * *',
  '0 8 * * 1-5',
  '0 8 * * 6,0',
  '0 0 * * 0',
  '0 0 * * 7',
  '0 2 * * 0',
  '30 2 * * 0',
  '0 2 * * SUN',
  '0 0 1 * *',
  '0 0 15 * *',
  '0 0 28-31 * *',
  '0 0 29 2 *',
  '0 0 31 * *',
  '0 12 L * *',
  '0 12 L-1 * *',
  '0 0 L-6 2 *',
  '0 9 * * 2#2',
  '0 2 * * 0#2',
  '30 2 * * 0#5',
  '0 1 * * 0L',
  '30 2 * * 0L',
  '0 0 * * 5L',
  '0 0 13 * 5',
  '0 0 1 1 *',
  '59 23 31 12 *',
  '0 0 1 */3 *',
  '0 2 8-14 3 *',
  '30 2 8 3 *',
  '0 1 1 11 *',
  '0 3 25-31 10 0',
  '0 0 6 9 *',
  '0 0 24 4 *',
  '0 0 29 3 *',
  '10 0 * 3,10 *',
  '0 22-23 * * *',
  '30 23 * * *',
  '0 0 */2 * *',
  '5 4 * * MON,WED,FRI',
  '0 6 1,15 * MON',
  '45 1 * 4 *',
  '0-5 2 * * *',
  '0 2-3 * * 0',
  '1 0 1 1,7 *',
]

/** The minutes since 1970 that the clocks of a zone show, for each minute of UTC. */
function wallOf(zone: string): Int32Array {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'short',
  })
  const shownAt = (minute: number): number => {
    const shown = format.format(FROM + minute * MINUTE_MS).replace(' ', 'T')
    return Date.parse(`${shown}Z`) / MINUTE_MS
  }
  const wall = new Int32Array((TO - FROM) / MINUTE_MS)
  let first = shownAt(0)
  for (let start = 0; start < wall.length; start += SPAN) {
    const last = shownAt(start + SPAN)
    const step = last - first === SPAN ? SPAN : STEP
    for (let at = start; at < start + SPAN; at += step) {
      const shown = at === start ? first : shownAt(at)
      for (let minute = at; minute < at + step; minute++) wall[minute] = shown + minute - at
    }
    first = last
  }
  return wall
}

interface Table {
  /** The minutes of the day at which it fires. */
  readonly times: ReadonlySet<number>
  /** Whether it fires on a day, counted from 1970. */
  readonly days: Uint8Array
}

const NAMES = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']
const FIRST_DAY = FROM / 86_400_000 - 2
const DAYS = (TO - FROM) / 86_400_000 + 4

/** Reads an expression by asking every value whether it fits. */
function tableOf(cron: string): Table {
  const [minute, hour, day, month, weekday] = cron.split(' ') as [
    string,
    string,
    string,
    string,
    string,
  ]
  const fits = (field: string, value: number, low: number): boolean =>
    field.split(',').some((part) => {
      const [range, step = '1'] = part.split('/') as [string, string?]
      const [from, to = from] =
        range === '*' ? [String(low), '99'] : (range.split('-') as [string, string?])
      const number = (text: string): number =>
        NAMES.includes(text) ? NAMES.indexOf(text) : Number(text)
      const [a, b] = [number(from!), number(to!)]
      return value >= a && value <= b && (value - a) % Number(step) === 0
    })
  const times = new Set<number>()
  for (let at = 0; at < 1_440; at++)
    if (fits(minute, at % 60, 0) && fits(hour, Math.floor(at / 60), 0)) times.add(at)
  const days = new Uint8Array(DAYS)
  for (let index = 0; index < DAYS; index++) {
    const date = new Date((FIRST_DAY + index) * 86_400_000)
    const left =
      new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate() -
      date.getUTCDate()
    const inDay = day.startsWith('L')
      ? left === -Number(day.slice(1) || 0)
      : fits(day, date.getUTCDate(), 1)
    const which = Math.ceil(date.getUTCDate() / 7)
    const inWeekday = weekday.includes('#')
      ? date.getUTCDay() === Number(weekday[0]) && which === Number(weekday[2])
      : weekday.endsWith('L') && weekday.length === 2
        ? date.getUTCDay() === Number(weekday[0]) && left < 7
        : fits(weekday, date.getUTCDay(), 0) || (date.getUTCDay() === 0 && fits(weekday, 7, 0))
    const both = day !== '*' && weekday !== '*'
    days[index] = Number(
      fits(month, date.getUTCMonth() + 1, 1) && (both ? inDay || inWeekday : inDay && inWeekday),
    )
  }
  return { times, days }
}

/** Minutes of UTC in which the wall shows one minute of a day after the other, for the first time. */
interface Stretch {
  /** The minute of UTC it begins with, and what the wall shows then. */
  readonly from: number
  readonly day: number
  readonly time: number
  length: number
}

/** A walk through every minute of UTC. */
interface Walk {
  readonly stretches: readonly Stretch[]
  /** Minutes of the wall that were never shown, by the minute of UTC at which they were skipped. */
  readonly skipped: ReadonlyMap<number, readonly number[]>
}

function walkThrough(wall: Int32Array): Walk {
  const stretches: Stretch[] = []
  const skipped = new Map<number, number[]>()
  let shown = wall[0]! - 1
  let stretch: Stretch | undefined
  for (let minute = 0; minute < wall.length; minute++) {
    const now = wall[minute]!
    // Shown before: the clocks were put back.
    if (now <= shown) {
      stretch = undefined
      continue
    }
    for (let lost = shown + 1; lost < now; lost++)
      skipped.set(minute, [...(skipped.get(minute) ?? []), lost])
    const time = now % 1_440
    if (!stretch || now > shown + 1 || time === 0) {
      stretch = { from: minute, day: Math.floor(now / 1_440) - FIRST_DAY, time, length: 0 }
      stretches.push(stretch)
    }
    stretch.length++
    shown = now
  }
  return { stretches, skipped }
}

/** Every minute at which the expression fires. */
function firesOf({ stretches, skipped }: Walk, { times, days }: Table): number[] {
  const found = new Set<number>()
  for (const { from, day, time, length } of stretches) {
    if (days[day] !== 1) continue
    for (const at of times) if (at >= time && at < time + length) found.add(from + at - time)
  }
  for (const [minute, lost] of skipped)
    if (lost.some((at) => days[Math.floor(at / 1_440) - FIRST_DAY] === 1 && times.has(at % 1_440)))
      found.add(minute)
  return [...found].toSorted((a, b) => a - b).map((minute) => FROM + minute * MINUTE_MS)
}

const tables = new Map(CRONS.map((cron) => [cron, tableOf(cron)]))

describe('slots', () => {
  it('has 40 zones and 60 expressions to look at', () => {
    expect([new Set(ZONES).size, new Set(CRONS).size]).toEqual([40, 60])
  })

  it.each(ZONES)('are those of a walk through every minute of three years in %s', (name) => {
    const walk = walkThrough(wallOf(name))
    const zone = zoneOf(name)
    const wrong: string[] = []
    for (const cron of CRONS) {
      const expected = firesOf(walk, tables.get(cron)!)
      const found: number[] = []
      for (const { at } of cronSlots(parseCron(cron), zone, FROM - 1)) {
        if (at >= TO) break
        found.push(at)
      }
      const index = expected.findIndex((at, place) => at !== found[place])
      if (index >= 0 || found.length !== expected.length)
        wrong.push(
          `${cron}: ${iso(found[index])} is ${iso(expected[index])}, ${found.length} of ${expected.length}`,
        )
    }
    expect(wrong).toEqual([])
  })
})

function iso(at: number | undefined): string {
  return at === undefined ? 'nothing' : new Date(at).toISOString()
}
