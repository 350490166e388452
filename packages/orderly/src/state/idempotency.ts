// Requests that were answered with a job: whoever asks again gets the same answer, long after the job is gone.
import type { StateDatabase } from './tables.ts'

export interface Answer {
  /** The id of the job that answers the request. */
  readonly jobId: string
  /** What the request that made it asked for, as a keyed digest. */
  readonly input: string | null
}

/** Says that `jobId` answers the request `key` for `input`, unless another job does; and which job that is. */
export async function claimRequest(
  database: StateDatabase,
  key: string,
  { jobId, input }: Answer,
  now: number,
  expiresAt: number,
): Promise<Answer> {
  return database.transaction(async ({ query }) => {
    await query
      .insertInto('orderly_idempotency')
      .values({ key, job_id: jobId, input, expires_at: expiresAt })
      .onConflict((conflict) =>
        conflict
          .column('key')
          .doUpdateSet({ job_id: jobId, input, expires_at: expiresAt })
          .where('orderly_idempotency.expires_at', '<=', now),
      )
      .execute()
    const row = await query
      .selectFrom('orderly_idempotency')
      .select(['job_id', 'input'])
      .where('key', '=', key)
      .executeTakeFirstOrThrow()
    return { jobId: row.job_id, input: row.input }
  })
}
