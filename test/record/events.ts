// Events of made-up jobs.
import {
  append,
  type Entry,
  type HistoryDatabase,
} from '../../packages/orderly/src/history/record.ts'
import { findJob } from '../../packages/orderly/src/history/find.ts'
import type { JobRow } from '../../packages/orderly/src/history/tables.ts'
import type { JobEvent, JobHappening } from '../../packages/orderly/src/job/job-event.ts'

export const RETENTION = { completed: 1_000, failed: 5_000 }

let count = 0

type Acceptance = Partial<Extract<JobEvent, { type: 'accepted' }>>

/** The acceptance of `jobId` at `at`. */
export function accepted(jobId: string, at = 0, more: Acceptance = {}): JobEvent {
  return {
    id: `${jobId}:accepted:${at}`,
    jobId,
    at,
    type: 'accepted',
    queue: 'work',
    name: 'visit',
    input: 'sealed-input',
    opts: {},
    priority: 0,
    runAt: at,
    ...more,
  }
}

/** Something that happens to `jobId` at `at`. */
export function happening(jobId: string, at: number, what: JobHappening): JobEvent {
  return { id: `${jobId}:${what.type}:${++count}`, jobId, at, ...what }
}

export function entry(event: JobEvent, terms?: Entry['terms']): Entry {
  return { event, engine: 'main', ...(terms ? { terms } : {}) }
}

export function record(database: HistoryDatabase, ...events: JobEvent[]): Promise<boolean[]> {
  return append(
    database,
    events.map((event) => entry(event)),
    RETENTION,
  )
}

export async function job(database: HistoryDatabase, id: string): Promise<JobRow> {
  return (await findJob(database, id))!
}

/** The counts that are kept, and the counts that the rows come to. */
export async function bothCounts({ query }: HistoryDatabase) {
  const kept = await query.selectFrom('orderly_counts').selectAll().where('n', '<>', 0).execute()
  const counted = await query
    .selectFrom('orderly_jobs')
    .select((select) => ['queue', 'name', 'state', select.fn.countAll<number>().as('n')])
    .groupBy(['queue', 'name', 'state'])
    .execute()
  const sorted = (rows: typeof kept) =>
    rows.map(({ queue, name, state, n }) => `${queue}/${name}/${state}: ${n}`).toSorted()
  return { kept: sorted(kept), counted: sorted(counted) }
}
