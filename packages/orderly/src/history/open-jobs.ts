// The jobs that are still owed, for whoever accounts for them.
import { recordIdOf } from '../job/record-id.ts'
import type { HistoryDatabase } from './record.ts'
import type { JobRow } from './tables.ts'

export type OpenJob = JobRow

/** Unfinished jobs of an engine last heard of before `before`, in that order, `limit` of them after `after`. */
export async function findOpen(
  database: HistoryDatabase,
  engine: string,
  before: number,
  after: { updatedAt: number; id: string } | undefined,
  limit: number,
  id?: string,
): Promise<OpenJob[]> {
  let query = database.query
    .selectFrom('orderly_jobs')
    .selectAll()
    .where('finished_at', 'is', null)
    .where('state', '<>', 'removed')
    .where('engine', '=', engine)
    .where('updated_at', '<=', before)
    .orderBy('updated_at')
    .orderBy('id')
    .limit(limit)
  if (id !== undefined) query = query.where('id', '=', id)
  if (after)
    query = query
      .where('updated_at', '>=', after.updatedAt)
      .where((where) =>
        where.or([where('updated_at', '>', after.updatedAt), where('id', '>', after.id)]),
      )
  return query.execute()
}

/** Which of `ids` of a queue the record has never heard of. */
export async function findUnrecorded(
  database: HistoryDatabase,
  queue: string,
  ids: readonly string[],
): Promise<string[]> {
  if (ids.length === 0) return []
  const names = new Map(ids.map((id) => [recordIdOf(queue, id), id]))
  const known = await database.query
    .selectFrom('orderly_jobs')
    .select('id')
    .where('id', 'in', [...names.keys()])
    .execute()
  for (const { id } of known) names.delete(id)
  return [...names.values()]
}
