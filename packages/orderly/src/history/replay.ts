// The life of one job once more, a step at a time.
import { findEvents, findJob } from './find.ts'
import { refold } from './refold.ts'
import type { HistoryDatabase } from './record.ts'
import type { JobRow } from './tables.ts'

/** What changes in the course of a life, and holds nothing sealed. */
const SHOWN = [
  'state',
  'attempts',
  'run_at',
  'started_at',
  'finished_at',
  'duration',
  'error_code',
  'fingerprint',
  'worker',
  'engine',
] as const

type Shown = (typeof SHOWN)[number]

/** One event, and what it changed. Times are milliseconds since 1970 UTC. */
export interface LifeStep {
  /** Where it stands in the record. */
  readonly n: number
  readonly at: number
  readonly type: string
  readonly attempt: number | null
  /** False for what came too late to change anything, such as news of an attempt that was over. */
  readonly counted: boolean
  /** The code of what it ended with, where it has one. */
  readonly code: string | null
  readonly changes: readonly {
    readonly field: Shown
    readonly from: string | number | null
    readonly to: string | number | null
  }[]
}

export interface Life {
  readonly steps: readonly LifeStep[]
  /** Whether the steps end where the job stands in the record. */
  readonly agrees: boolean
}

const NOTHING_KEPT = { completed: 0, failed: 0 }

/** Undefined when the record does not know the job. */
export async function replayLife(database: HistoryDatabase, id: string): Promise<Life | undefined> {
  const row = await findJob(database, id)
  if (!row) return undefined
  const events = await findEvents(database, id)
  const steps: LifeStep[] = []
  const last = refold(row, events, NOTHING_KEPT, (_event, before, after) => {
    const { n, at, type, attempt, detail } = events[steps.length]!
    const { code } = JSON.parse(detail) as { code?: unknown }
    steps.push({
      n,
      at,
      type,
      attempt,
      counted: after !== undefined,
      code: typeof code === 'string' ? code : null,
      changes: after ? changesOf(before, after) : [],
    })
  })
  return { steps, agrees: last !== undefined && SHOWN.every((field) => last[field] === row[field]) }
}

function changesOf(before: JobRow | undefined, after: JobRow): LifeStep['changes'] {
  return SHOWN.flatMap((field) => {
    const from = before?.[field] ?? null
    const to = after[field]
    return from === to ? [] : [{ field, from, to }]
  })
}
