// The jobs that are still owed, for whoever accounts for them.
import { recordIdOf } from '../job/record-id.ts'
import type { HistoryDatabase } from './record.ts'
import type { JobRow } from './tables.ts'

export type OpenJob = JobRow

/** Unfinished jobs of an engine last heard of before `before`, in the order of their ids, `limit` of them after `after`. */
export async function findOpen(
  database: HistoryDatabase,
  engine: string,
  before: number,
  after: string,
  limit: number,
): Promise<OpenJob[]> {
  return database.query
    .selectFrom('orderly_jobs')
    .selectAll()
    .where('finished_at', 'is', null)
    .where('engine', '=', engine)
    .where('id', '>', after)
    .where('updated_at', '<=', before)
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** The unfinished children of a job, by the key they were recorded under. */
export async function findOpenChildren(
  database: HistoryDatabase,
  parentKey: string,
): Promise<OpenJob[]> {
  return database.query
    .selectFrom('orderly_jobs')
    .selectAll()
    .where('parent', '=', parentKey)
    .where('finished_at', 'is', null)
    .execute()
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
