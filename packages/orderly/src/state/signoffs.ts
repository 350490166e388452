// Sign-offs of evidence: written once, never changed.
import type { SignoffRow } from './signoff-tables.ts'
import type { StateDatabase } from './tables.ts'

export async function insertSignoff({ query }: StateDatabase, row: SignoffRow): Promise<void> {
  await query.insertInto('orderly_signoffs').values(row).execute()
}

const MOST = 500

/** The newest first. */
export async function listSignoffs({ query }: StateDatabase): Promise<SignoffRow[]> {
  return query
    .selectFrom('orderly_signoffs')
    .selectAll()
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(MOST)
    .execute()
}

export async function findSignoff(
  { query }: StateDatabase,
  id: string,
): Promise<SignoffRow | undefined> {
  return query.selectFrom('orderly_signoffs').selectAll().where('id', '=', id).executeTakeFirst()
}
