// Whether a version may be shown, and who said so.
import type { Database, DatabaseTransaction } from 'orderly'
import { sql, type Selectable } from 'kysely'
import type { PublicationsTable } from './pipeline-tables.ts'
import type { PriceTables } from './tables.ts'

export type Publication = Selectable<PublicationsTable>
type Db = Database<PriceTables>
type Tx = DatabaseTransaction<PriceTables>

/**
 * Records what a check found, and shows the version if it passed. A decision that somebody has made about it stays, and
 * what is shown is not taken back by a second check.
 */
export async function recordCheck(
  db: Db,
  checked: Omit<Publication, 'decided_by'>,
): Promise<Publication> {
  const { version_id: version, score, verdict, report_key } = checked
  return db.transaction(async ({ query }) => {
    // A decision that is being written is waited for.
    if (db.dialect === 'postgres')
      await sql`select 1 from versions where version_id = ${version} for update`.execute(query)
    const before = await query
      .selectFrom('publications')
      .selectAll()
      .where('version_id', '=', version)
      .executeTakeFirst()
    const isDecided = before !== undefined && (before.decided_by !== null || before.state === 'published') // prettier-ignore
    const publication: Publication = isDecided
      ? { ...before, score, verdict, report_key }
      : { ...checked, decided_by: null }
    await query
      .insertInto('publications')
      .values(publication)
      .onConflict((conflict) => conflict.column('version_id').doUpdateSet(publication))
      .execute()
    if (publication.state === 'published') await show(query, version)
    return publication
  })
}

/** What earlier versions changed shows with the next one that is published, whatever was said of them alone. */
async function show(query: Tx['query'], version: number): Promise<void> {
  await sql`
    update versions set shown_by = ${version}
    where source_id = (select v.source_id from versions v where v.version_id = ${version})
      and seq <= (select v.seq from versions v where v.version_id = ${version}) and shown_by is null`.execute(
    query,
  )
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
    if (db.dialect === 'postgres')
      await sql`select 1 from versions where version_id = ${versionId} for update`.execute(query)
    const held = await heldOf(query).where('publications.version_id', '=', versionId).execute()
    if (held.length === 0) return false
    const state = approved ? 'published' : 'rejected'
    await query
      .updateTable('publications')
      .set({ state, decided_by: by, decided_at: now })
      .where('version_id', '=', versionId)
      .execute()
    if (approved) await show(query, versionId)
    return true
  })
}

/** Those that wait for a decision: a version that a later one has shown needs none. */
export async function listHeld(db: Db): Promise<readonly (Publication & { name: string })[]> {
  return heldOf(db.query)
    .innerJoin('sources', 'sources.source_id', 'publications.source_id')
    .selectAll('publications')
    .select('sources.name')
    .orderBy('decided_at')
    .execute()
}

function heldOf(query: Db['query']) {
  return query
    .selectFrom('publications')
    .innerJoin('versions', 'versions.version_id', 'publications.version_id')
    .where('state', '=', 'held')
    .where('shown_by', 'is', null)
    .select('publications.version_id')
}
