// Which incidents are told: critical ones, while they are news, once each however the next day's figures move them.
import { dayNumber } from '../forecast/series.ts'
import type { Incident } from './detect.ts'

/** An incident somebody was told of. */
export type Told = Pick<Incident, 'kind' | 'from'>

/** An odd day is news for a week. A new level takes days to show, and holds. */
const NEWS_DAYS = { day: 7, shift: 28 } as const
/** The edge of an incident moves by some days as more days follow. */
const SAME_DAYS = 5
const MOST_TOLD = 3
const KEPT_DAYS = 60

/**
 * What is to be told of today, newest first.
 *
 * @param told what was told before
 * @param today day since 1970
 */
export function newsOf(
  incidents: readonly Incident[],
  told: readonly Told[],
  today: number,
): Incident[] {
  return incidents
    .filter((each) => each.severity === 'critical' && isNews(each, today))
    .filter((each) => !told.some((known) => isSame(known, each)))
    .toSorted((one, other) => (one.from < other.from ? 1 : -1))
    .slice(0, MOST_TOLD)
}

/** What is on record as told from now on. */
export function toldWith(told: readonly Told[], news: readonly Incident[], today: number): Told[] {
  return [...told, ...news.map(({ kind, from }) => ({ kind, from }))].filter(
    ({ from }) => dayNumber(from) > today - KEPT_DAYS,
  )
}

function isNews({ from, kind, to }: Incident, today: number): boolean {
  return kind.startsWith('shift')
    ? dayNumber(from) >= today - NEWS_DAYS.shift
    : dayNumber(to) >= today - NEWS_DAYS.day
}

function isSame(one: Told, other: Told): boolean {
  const apart = Math.abs(dayNumber(one.from) - dayNumber(other.from))
  return one.kind === other.kind && apart <= SAME_DAYS
}

/** Whether a briefing of the day after `day` should name it: it happened just now, or the level is new. */
export function standsOut({ from, kind, severity, to }: Incident, day: number): boolean {
  if (severity !== 'critical') return false
  return kind.startsWith('shift')
    ? dayNumber(from) >= day - NEWS_DAYS.shift / 2
    : dayNumber(to) >= day - 1
}
