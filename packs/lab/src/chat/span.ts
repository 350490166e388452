// The days a question is about.
import { dayNumber, dayText, weekdayOf } from '../forecast/series.ts'

export interface Span {
  /** First and last day, `YYYY-MM-DD`. */
  readonly from: string
  readonly to: string
  /** Whether the question says so; else it is today. */
  readonly isNamed: boolean
}

const DAY = /\b\d{4}-\d{2}-\d{2}\b/g
const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
] as const
const MONTH = new RegExp(
  String.raw`\b(?:in|of|for|during)\s+(${MONTHS.join('|')})(?:\s+(\d{4}))?\b(?!\s*\d)`,
)
/** Times it cannot place, once those it can are taken out of the text. */
const ELSEWHEN = new RegExp(
  String.raw`\b(?:tomorrow|next|coming|ago|before|after|until|till|since|by|weeks?|fortnights?|months?|quarters?|q[1-4]|years?|weekends?|hours?|mornings?|afternoons?|evenings?|nights?|christmas|easter|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|${MONTHS.filter((month) => month !== 'may' && month !== 'march').join('|')}|march|20\d\d|\d+(?:st|nd|rd|th)|\d+\s*days?|last|past|previous|recent)\b`,
)

/**
 * The days a text in lower case is about; today where it names none, null where it names some that cannot be told.
 *
 * @param today `YYYY-MM-DD`
 */
export function spanOf(text: string, today: string): Span | null {
  const days = text.match(DAY) ?? []
  const [day, other, ...more] = days
  if (days.some((each) => !isDay(each)) || more.length > 0) return null
  let rest = text.replaceAll(DAY, ' ')
  const found: { from: string; to: string }[] = []
  if (day !== undefined && other !== undefined) {
    found.push(day < other ? { from: day, to: other } : { from: other, to: day })
    rest = rest.replaceAll(/\b(?:between|from|to|until|till|since)\b/g, ' ')
  } else if (day !== undefined) {
    const since = /\bsince\s+$/.test(text.slice(0, text.indexOf(day)))
    found.push({ from: day, to: since && day <= today ? today : day })
    if (since) rest = rest.replace(/\bsince\b/, ' ')
  }
  for (const [shape, span] of NAMED) {
    const match = shape.exec(rest)
    if (!match) continue
    const spoken = span(dayNumber(today), match)
    if (spoken === null) return null
    const [from, to] = spoken
    found.push({ from: dayText(from), to: dayText(to) })
    rest = rest.replace(shape, ' ')
  }
  if (found.length > 1 || ELSEWHEN.test(rest)) return null
  return found[0] ? { ...found[0], isNamed: true } : { from: today, to: today, isNamed: false }
}

function isDay(text: string): boolean {
  const at = Date.parse(text)
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text
}

type Days = readonly [from: number, to: number]

const LONGEST_DAYS = 3_660

/** Ways to say some days, by the number of today. */
const NAMED: readonly (readonly [
  RegExp,
  (today: number, match: RegExpExecArray) => Days | null,
])[] = [
  [/\btoday\b/, (today) => [today, today]],
  [/\byesterday\b/, (today) => [today - 1, today - 1]],
  [
    /\b(?:last|past|previous)\s+(\d{1,4})\s+days\b/,
    (today, [, count]) => {
      const days = Number(count)
      return days >= 1 && days <= LONGEST_DAYS ? [today - days + 1, today] : null
    },
  ],
  [/\b7 days\b|\bpast week\b/, (today) => [today - 6, today]],
  [/\b30 days\b|\bpast month\b/, (today) => [today - 29, today]],
  [/\bthis week\b/, (today) => [monday(today), today]],
  [/\blast week\b/, (today) => [monday(today) - 7, monday(today) - 1]],
  [/\bthis month\b/, (today) => [monthOf(today, 0)[0], today]],
  [/\blast month\b/, (today) => monthOf(today, -1)],
  [/\bthis year\b/, (today) => [yearOf(today, 0)[0], today]],
  [/\blast year\b/, (today) => yearOf(today, -1)],
  [
    MONTH,
    (today, [, name, year]) => {
      const at = MONTHS.findIndex((month) => month === name)
      const now = new Date(`${dayText(today)}T00:00:00Z`)
      // Said without its year it is the last one that has begun.
      const of =
        year === undefined ? now.getUTCFullYear() - Number(at > now.getUTCMonth()) : Number(year)
      return span(of, at, 1)
    },
  ],
]

/** Weeks begin on Mondays. */
function monday(day: number): number {
  return day - ((weekdayOf(day) + 6) % 7)
}

function monthOf(day: number, later: number): Days {
  const at = new Date(`${dayText(day)}T00:00:00Z`)
  return span(at.getUTCFullYear(), at.getUTCMonth() + later, 1)
}

function yearOf(day: number, later: number): Days {
  return span(Number(dayText(day).slice(0, 4)) + later, 0, 12)
}

/** So many months from one on, counted from 0. */
function span(year: number, month: number, months: number): Days {
  const first = (at: number): number =>
    dayNumber(new Date(Date.UTC(year, at, 1)).toISOString().slice(0, 10))
  return [first(month), first(month + months) - 1]
}
