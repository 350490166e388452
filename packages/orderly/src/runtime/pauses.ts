// What rests: known to every process within a second, without a question to the store for each job.
import { findPauses } from '../state/pauses.ts'
import type { PauseRow, StateDatabase } from '../state/tables.ts'
import type { Clock } from '../primitives/clock.ts'

export interface Pauses {
  /** The pause of a kind of job, as it was known a moment ago. */
  ofJob(name: string): PauseRow | undefined
  ofSchedule(id: string): PauseRow | undefined
  ofQueue(name: string): PauseRow | undefined
  /** Reads them anew. */
  refresh(): Promise<void>
}

export function openPauses(state: StateDatabase, clock: Clock): Pauses {
  let known = new Map<string, PauseRow>()
  const of = (kind: PauseRow['kind'], name: string): PauseRow | undefined => {
    const pause = known.get(`${kind}/${name}`)
    return pause && (pause.until === null || pause.until > clock.now()) ? pause : undefined
  }
  return {
    ofJob: (name) => of('job', name),
    ofSchedule: (id) => of('schedule', id),
    ofQueue: (name) => of('queue', name),
    async refresh() {
      const rows = await findPauses(state)
      known = new Map(rows.map((row) => [`${row.kind}/${row.name}`, row]))
    },
  }
}
