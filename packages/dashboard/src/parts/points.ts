// Points of measures as a chart wants them: one for each step, those in which nothing happened too.
import type { AnswerOf } from '../api/call.ts'

export interface SeriesPoint {
  readonly at: number
  readonly completed: number
  readonly failed: number
  readonly retried: number
  readonly started: number
  /** Means in milliseconds; null where nothing started. */
  readonly wait: number | null
  readonly run: number | null
}

const MINUTE_MS = 60_000
const UNITS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: 3_600_000, d: 86_400_000 }
const MOST_POINTS = 2_000
/** Fewer points than this are no course of things. */
const FEWEST_POINTS = 6

/** The span a text like `24h` names, in milliseconds. */
export function spanMs(text: string): number {
  const [, amount, unit] = /^(\d+)([mhd])$/.exec(text) ?? []
  return Number(amount ?? 1) * (UNITS[unit ?? 'h'] ?? UNITS['h']!)
}

/**
 * One point for each step of the time asked for. Where nothing was measured yet when that time began, the points begin
 * with the measuring: a young installation is not drawn as one that was idle.
 */
export function seriesOf(
  answer: AnswerOf<'metrics.points'> | undefined,
  last: string,
  step: number,
): SeriesPoint[] {
  if (!answer) return []
  const stepMs = step * MINUTE_MS
  const end = Math.floor(answer.to / stepMs) * stepMs
  const asked = Math.min(MOST_POINTS, Math.ceil(spanMs(last) / stepMs))
  const measured = answer.since === null ? asked : Math.floor((end - answer.since) / stepMs) + 2
  const count = Math.min(asked, Math.max(FEWEST_POINTS, measured))
  const byStep = new Map<number, (typeof answer.data)[number][]>()
  for (const point of answer.data) {
    const at = Math.floor(point.minute / stepMs) * stepMs
    byStep.set(at, [...(byStep.get(at) ?? []), point])
  }
  return Array.from({ length: count }, (_, index) => {
    const at = end - (count - 1 - index) * stepMs
    const points = byStep.get(at) ?? []
    const sum = (of: (point: (typeof points)[number]) => number): number =>
      points.reduce((total, point) => total + of(point), 0)
    const started = sum((point) => point.started)
    return {
      at,
      started,
      completed: sum((point) => point.completed),
      failed: sum((point) => point.failed),
      retried: sum((point) => point.retried),
      wait: started === 0 ? null : sum((point) => point.waitMean * point.started) / started,
      run: started === 0 ? null : sum((point) => point.runMean * point.started) / started,
    }
  })
}
