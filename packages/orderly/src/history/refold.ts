// One job worked out anew from its events.
import type { Selectable } from 'kysely'
import type { JobEvent } from '../job/job-event.ts'
import { fold, type ContentRetention } from './fold.ts'
import type { Tally } from './measures.ts'
import type { EventRow, JobRow } from './tables.ts'

/** An event as it is stored, without its number. */
export type StoredEvent = Omit<Selectable<EventRow>, 'n'>

/**
 * The row that `events` come to. What stands in a row once and for all (input, options, engine) is taken from `row`.
 *
 * @param events all of the job, in their order
 * @param onStep told of each event, and of the rows before and after it where it counted
 * @returns undefined when the events do not begin with an acceptance
 */
export function refold(
  row: JobRow,
  events: readonly StoredEvent[],
  retention: ContentRetention,
  onStep: (event: JobEvent, before: JobRow | undefined, after: JobRow | undefined) => void,
): JobRow | undefined {
  let folded: JobRow | undefined
  for (const stored of events) {
    const event = eventOf(stored, row)
    const after = fold(folded, event, row.engine, retention)
    onStep(event, folded, after)
    folded = after ?? folded
  }
  if (!folded) return undefined
  const isForgotten = row.finished_at !== null && row.expires_at === null
  return isForgotten
    ? { ...folded, input: null, output: null, progress: null, expires_at: null }
    : { ...folded, input: row.input }
}

/** Counts what each step adds to the measures. */
export function counting(
  tally: Tally,
): (event: JobEvent, before: JobRow | undefined, after: JobRow | undefined) => void {
  return (event, before, after) => {
    if (after) tally.add(before, event, after)
  }
}

function eventOf({ job_id, key, at, type, attempt, detail }: StoredEvent, row: JobRow): JobEvent {
  return {
    id: `${job_id}:${key}`,
    jobId: job_id,
    at,
    type,
    ...(attempt === null ? {} : { attempt }),
    ...(type === 'accepted' ? { input: row.input, opts: JSON.parse(row.opts) as object } : {}),
    // What retention took out of a detail.
    ...(type === 'completed' ? { output: null } : {}),
    ...(type === 'failed' ? { reason: '' } : {}),
    ...(JSON.parse(detail) as object),
  } as JobEvent
}
