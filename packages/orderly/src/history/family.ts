// The family of a job in the record: its children, and others by their ids.
import { FOUND, type FoundJob } from './find.ts'
import type { HistoryDatabase } from './record.ts'

/** The children of a job by the keys they may have been recorded under, newest first. */
export async function findChildren(
  { query }: HistoryDatabase,
  parentKeys: readonly string[],
  limit: number,
): Promise<FoundJob[]> {
  return query
    .selectFrom('orderly_jobs')
    .select(FOUND)
    .where('parent', 'in', [...parentKeys])
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** Jobs by their ids, without what is sealed in them. */
export async function findFound(
  { query }: HistoryDatabase,
  ids: readonly string[],
): Promise<FoundJob[]> {
  if (ids.length === 0) return []
  return query
    .selectFrom('orderly_jobs')
    .select(FOUND)
    .where('id', 'in', [...ids])
    .execute()
}
