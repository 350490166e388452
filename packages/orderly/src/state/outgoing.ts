// Jobs that a transaction of ours enqueues: rows of the outbox, which the relay hands over once it has committed.
import { sql } from 'kysely'
import type { StateTransaction } from './tables.ts'

export interface OutgoingJob {
  readonly id: string
  readonly queue: string
  /** The job as the outbox holds it, its input sealed. */
  readonly json: string
}

/** Enqueues with the transaction: if and when that commits. */
export async function enqueueWithin(
  { query }: Pick<StateTransaction, 'query'>,
  { id, queue, json }: OutgoingJob,
  at: number,
): Promise<void> {
  await sql`insert into orderly_outbox (id, queue, job, created_at)
    values (${id}, ${queue}, ${json}, ${at})`.execute(query)
}

/** Enqueues many with the transaction, in their order. */
export async function enqueueAllWithin(
  { insertAll }: Pick<StateTransaction, 'insertAll'>,
  jobs: readonly OutgoingJob[],
  at: number,
): Promise<void> {
  await insertAll(
    'insert into orderly_outbox (id, queue, job, created_at)',
    jobs.map(({ id, queue, json }) => [id, queue, json, at]),
    'on conflict do nothing',
  )
}
