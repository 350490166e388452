// The processes that work on jobs, as they describe themselves.
import type { StateDatabase, WorkerRow } from './tables.ts'

export async function putWorker({ query }: StateDatabase, worker: WorkerRow): Promise<void> {
  const { id: _id, ...change } = worker
  await query
    .insertInto('orderly_workers')
    .values(worker)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(change))
    .execute()
}

/** Those heard of since `since`, the newest first. */
export async function findWorkers({ query }: StateDatabase, since: number): Promise<WorkerRow[]> {
  return query
    .selectFrom('orderly_workers')
    .selectAll()
    .where('seen_at', '>=', since)
    .orderBy('started_at', 'desc')
    .orderBy('id')
    .execute()
}

export async function dropWorker({ query }: StateDatabase, id: string): Promise<void> {
  await query.deleteFrom('orderly_workers').where('id', '=', id).execute()
}

export async function dropWorkersBefore({ query }: StateDatabase, before: number): Promise<void> {
  await query.deleteFrom('orderly_workers').where('seen_at', '<', before).execute()
}
