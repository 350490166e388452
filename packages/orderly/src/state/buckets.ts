// Budgets that fill by the clock, shared by all processes.
import { takeTokens, type Rate } from '../job/token-bucket.ts'
import type { StateDatabase } from './tables.ts'
import type { StateTransaction } from './exclusive.ts'

/**
 * Takes `units` of the bucket inside a transaction that is alone with it.
 *
 * @returns milliseconds until they will be there; 0 when they were taken
 */
export async function takeFromBucket(
  query: StateTransaction,
  id: string,
  rate: Rate,
  units: number,
  now: number,
): Promise<number> {
  const before = await query
    .selectFrom('orderly_buckets')
    .select(['tokens', 'at'])
    .where('id', '=', id)
    .executeTakeFirst()
  const { bucket, wait } = takeTokens(before, rate, units, now)
  if (wait > 0) return wait
  await query
    .insertInto('orderly_buckets')
    .values({ id, ...bucket })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(bucket))
    .execute()
  return 0
}

/** Drops buckets that nobody has taken from since `before`: by then they are full again. */
export async function dropBuckets({ query }: StateDatabase, before: number): Promise<void> {
  await query.deleteFrom('orderly_buckets').where('at', '<', before).execute()
}
