// How often a job was begun, and when it was last put back in its queue by somebody.
import type { HistoryDatabase } from './record.ts'

export interface Begun {
  /** The run that asks included. Queues that lost a job count its runs from one again; the record does not. */
  readonly starts: number
  /** Milliseconds since 1970 UTC; undefined when nobody has put it back. */
  readonly redrivenAt: number | undefined
}

export async function findBegun({ query }: HistoryDatabase, jobId: string): Promise<Begun> {
  const rows = await query
    .selectFrom('orderly_events')
    .select('type')
    .select(({ fn }) => [fn.countAll<number | string>().as('n'), fn.max('at').as('at')])
    .where('job_id', '=', jobId)
    .where('type', 'in', ['started', 'redriven'])
    .groupBy('type')
    .execute()
  return {
    starts: Number(rows.find(({ type }) => type === 'started')?.n ?? 0),
    redrivenAt: rows.find(({ type }) => type === 'redriven')?.at,
  }
}
