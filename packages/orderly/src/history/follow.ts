// Following the record: what has happened since somebody last looked.
import type { FoundJob } from './find.ts'
import type { HistoryDatabase } from './record.ts'

export interface Happening {
  /** Its place in the record. */
  readonly n: number
  readonly job_id: string
  readonly type: string
}

/** The place of the latest event; 0 where there is none. */
export async function findLastEvent({ query }: HistoryDatabase): Promise<number> {
  const row = await query
    .selectFrom('orderly_events')
    .select('n')
    .orderBy('n', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.n ?? 0
}

/** Events after a place, in order. */
export async function findEventsAfter(
  { query }: HistoryDatabase,
  after: number,
  limit: number,
): Promise<Happening[]> {
  return query
    .selectFrom('orderly_events')
    .select(['n', 'job_id', 'type'])
    .where('n', '>', after)
    .orderBy('n')
    .limit(limit)
    .execute()
}

const AT_ONCE = 500

/** What is shown of a job in a list that keeps itself fresh. */
export type LiveRow = Pick<
  FoundJob,
  | 'id'
  | 'queue'
  | 'name'
  | 'state'
  | 'attempts'
  | 'run_at'
  | 'started_at'
  | 'finished_at'
  | 'duration'
  | 'error_code'
  | 'fingerprint'
  | 'worker'
  | 'updated_at'
>

/** Jobs by their ids, as they are now. */
export async function findLiveRows(
  { query }: HistoryDatabase,
  ids: readonly string[],
): Promise<LiveRow[]> {
  const found: LiveRow[] = []
  for (let start = 0; start < ids.length; start += AT_ONCE)
    found.push(
      ...(await query
        .selectFrom('orderly_jobs')
        .select([
          'id',
          'queue',
          'name',
          'state',
          'attempts',
          'run_at',
          'started_at',
          'finished_at',
          'duration',
          'error_code',
          'fingerprint',
          'worker',
          'updated_at',
        ])
        .where('id', 'in', ids.slice(start, start + AT_ONCE))
        .execute()),
    )
  return found
}

/** When the job of each queue that has been due for longest was due. */
export async function findOldestDue(
  { query }: HistoryDatabase,
  now: number,
): Promise<Map<string, number>> {
  const rows = await query
    .selectFrom('orderly_jobs')
    .select('queue')
    .select(({ fn }) => fn.min('run_at').as('due'))
    .where('finished_at', 'is', null)
    .where('state', 'in', ['waiting', 'prioritized', 'delayed'])
    .where('run_at', '<=', now)
    .groupBy('queue')
    .execute()
  return new Map(rows.map(({ queue, due }) => [queue, due]))
}
