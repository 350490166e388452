// Kinds of job that rest: known to every process within a second, without a question to the store for each job.
import { findPauses } from '../state/pauses.ts'
import type { PauseRow, StateDatabase } from '../state/tables.ts'
import type { Clock } from '../primitives/clock.ts'

export interface Pauses {
  /** The pause of a kind of job, as it was known a moment ago. */
  ofJob(name: string): PauseRow | undefined
  /** Reads them anew. */
  refresh(): Promise<void>
}

export function openPauses(state: StateDatabase, clock: Clock): Pauses {
  let known = new Map<string, PauseRow>()
  return {
    ofJob(name) {
      const pause = known.get(name)
      return pause && (pause.until === null || pause.until > clock.now()) ? pause : undefined
    },
    async refresh() {
      const rows = await findPauses(state)
      known = new Map(rows.filter(({ kind }) => kind === 'job').map((row) => [row.name, row]))
    },
  }
}
