// Finds days that are not like their weekday and their time, lasting changes of level, and makes incidents of them.
import { dayText, weekdayOf, WEEK, type DailySeries } from '../forecast/series.ts'
import { decompose, openDays } from './decompose.ts'
import { AMOUNTS, countsLike, countsOf, limitOf, spreadOf, valueAt } from './scale.ts'
import { findShifts, type Shift } from './shifts.ts'

export interface AnomalyOptions {
  /** `counts` vary more where there are more of them; `amounts` vary alike. Found out by the values unless told. */
  readonly kind?: 'counts' | 'amounts'
  /**
   * Robust standard deviations from which a day is noted, and from which it is critical, where the noise has no longer tail
   * than chance has; where it has, both stand farther off in proportion.
   */
  readonly warnAt?: number
  readonly criticalAt?: number
  /** Days each value is the sum of; 1 unless told. Longer spans have no weekdays. */
  readonly span?: number
}

export interface Incident {
  readonly kind: 'spike' | 'drop' | 'shift-up' | 'shift-down'
  readonly severity: 'warning' | 'critical'
  /** First and last day, `YYYY-MM-DD`; of a shift the day it happened. */
  readonly from: string
  readonly to: string
  /** The day that is farthest off, and what it was. */
  readonly peakDay: string
  readonly peak: number
  /** What was to be expected that day, at least and at most. */
  readonly expected: { readonly low: number; readonly high: number }
  /** Robust standard deviations of the peak. */
  readonly score: number
  readonly explanation: string
}

export interface Anomalies {
  readonly incidents: readonly Incident[]
  /** By day: what was expected, at least and at most, for a chart. */
  readonly low: readonly number[]
  readonly high: readonly number[]
  /** Set when there were too few days to say anything. */
  readonly reason: string | null
}

const LEAST_DAYS = 5 * WEEK
const MOST_DAYS = 5_000
const WARN_AT = { counts: 3.3, amounts: 3.8 } as const
const CRITICAL_AT = 6
/** A level that stays off is critical sooner than a day: at this share. */
const LASTING_SHARE = 2 / 3
/** @throws RangeError for a history that is longer than ten years and more */
export function findAnomalies(series: DailySeries, options: AnomalyOptions = {}): Anomalies {
  const { values } = series
  const { span = 1 } = options
  if (values.length > MOST_DAYS) throw new RangeError(`a history has at most ${MOST_DAYS} days`)
  if (values.length < LEAST_DAYS)
    return {
      incidents: [],
      low: [],
      high: [],
      reason: `at least ${LEAST_DAYS} ${spanName(span)}s are needed`,
    }
  const kind = options.kind ?? kindOf(values)
  const found = kind === 'counts' ? countsOf() : AMOUNTS
  const onScale = values.map(found.to)
  const least = found.leastSigma(values)
  const week = span === 1 ? WEEK : 1
  const isOpen = openDays(values, week)
  const first = decompose(onScale, least, week, [], isOpen)
  const shifts = findShifts(first.level, first.sigma)
  // A new level is no outlier of the old one: each is judged by its own days.
  const edges = shifts.map(({ at }) => at)
  const { expected, sigma } = decompose(onScale, least, week, edges, isOpen)
  const usual = expected.map(found.from)
  const scale = kind === 'counts' ? countsLike(values, usual, isOpen) : found
  const distances = values.map((value, at) => scale.distance(value, usual[at]!))
  const spread = spreadOf(
    distances.filter((_, at) => isOpen[at]),
    least,
  )
  const warnAt = options.warnAt ?? WARN_AT[kind]
  const scores = distances.map((distance) => distance / spread)
  const ofOpen = scores.filter((_, at) => isOpen[at])
  const above = limitOf(ofOpen, 1, warnAt)
  const below = limitOf(ofOpen, -1, warnAt)
  const judged: Judged = {
    series,
    span,
    sigma,
    criticalAt: options.criticalAt ?? CRITICAL_AT,
    warnAt,
    low: usual.map((value) => valueAt(scale, value, -below * spread)),
    high: usual.map((value) => valueAt(scale, value, above * spread)),
  }
  const outside = scores.map((score) => score / (score > 0 ? above : below))
  return {
    incidents: [
      ...shifts.map((shift) => shiftIncident(judged, shift)),
      ...runs(outside).map((run) => dayIncident(judged, { scores, outside }, run)),
    ].toSorted((one, other) => (one.from < other.from ? -1 : 1)),
    low: judged.low,
    high: judged.high,
    reason: null,
  }
}

interface Judged {
  readonly series: DailySeries
  readonly span: number
  readonly sigma: number
  readonly criticalAt: number
  readonly warnAt: number
  readonly low: readonly number[]
  readonly high: readonly number[]
}

function kindOf(values: readonly number[]): 'counts' | 'amounts' {
  return values.every((value) => value >= 0 && Number.isInteger(value)) ? 'counts' : 'amounts'
}

/** Days in a row that are off in one direction, a quiet day between them allowed: first and last. */
function runs(outside: readonly number[]): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = []
  outside.forEach((share, at) => {
    if (Math.abs(share) < 1) return
    const last = found.at(-1)
    const sameWay = last !== undefined && Math.sign(outside[last.to]!) === Math.sign(share)
    if (last && sameWay && at - last.to <= 2) last.to = at
    else found.push({ from: at, to: at })
  })
  return found
}

function dayIncident(
  judged: Judged,
  { outside, scores }: { readonly scores: readonly number[]; readonly outside: readonly number[] },
  { from, to }: { from: number; to: number },
): Incident {
  let peak = from
  for (let at = from; at <= to; at++)
    if (Math.abs(outside[at]!) > Math.abs(outside[peak]!)) peak = at
  const kind = outside[peak]! > 0 ? 'spike' : 'drop'
  const isCritical = Math.abs(outside[peak]!) * judged.warnAt >= judged.criticalAt
  return incident(judged, kind, { from, to, peak }, { score: Math.abs(scores[peak]!), isCritical })
}

function shiftIncident(judged: Judged, { at, lasted, size }: Shift): Incident {
  const kind = size > 0 ? 'shift-up' : 'shift-down'
  const score = Math.abs(size) / judged.sigma
  const isCritical = score >= LASTING_SHARE * judged.criticalAt
  return incident(judged, kind, { from: at, to: at, peak: at, lasted }, { score, isCritical })
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

function incident(
  { series, span, low, high }: Judged,
  kind: Incident['kind'],
  { from, lasted = 0, peak, to }: { from: number; to: number; peak: number; lasted?: number },
  { isCritical, score }: { readonly score: number; readonly isCritical: boolean },
): Incident {
  const dayOf = (at: number): number => series.firstDay + at * span
  const day = (at: number): string => dayText(dayOf(at))
  // What a day after a shift is expected to be is judged by the days before it.
  const basis = kind.startsWith('shift') ? Math.max(0, peak - (span === 1 ? WEEK : 1)) : peak
  const expected = { low: round(low[basis]!), high: round(high[basis]!) }
  const value = round(series.values[peak]!)
  const when =
    span === 1
      ? `on ${WEEKDAYS[weekdayOf(dayOf(peak))]!} ${day(peak)}`
      : `in the ${spanName(span)} from ${day(peak)}`
  return {
    kind,
    severity: isCritical ? 'critical' : 'warning',
    from: day(from),
    to: dayText(dayOf(to) + span - 1),
    peakDay: day(peak),
    peak: value,
    expected,
    score: round(score),
    explanation: kind.startsWith('shift')
      ? `from ${day(peak)} on the level is ${kind === 'shift-up' ? 'higher' : 'lower'} by ${round(score)} standard deviations of a ${spanName(span)}, and has stayed there for ${lasted} of them`
      : `${short(value)} ${when}, where ${short(expected.low)} to ${short(expected.high)} was to be expected`,
  }
}

function spanName(span: number): string {
  return span === 1 ? 'day' : span === WEEK ? 'week' : `${span}-day span`
}

/** As many digits as a reader wants: tens need no hundredths. */
function short(value: number): number {
  return Math.abs(value) >= 10 ? Math.round(value) : round(value)
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
