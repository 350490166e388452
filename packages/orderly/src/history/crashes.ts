// How often a job was lost with its worker, or with the thread or process its handler ran in.
import { sql } from 'kysely'
import type { HistoryDatabase } from './record.ts'

/** Counted since somebody last put the job back in its queue. */
export async function countCrashes({ query }: HistoryDatabase, jobId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from orderly_events
    where job_id = ${jobId} and type in ('stalled', 'crashed') and n > coalesce(
      (select max(n) from orderly_events where job_id = ${jobId} and type = 'redriven'), 0)`.execute(
    query,
  )
  return Number(rows[0]!.n)
}
