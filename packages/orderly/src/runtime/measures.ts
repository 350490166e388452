// Counts what this process does, and adds it to the stored measures now and then.
import { kindOf } from '../job/faults.ts'
import type { JobDefinition } from '../job/define-job.ts'
import type { Outcome } from '../job/outcome.ts'
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { addMeasures } from '../state/measures.ts'
import { MEASURES, type MeasureRow, type StateDatabase } from '../state/tables.ts'

export interface Measures {
  /**
   * Counts one attempt that ended.
   *
   * @param ran milliseconds from its start to its end
   * @param waited milliseconds from when it was due to its start
   */
  count(job: JobDefinition, outcome: Outcome, ran: number, waited: number): void
  /** Adds what was counted to the store. */
  flush(): Promise<void>
}

const MINUTE_MS = 60_000

export function openMeasures(state: StateDatabase, clock: Clock): Measures {
  let rows = new Map<string, MeasureRow>()
  return {
    count(job, outcome, ran, waited) {
      if (!job.options.monitoring.metrics) return
      const now = clock.now()
      const minute = now - (now % MINUTE_MS)
      const key = `${minute}/${job.name}`
      let row = rows.get(key)
      if (!row) rows.set(key, (row = emptyRow(minute, job)))
      row.started++
      row.run_ms += Math.round(ran)
      row.longest_ms = Math.max(row.longest_ms, Math.round(ran))
      row.wait_ms += Math.max(0, Math.round(waited))
      countEnding(row, outcome)
    },
    async flush() {
      const full = rows
      rows = new Map()
      try {
        await addMeasures(state, [...full.values()])
      } catch (error) {
        // They are added when the store is back.
        for (const [key, row] of full) rows.set(key, sum(rows.get(key), row))
        throw error
      }
    },
  }
}

function emptyRow(minute: number, { queue, name }: JobDefinition): MeasureRow {
  const zeros = Object.fromEntries(MEASURES.map((column) => [column, 0]))
  return { minute, queue, name, ...zeros } as unknown as MeasureRow
}

function countEnding(row: MeasureRow, outcome: Outcome): void {
  if (outcome.type === 'completed') row.completed++
  if (outcome.type === 'cancelled') row.cancelled++
  if (outcome.type === 'retry') row.retried++
  if (outcome.type === 'failed') {
    row.failed++
    if (kindOf(outcome.error) === 'external') row.external++
  }
  if (outcome.type !== 'retry' && outcome.type !== 'failed') return
  if (outcome.error instanceof OrderlyError && outcome.error.code === 'ORDERLY_TIMEOUT')
    row.timed_out++
}

function sum(a: MeasureRow | undefined, b: MeasureRow): MeasureRow {
  if (!a) return b
  const total = { ...a }
  for (const column of MEASURES)
    total[column] = column === 'longest_ms' ? Math.max(a[column], b[column]) : a[column] + b[column]
  return total
}
