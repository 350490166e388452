// Work that was begun and that a job may be missing for: its jobs were given up, cancelled or lost.
import { sql } from 'kysely'
import type { Database } from 'orderly'
import type { PriceTables } from './tables.ts'

export interface StrandedFile {
  readonly url: string
  readonly source: string
  readonly object_key: string
  readonly bytes_digest: string
}

const MOST = 1_000

/** Files that were stored and not taken up since, or whose reading or writing has no end yet. Most have a living job. */
export async function strandedFiles(db: Database<PriceTables>): Promise<readonly StrandedFile[]> {
  const { rows } = await sql<StrandedFile>`
    select f.url, f.source, f.object_key, f.bytes_digest
    from price_files f
    where f.state = 'stored' and f.object_key is not null and f.bytes_digest is not null
      and (not exists (select 1 from sources s join intakes i on i.source_id = s.source_id
          where s.name = f.source and i.started_at >= f.stored_at)
        or exists (select 1 from sources s join intakes i on i.source_id = s.source_id
          where s.name = f.source and i.state in ('reading', 'updating')))
    order by f.stored_at, f.file_id limit ${MOST}`.execute(db.query)
  return rows
}

/** Deliveries that are loaded and have been neither checked nor shown with a later one. */
export async function strandedChecks(db: Database<PriceTables>): Promise<readonly string[]> {
  const rows = await db.query
    .selectFrom('intakes')
    .innerJoin('versions', 'versions.version_id', 'intakes.version_id')
    .select('intake_id')
    .where('state', '=', 'loaded')
    .where('shown_by', 'is', null)
    .where(({ not, exists, selectFrom, ref }) =>
      not(
        exists(
          selectFrom('publications')
            .select('publications.version_id')
            .where('publications.version_id', '=', ref('versions.version_id')),
        ),
      ),
    )
    .orderBy('started_at')
    .limit(MOST)
    .execute()
  return rows.map(({ intake_id: id }) => id)
}
