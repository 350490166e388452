// What is known of a day at a company: the only source of a briefing.
import { median } from '../forecast/series.ts'

export interface Figure {
  readonly key: string
  readonly label: string
  readonly value: number
  readonly unit: 'count' | 'money' | 'days' | 'percent'
  /** The middle of the same weekday in the last four weeks; null when there is too little past. */
  readonly usual: number | null
  /** Which way is good; null when neither is. */
  readonly good: 'up' | 'down' | null
}

export interface BriefingFacts {
  readonly company: string
  /** `YYYY-MM-DD` */
  readonly day: string
  /** ISO 4217 */
  readonly currency: string
  readonly figures: readonly Figure[]
  /** What needs somebody today, in words that stand in the facts too. */
  readonly notes: readonly string[]
}

const LEAST_WEEKS = 2

/** A figure with what is usual on its weekday. @param past the same weekday of weeks before, newest first */
export function figure(from: Omit<Figure, 'usual'>, past: readonly (number | null)[]): Figure {
  const known = past.slice(0, 4).filter((value): value is number => value !== null)
  return { ...from, usual: known.length < LEAST_WEEKS ? null : median(known) }
}

/** How far a figure is from usual, in per cent; null when that cannot be said. */
export function changeOf({ value, usual }: Figure): number | null {
  return usual === null || usual === 0 ? null : Math.round(((value - usual) / usual) * 100)
}
