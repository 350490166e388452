// When a job was put back in its queue by somebody.
import type { HistoryDatabase } from './record.ts'

/** Milliseconds since 1970 UTC; undefined when nobody has. */
export async function lastRedriven(
  { query }: HistoryDatabase,
  jobId: string,
): Promise<number | undefined> {
  const row = await query
    .selectFrom('orderly_events')
    .select(({ fn }) => fn.max('at').as('at'))
    .where('job_id', '=', jobId)
    .where('type', '=', 'redriven')
    .executeTakeFirst()
  return row?.at ?? undefined
}
