// Requests that were answered with a job: whoever asks again gets the same answer, long after the job is gone.
import type { StateDatabase } from './tables.ts'

/**
 * Says that `jobId` answers the request `key`, unless another job does.
 *
 * @returns the id of the job that does
 */
export async function claimRequest(
  database: StateDatabase,
  key: string,
  jobId: string,
  now: number,
  expiresAt: number,
): Promise<string> {
  return database.transaction(async ({ query }) => {
    await query
      .insertInto('orderly_idempotency')
      .values({ key, job_id: jobId, expires_at: expiresAt })
      .onConflict((conflict) =>
        conflict
          .column('key')
          .doUpdateSet({ job_id: jobId, expires_at: expiresAt })
          .where('orderly_idempotency.expires_at', '<=', now),
      )
      .execute()
    const { job_id } = await query
      .selectFrom('orderly_idempotency')
      .select('job_id')
      .where('key', '=', key)
      .executeTakeFirstOrThrow()
    return job_id
  })
}
