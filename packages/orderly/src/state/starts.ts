// The starts of processes that work on jobs: which release ran where, and when the release changed.
import type { StartRow } from './start-tables.ts'
import type { StateDatabase } from './tables.ts'

/** Notes a start, once. */
export async function putStart({ query }: StateDatabase, start: StartRow): Promise<void> {
  await query
    .insertInto('orderly_starts')
    .values(start)
    .onConflict((conflict) => conflict.column('worker').doNothing())
    .execute()
}

/** The starts of these workers, as far as they are still known. */
export async function findStartsOf(
  { query }: StateDatabase,
  workers: readonly string[],
): Promise<StartRow[]> {
  if (workers.length === 0) return []
  return query
    .selectFrom('orderly_starts')
    .selectAll()
    .where('worker', 'in', [...workers])
    .execute()
}

export interface Deploy {
  /** Milliseconds since 1970 UTC: when the first process of it was started. */
  readonly at: number
  readonly release: string
  /** What ran before. Null for the first one known. */
  readonly before: string | null
}

const MOST_STARTS = 5_000

/** When the release that is started changed, oldest first. */
export async function findDeploys({ query }: StateDatabase, since: number): Promise<Deploy[]> {
  const before = await query
    .selectFrom('orderly_starts')
    .select('release')
    .where('at', '<', since)
    .orderBy('at', 'desc')
    .orderBy('worker', 'desc')
    .limit(1)
    .executeTakeFirst()
  const starts = await query
    .selectFrom('orderly_starts')
    .select(['release', 'at'])
    .where('at', '>=', since)
    .orderBy('at')
    .orderBy('worker')
    .limit(MOST_STARTS)
    .execute()
  const deploys: Deploy[] = []
  let current = before?.release ?? null
  for (const { release, at } of starts) {
    if (release !== current) deploys.push({ at, release, before: current })
    current = release
  }
  return deploys
}

export async function dropStartsBefore({ query }: StateDatabase, before: number): Promise<void> {
  await query.deleteFrom('orderly_starts').where('at', '<', before).execute()
}
