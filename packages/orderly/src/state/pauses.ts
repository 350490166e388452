// Pauses: what rests, who said so, why and until when.
import type { PauseRow, StateDatabase } from './tables.ts'

export async function findPauses({ query }: StateDatabase): Promise<PauseRow[]> {
  return query.selectFrom('orderly_pauses').selectAll().orderBy('kind').orderBy('name').execute()
}

export async function putPause({ query }: StateDatabase, pause: PauseRow): Promise<void> {
  const { kind: _kind, name: _name, ...change } = pause
  await query
    .insertInto('orderly_pauses')
    .values(pause)
    .onConflict((conflict) => conflict.columns(['kind', 'name']).doUpdateSet(change))
    .execute()
}

/** Puts a pause back that could not be ended, where nothing else stands by now. */
export async function putPauseBack({ query }: StateDatabase, pause: PauseRow): Promise<void> {
  await query
    .insertInto('orderly_pauses')
    .values(pause)
    .onConflict((conflict) => conflict.columns(['kind', 'name']).doNothing())
    .execute()
}

/**
 * Takes a pause away.
 *
 * @param due if given, only if it was to end by then: it may have been set anew meanwhile
 * @returns whether there was one
 */
export async function dropPause(
  { query }: StateDatabase,
  kind: PauseRow['kind'],
  name: string,
  due?: number,
): Promise<boolean> {
  let dropping = query
    .deleteFrom('orderly_pauses')
    .where('kind', '=', kind)
    .where('name', '=', name)
  if (due !== undefined) dropping = dropping.where('until', '<=', due)
  const dropped = await dropping.executeTakeFirst()
  return dropped.numDeletedRows > 0n
}

/** Pauses that are to end by `now`. */
export async function findEndedPauses({ query }: StateDatabase, now: number): Promise<PauseRow[]> {
  return query.selectFrom('orderly_pauses').selectAll().where('until', '<=', now).execute()
}
