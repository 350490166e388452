// Whether a version may be shown, and who said so.
import type { Database, DatabaseTransaction } from 'orderly'
import { sql, type Selectable } from 'kysely'
import type { PublicationsTable } from './pipeline-tables.ts'
import type { PriceTables } from './tables.ts'

export type Publication = Selectable<PublicationsTable>
type Db = Database<PriceTables>
type Tx = DatabaseTransaction<PriceTables>

/** Records what a check found. A decision that somebody has made about the version stays. */
export async function recordCheck(
  db: Db,
  checked: Omit<Publication, 'decided_by' | 'superseded_by'>,
): Promise<Publication> {
  await db.transaction(async ({ query }) => {
    const undecided = { ...checked, decided_by: null, superseded_by: null }
    await query
      .insertInto('publications')
      .values(undecided)
      .onConflict((conflict) =>
        conflict
          .column('version_id')
          .doUpdateSet(undecided)
          .where('publications.decided_by', 'is', null),
      )
      .execute()
    if (checked.state === 'published') await supersedeBefore(query, checked.version_id)
  })
  return (await findPublication(db, checked.version_id))!
}

/** What earlier versions changed shows with the next one that is published, whatever was said of them alone. */
async function supersedeBefore(query: Tx['query'], version: number): Promise<void> {
  await sql`
    with recursive earlier (version_id) as (
      select previous_version from versions where version_id = ${version}
      union all
      select v.previous_version from versions v join earlier e on v.version_id = e.version_id)
    update publications set superseded_by = ${version}
    where version_id in (select version_id from earlier where version_id is not null)
      and state in ('held', 'rejected') and superseded_by is null`.execute(query)
}

export async function findPublication(db: Db, versionId: number): Promise<Publication | undefined> {
  return db.query
    .selectFrom('publications')
    .selectAll()
    .where('version_id', '=', versionId)
    .executeTakeFirst()
}

/**
 * Publishes a held version, or rejects it. One that is approved takes the place of what was held or rejected in its source:
 * its prices build on theirs.
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
      .select('version_id')
      .where('version_id', '=', versionId)
      .where('state', '=', 'held')
      .where('superseded_by', 'is', null)
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
      .where('version_id', '=', versionId)
      .execute()
    if (approved) await supersedeBefore(query, versionId)
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
    .where('superseded_by', 'is', null)
    .orderBy('decided_at')
    .execute()
}
