// How often a job was lost with its worker, or with the thread or process its handler ran in.
import { sql } from 'kysely'
import type { HistoryDatabase } from './record.ts'

export interface Crashes {
  /** Since somebody last put the job back in its queue. */
  readonly count: number
  /** Whether somebody did. */
  readonly wasRedriven: boolean
}

export async function countCrashes({ query }: HistoryDatabase, jobId: string): Promise<Crashes> {
  const { rows } = await sql<{ n: number | string; redriven: number | null }>`
    select count(crash.n) as n, max(put.n) as redriven from
      (select max(n) as n from orderly_events where job_id = ${jobId} and type = 'redriven') as put
      left join orderly_events as crash on crash.job_id = ${jobId}
        and crash.type in ('stalled', 'crashed') and crash.n > coalesce(put.n, 0)`.execute(query)
  const { n, redriven } = rows[0]!
  return { count: Number(n), wasRedriven: redriven !== null }
}
