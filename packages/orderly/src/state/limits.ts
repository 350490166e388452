// Limits that people have set: value, until when, why, who.
import type { LimitRow } from './limit-tables.ts'
import type { StateDatabase } from './tables.ts'

export type LimitKey = Pick<LimitRow, 'kind' | 'name' | 'what'>

export async function findLimits({ query }: StateDatabase): Promise<LimitRow[]> {
  return query
    .selectFrom('orderly_limits')
    .selectAll()
    .orderBy('kind')
    .orderBy('name')
    .orderBy('what')
    .execute()
}

/** The value that holds at `now`, read where it is decided by: a limit that has ended by then is none. */
export async function limitAt(
  { query }: Pick<StateDatabase, 'query'>,
  { kind, name, what }: LimitKey,
  now: number,
): Promise<number | undefined> {
  const row = await query
    .selectFrom('orderly_limits')
    .select('value')
    .where('kind', '=', kind)
    .where('name', '=', name)
    .where('what', '=', what)
    .where((where) => where.or([where('until', 'is', null), where('until', '>', now)]))
    .executeTakeFirst()
  return row?.value
}

export async function putLimit({ query }: StateDatabase, limit: LimitRow): Promise<void> {
  const { kind: _kind, name: _name, what: _what, ...change } = limit
  await query
    .insertInto('orderly_limits')
    .values(limit)
    .onConflict((conflict) => conflict.columns(['kind', 'name', 'what']).doUpdateSet(change))
    .execute()
}

/**
 * Takes a limit away.
 *
 * @param due if given, only if it was to end by then: it may have been set anew meanwhile
 * @returns whether there was one
 */
export async function dropLimit(
  { query }: StateDatabase,
  { kind, name, what }: LimitKey,
  due?: number,
): Promise<boolean> {
  let dropping = query
    .deleteFrom('orderly_limits')
    .where('kind', '=', kind)
    .where('name', '=', name)
    .where('what', '=', what)
  if (due !== undefined) dropping = dropping.where('until', '<=', due)
  const dropped = await dropping.executeTakeFirst()
  return dropped.numDeletedRows > 0n
}
