// What people ask of jobs that may be running in any process.
import type { RequestRow, StateDatabase } from './tables.ts'

/** Writes a request down. The first one for a job stands. */
export async function putRequest({ query }: StateDatabase, request: RequestRow): Promise<void> {
  await query
    .insertInto('orderly_requests')
    .values(request)
    .onConflict((conflict) => conflict.column('job_id').doNothing())
    .execute()
}

/** Which of these jobs somebody asks something of. */
export async function findRequests(
  { query }: StateDatabase,
  ids: readonly string[],
): Promise<Pick<RequestRow, 'job_id' | 'who'>[]> {
  if (ids.length === 0) return []
  return query
    .selectFrom('orderly_requests')
    .select(['job_id', 'who'])
    .where('job_id', 'in', [...ids])
    .execute()
}

export async function dropRequest({ query }: StateDatabase, id: string): Promise<void> {
  await query.deleteFrom('orderly_requests').where('job_id', '=', id).execute()
}
