// A run as it stood at a moment, from when each of its steps began and ended.
import { standOf, type RunStep } from './run-rules.ts'

/** The state of each step that had begun by then. */
export function statesAt(steps: readonly RunStep[], at: number): Map<string, string> {
  return new Map(
    steps
      .filter(({ startedAt }) => startedAt <= at)
      .map((step) => [
        step.node,
        step.endedAt === null || step.endedAt <= at ? standOf(step) : 'running',
      ]),
  )
}

/** The moments at which something changed, in order. */
export function momentsOf(steps: readonly Pick<RunStep, 'startedAt' | 'endedAt'>[]): number[] {
  const all = steps.flatMap(({ startedAt, endedAt }) =>
    endedAt === null ? [startedAt] : [startedAt, endedAt],
  )
  return [...new Set(all)].toSorted((a, b) => a - b)
}
