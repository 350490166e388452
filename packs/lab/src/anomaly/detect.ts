// Finds days that are not like their weekday and their time, lasting changes of level, and makes incidents of them.
import { dayText, median, weekdayOf, WEEK, type DailySeries } from '../forecast/series.ts'
import { decompose } from './decompose.ts'

export interface AnomalyOptions {
  /** `counts` vary more where there are more of them; `amounts` vary alike. Found out by the values unless told. */
  readonly kind?: 'counts' | 'amounts'
  /** Robust standard deviations from which a day is noted, and from which it is critical. */
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
const WARN_AT = 4
const CRITICAL_AT = 6
/** Days on each side of a shift that are compared. */
const SHIFT_DAYS = 14
const EDGE_DAYS = 4
/** A shift moves the middle of two weeks by this many standard deviations of a day. */
const SHIFT_AT = 3

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
  const scale = (options.kind ?? kindOf(values)) === 'counts' ? COUNTS : AMOUNTS
  const { expected, residual, level, sigma } = decompose(
    values.map(scale.to),
    scale.leastSigma(values),
    span === 1 ? WEEK : 1,
  )
  const warnAt = options.warnAt ?? WARN_AT
  const judged: Judged = {
    series,
    span,
    sigma,
    criticalAt: options.criticalAt ?? CRITICAL_AT,
    low: expected.map((value) => scale.from(value - warnAt * sigma)),
    high: expected.map((value) => scale.from(value + warnAt * sigma)),
  }
  const shifts = findShifts(level, sigma)
  const scores = residual.map((value) => value / sigma)
  return {
    incidents: [
      ...shifts.map((shift) => shiftIncident(judged, shift)),
      ...runs(scores, warnAt, shifts).map((run) => dayIncident(judged, scores, run)),
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
  readonly low: readonly number[]
  readonly high: readonly number[]
}

interface Scale {
  to(value: number): number
  from(value: number): number
  leastSigma(values: readonly number[]): number
}

const AMOUNTS: Scale = {
  to: (value) => value,
  from: (value) => value,
  leastSigma: (values) => Math.max(1e-9, 0.01 * median(values.map(Math.abs))),
}

/** On the root scale of Anscombe, counts that come by chance vary by 1, however many they are. */
const COUNTS: Scale = {
  to: (value) => 2 * Math.sqrt(Math.max(0, value) + 3 / 8),
  from: (value) => Math.max(0, (Math.max(0, value) / 2) ** 2 - 3 / 8),
  leastSigma: () => 1,
}

function kindOf(values: readonly number[]): 'counts' | 'amounts' {
  return values.every((value) => value >= 0 && Number.isInteger(value)) ? 'counts' : 'amounts'
}

interface Shift {
  readonly at: number
  readonly size: number
}

/** Days from which the level is another one for weeks: sharp at the edge, and lasting. */
function findShifts(level: readonly number[], sigma: number): Shift[] {
  const steps = level.map((_, at) => {
    if (at < SHIFT_DAYS || at > level.length - SHIFT_DAYS) return 0
    const size = median(level.slice(at, at + SHIFT_DAYS)) - median(level.slice(at - SHIFT_DAYS, at))
    const edge = median(level.slice(at, at + EDGE_DAYS)) - median(level.slice(at - EDGE_DAYS, at))
    const isSharp = Math.sign(edge) === Math.sign(size) && Math.abs(edge) > (2 / 3) * Math.abs(size)
    return isSharp && Math.abs(size) > SHIFT_AT * sigma ? size : 0
  })
  const found: Shift[] = []
  steps.forEach((size, at) => {
    if (size === 0) return
    const around = steps.slice(Math.max(0, at - SHIFT_DAYS), at + SHIFT_DAYS + 1).map(Math.abs)
    const isTop = Math.abs(size) >= Math.max(...around)
    if (isTop && at - (found.at(-1)?.at ?? -Infinity) > SHIFT_DAYS) found.push({ at, size })
  })
  return found.map((shift) => ({ ...shift, at: sharpest(level, shift.at) }))
}

/** The very day: where two halves about it differ least from their own middles. */
function sharpest(level: readonly number[], near: number): number {
  let best = { at: near, cost: Infinity }
  for (
    let at = Math.max(1, near - EDGE_DAYS);
    at <= Math.min(level.length - 1, near + EDGE_DAYS);
    at++
  ) {
    const cost = [
      level.slice(Math.max(0, near - SHIFT_DAYS), at),
      level.slice(at, near + SHIFT_DAYS),
    ].reduce((sum, half) => {
      const middle = median(half)
      return sum + half.reduce((total, value) => total + Math.abs(value - middle), 0)
    }, 0)
    if (cost < best.cost) best = { at, cost }
  }
  return best.at
}

/** Days in a row that are off in one direction, a quiet day between them allowed: first and last. */
function runs(
  scores: readonly number[],
  warnAt: number,
  shifts: readonly Shift[],
): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = []
  scores.forEach((score, at) => {
    if (Math.abs(score) < warnAt) return
    // The edge of a shift is told by the shift.
    if (shifts.some((shift) => Math.abs(at - shift.at) <= 1)) return
    const last = found.at(-1)
    const sameWay = last !== undefined && Math.sign(scores[last.to]!) === Math.sign(score)
    if (last && sameWay && at - last.to <= 2) last.to = at
    else found.push({ from: at, to: at })
  })
  return found
}

function dayIncident(
  judged: Judged,
  scores: readonly number[],
  { from, to }: { from: number; to: number },
): Incident {
  let peak = from
  for (let at = from; at <= to; at++) if (Math.abs(scores[at]!) > Math.abs(scores[peak]!)) peak = at
  const kind = scores[peak]! > 0 ? 'spike' : 'drop'
  return incident(judged, kind, { from, to, peak }, Math.abs(scores[peak]!))
}

function shiftIncident(judged: Judged, { at, size }: Shift): Incident {
  const kind = size > 0 ? 'shift-up' : 'shift-down'
  return incident(judged, kind, { from: at, to: at, peak: at }, Math.abs(size) / judged.sigma)
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

function incident(
  { series, span, criticalAt, low, high }: Judged,
  kind: Incident['kind'],
  { from, to, peak }: { from: number; to: number; peak: number },
  score: number,
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
    severity: score >= criticalAt ? 'critical' : 'warning',
    from: day(from),
    to: dayText(dayOf(to) + span - 1),
    peakDay: day(peak),
    peak: value,
    expected,
    score: round(score),
    explanation: kind.startsWith('shift')
      ? `from ${day(peak)} on the level is ${kind === 'shift-up' ? 'higher' : 'lower'} by ${round(score)} standard deviations of a ${spanName(span)}, and has stayed there for ${span === 1 ? 'two weeks' : `${SHIFT_DAYS} of them`}`
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
