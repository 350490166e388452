// A run as it stood at a moment, from when each of its steps began and ended.
export interface StepTimes {
  readonly node: string
  readonly state: string
  readonly startedAt: number
  readonly endedAt: number | null
}

/** The state of each step that had begun by then. */
export function statesAt(steps: readonly StepTimes[], at: number): Map<string, string> {
  return new Map(
    steps
      .filter(({ startedAt }) => startedAt <= at)
      .map(({ node, state, endedAt }) => [
        node,
        endedAt === null || endedAt <= at ? state : 'running',
      ]),
  )
}

/** The moments at which something changed, in order. */
export function momentsOf(steps: readonly StepTimes[]): number[] {
  const all = steps.flatMap(({ startedAt, endedAt }) =>
    endedAt === null ? [startedAt] : [startedAt, endedAt],
  )
  return [...new Set(all)].toSorted((a, b) => a - b)
}
