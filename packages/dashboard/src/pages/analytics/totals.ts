// Points of measures summed up by kind of job.
import type { AnswerOf } from '../../api/call.ts'

export interface TypeTotals {
  readonly type: string
  readonly completed: number
  readonly failed: number
  readonly retried: number
  /** Of those that ended, the share that ended well; null where none ended. */
  readonly success: number | null
  /** Means and the longest, in milliseconds. */
  readonly wait: number
  readonly run: number
  readonly longest: number
}

export function totalsOf(points: AnswerOf<'metrics.points'>['data']): TypeTotals[] {
  const types = [...new Set(points.map(({ type }) => type))]
  return types
    .map((type) => {
      const own = points.filter((point) => point.type === type)
      const sum = (of: (point: (typeof own)[number]) => number): number =>
        own.reduce((total, point) => total + of(point), 0)
      const started = Math.max(
        1,
        sum((point) => point.started),
      )
      const [completed, failed] = [sum((point) => point.completed), sum((point) => point.failed)]
      return {
        type,
        completed,
        failed,
        retried: sum((point) => point.retried),
        success: completed + failed === 0 ? null : completed / (completed + failed),
        wait: sum((point) => point.waitMean * point.started) / started,
        run: sum((point) => point.runMean * point.started) / started,
        longest: Math.max(0, ...own.map((point) => point.longest)),
      }
    })
    .toSorted((a, b) => b.completed + b.failed - (a.completed + a.failed))
}
