// Whether a version may be shown, and who said so.
import type { Database } from 'orderly'
import type { Selectable } from 'kysely'
import type { PublicationsTable } from './pipeline-tables.ts'
import type { PriceTables } from './tables.ts'

export type Publication = Selectable<PublicationsTable>
type Db = Database<PriceTables>

/** Records what a check found. A decision that somebody has made about the version stays. */
export async function recordCheck(
  db: Db,
  checked: Omit<Publication, 'decided_by'>,
): Promise<Publication> {
  await db.query
    .insertInto('publications')
    .values({ ...checked, decided_by: null })
    .onConflict((conflict) =>
      conflict
        .column('version_id')
        .doUpdateSet({ ...checked, decided_by: null })
        .where('publications.decided_by', 'is', null),
    )
    .execute()
  return (await findPublication(db, checked.version_id))!
}

export async function findPublication(db: Db, versionId: number): Promise<Publication | undefined> {
  return db.query
    .selectFrom('publications')
    .selectAll()
    .where('version_id', '=', versionId)
    .executeTakeFirst()
}

/**
 * Publishes a held version, or rejects it. One that is approved takes with it what was held before it in its source: its
 * prices build on theirs.
 *
 * @returns whether there was such a version to decide about
 */
export function decide(
  db: Db,
  versionId: number,
  { approved, by, now }: { approved: boolean; by: string; now: number },
): Promise<boolean> {
  return db.transaction(async ({ query }) => {
    const held = await query
      .selectFrom('publications')
      .select('source_id')
      .where('version_id', '=', versionId)
      .where('state', '=', 'held')
      .executeTakeFirst()
    if (!held) return false
    const decision = {
      state: approved ? ('published' as const) : ('rejected' as const),
      decided_by: by,
      decided_at: now,
    }
    await query
      .updateTable('publications')
      .set(decision)
      .where('source_id', '=', held.source_id)
      .where('state', '=', 'held')
      .$if(!approved, (update) => update.where('version_id', '=', versionId))
      .execute()
    return true
  })
}

export async function listHeld(db: Db): Promise<readonly (Publication & { name: string })[]> {
  return db.query
    .selectFrom('publications')
    .innerJoin('sources', 'sources.source_id', 'publications.source_id')
    .selectAll('publications')
    .select('sources.name')
    .where('state', '=', 'held')
    .orderBy('decided_at')
    .execute()
}
