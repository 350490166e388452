// Times, spans and numbers as a reader of a language and a time zone writes them.
import { usePreferences } from './preferences.ts'

export interface Formats {
  /** `14:02:09` today, `21 Nov 14:02` before. */
  time(at: number, now: number): string
  /** To the second, with the zone. */
  fullTime(at: number): string
  day(at: number): string
  clock(at: number): string
  /** `3 min ago`, `in 2 h`. */
  relative(at: number, now: number): string
  /** `840 ms`, `2.4 s`, `3 min 10 s`. */
  span(ms: number): string
  number(value: number): string
  /** `12.4K` for tiles. */
  short(value: number): string
  percent(share: number): string
  bytes(value: number): string
}

export function zoneName(zone: string): string {
  return zone === 'local' ? Intl.DateTimeFormat().resolvedOptions().timeZone : zone
}

/** What writes them is dear to make, and every row of a list asks for it. */
const known = new Map<string, Formats>()

export function formatsFor(language: string, zone: string): Formats {
  const key = `${language} ${zone}`
  let formats = known.get(key)
  if (!formats) known.set(key, (formats = makeFormats(language, zone)))
  return formats
}

function makeFormats(language: string, zone: string): Formats {
  const timeZone = zoneName(zone)
  const form = (options: Intl.DateTimeFormatOptions): ((at: number) => string) => {
    const format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
      timeZone,
      ...options,
    })
    return (at) => format.format(at)
  }
  const clock = form({ hour: '2-digit', minute: '2-digit', second: '2-digit' })
  const day = form({ day: 'numeric', month: 'short' })
  const date = form({ year: 'numeric', month: '2-digit', day: '2-digit' })
  const dayAndClock = form({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
  const full = form({ dateStyle: 'medium', timeStyle: 'long' })
  const number = new Intl.NumberFormat(language)
  const short = new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 })
  const one = new Intl.NumberFormat(language, { maximumFractionDigits: 1 })
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })
  const years = new Intl.NumberFormat(language, {
    style: 'unit',
    unit: 'year',
    unitDisplay: 'long',
    maximumFractionDigits: 1,
  })
  const relative = new Intl.RelativeTimeFormat(language, { style: 'short', numeric: 'auto' })
  return {
    time: (at, now) => (date(at) === date(now) ? clock(at) : dayAndClock(at)),
    fullTime: full,
    day,
    clock,
    relative(at, now) {
      const seconds = Math.round((at - now) / 1000)
      const size = Math.abs(seconds)
      if (size < 60) return relative.format(seconds, 'second')
      if (size < 3_600) return relative.format(Math.round(seconds / 60), 'minute')
      if (size < 86_400) return relative.format(Math.round(seconds / 3_600), 'hour')
      return relative.format(Math.round(seconds / 86_400), 'day')
    },
    span: (ms) => (ms >= 2 * YEAR_MS ? years.format(ms / YEAR_MS) : spanOf(ms, one)),
    number: (value) => number.format(value),
    short: (value) => short.format(value),
    percent: (share) => percent.format(share),
    bytes(value) {
      const steps = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
      const step = Math.min(steps.length - 1, value < 1 ? 0 : Math.floor(Math.log2(value) / 10))
      return `${one.format(value / 1024 ** step)} ${steps[step]}`
    },
  }
}

const YEAR_MS = 365.25 * 86_400_000

function spanOf(ms: number, one: Intl.NumberFormat): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${one.format(ms / 1_000)} s`
  const seconds = Math.round(ms / 1_000)
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ]
  const first = parts.findIndex(([n]) => n > 0)
  return parts
    .slice(first, first + 2)
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${n} ${unit}`)
    .join(' ')
}

export function useFormats(): Formats {
  const { language, zone } = usePreferences()
  return formatsFor(language, zone)
}
