// Views that people keep of lists.
import type { ViewRow } from './answer-tables.ts'
import type { StateDatabase } from './tables.ts'

/** Views of one person, and those shared with the roles they have. */
export async function findViews(
  { query }: StateDatabase,
  owner: string,
  roles: readonly string[],
): Promise<ViewRow[]> {
  return query
    .selectFrom('orderly_views')
    .selectAll()
    .where((where) =>
      where.or([
        where('owner', '=', owner),
        ...(roles.length > 0 ? [where('shared_with', 'in', [...roles])] : []),
      ]),
    )
    .orderBy('page')
    .orderBy('name')
    .limit(500)
    .execute()
}

export async function findView({ query }: StateDatabase, id: string): Promise<ViewRow | undefined> {
  return query.selectFrom('orderly_views').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function putView({ query }: StateDatabase, row: ViewRow): Promise<void> {
  const { id: _id, ...change } = row
  await query
    .insertInto('orderly_views')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(change))
    .execute()
}

export async function dropView({ query }: StateDatabase, id: string): Promise<boolean> {
  const dropped = await query.deleteFrom('orderly_views').where('id', '=', id).executeTakeFirst()
  return dropped.numDeletedRows > 0n
}

export async function countViews({ query }: StateDatabase, owner: string): Promise<number> {
  const { n } = await query
    .selectFrom('orderly_views')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('owner', '=', owner)
    .executeTakeFirstOrThrow()
  return n
}
