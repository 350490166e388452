// What the jobs of each kind did in each minute, folded from their events. Pure: measures can be rebuilt from the record.
import type { JobEvent } from '../job/job-event.ts'
import { MEASURES, type MeasureRow } from '../state/tables.ts'
import type { JobRow } from './tables.ts'

const MINUTE_MS = 60_000
/** As it stands in a job's options. */
const UNMEASURED = '"unmeasured":true'

type Counted = Partial<Record<(typeof MEASURES)[number], number>>

/**
 * What an event adds to the measures of its minute; undefined for nothing.
 *
 * @param before the job as the event found it
 * @param after the job as the event left it
 */
export function measureOf(before: JobRow, event: JobEvent, after: JobRow): Counted | undefined {
  if (before.opts.includes(UNMEASURED)) return undefined
  const { type, at } = event
  if (type === 'attempt-failed') return event.external ? { external: 1 } : undefined
  if (type === 'completed') return { completed: 1, ...timesOf(before, at) }
  if (type === 'retried') return { retried: 1, ...timedOut(before), ...timesOf(before, at) }
  if (type === 'failed')
    return after.error_code === 'ORDERLY_CANCELLED'
      ? { cancelled: 1, ...timesOf(before, at) }
      : { failed: 1, ...timedOut(after), ...timesOf(before, at) }
  // When it ended nobody saw, so its times are not known.
  if (type === 'corrected' && after.state === 'completed') return { completed: 1 }
  if (type === 'corrected' && after.state === 'failed') return { failed: 1 }
  return undefined
}

function timedOut({ error_code }: JobRow): Counted {
  return error_code === 'ORDERLY_TIMEOUT' ? { timed_out: 1 } : {}
}

/**
 * The times of an attempt that has ended; none for a job that ended without one. Its state is not asked: where a queue
 * is quick, the next start is heard of before the end that made room for it.
 */
function timesOf({ started_at, run_at }: JobRow, at: number): Counted {
  if (started_at === null) return {}
  const ran = Math.max(0, at - started_at)
  return { started: 1, run_ms: ran, longest_ms: ran, wait_ms: Math.max(0, started_at - run_at) }
}

/** Gathers what many events come to. */
export interface Tally {
  add(before: JobRow | undefined, event: JobEvent, after: JobRow): void
  /** How many minutes and kinds there are. */
  readonly size: number
  /** Gives what was gathered, and begins anew. */
  take(): MeasureRow[]
}

/** @param from what happened earlier is left out; milliseconds since 1970 UTC */
export function newTally(from: number = -Infinity): Tally {
  let rows = new Map<string, MeasureRow>()
  return {
    get size() {
      return rows.size
    },
    add(before, event, after) {
      const minute = event.at - (event.at % MINUTE_MS)
      const counted = before && minute >= from ? measureOf(before, event, after) : undefined
      if (!counted) return
      const { queue, name } = after
      const key = JSON.stringify([minute, queue, name])
      let row = rows.get(key)
      if (!row) rows.set(key, (row = emptyRow(minute, queue, name)))
      for (const column of MEASURES) {
        const value = counted[column] ?? 0
        row[column] = column === 'longest_ms' ? Math.max(row[column], value) : row[column] + value
      }
    },
    take() {
      const taken = [...rows.values()]
      rows = new Map()
      return taken
    },
  }
}

function emptyRow(minute: number, queue: string, name: string): MeasureRow {
  return {
    minute,
    queue,
    name,
    completed: 0,
    failed: 0,
    external: 0,
    retried: 0,
    timed_out: 0,
    cancelled: 0,
    run_ms: 0,
    longest_ms: 0,
    wait_ms: 0,
    started: 0,
  }
}
