// What became of delivered files, for people and for programs.
import { sql } from 'kysely'
import type { Database } from 'orderly'
import { sourceId } from './store/identity.ts'
import type { IntakeState, PriceTables } from './store/tables.ts'

export interface FileReport {
  readonly name: string
  readonly bytes: number
  readonly format: string | null
  readonly encoding: string | null
  /** Data rows: without preamble, header and blank rows. */
  readonly rowsRead: number
  /** Prices written, new or changed: one for each different amount under each natural key. */
  readonly pricesLoaded: number
  /** Amounts that say again what another row has said. */
  readonly duplicates: number
  /** Amounts that contradict another one under the same natural key; all are kept and marked. */
  readonly conflicts: number
  readonly rowsQuarantined: number
  readonly state: IntakeState | 'waiting'
  readonly reason: string | null
  readonly durationMs: number | null
}

/** The newest deliveries of all sources, at most `limit`, newest first. */
export async function reportRecent(database: Database, limit: number): Promise<FileReport[]> {
  return select(database)
    .orderBy('started_at', 'desc')
    .orderBy('sources.name')
    .limit(limit)
    .execute()
}

/**
 * What became of each source since `since` (milliseconds), in the order given. A source that nobody has begun to
 * read, or not since then, is `waiting`.
 */
export async function reportSources(
  database: Database,
  sources: readonly string[],
  since: number,
): Promise<FileReport[]> {
  return Promise.all(
    sources.map(async (name) => {
      const report = await select(database)
        .where('intakes.source_id', '=', sourceId(name))
        .where((eb) => eb.or([eb('finished_at', 'is', null), eb('finished_at', '>=', since)]))
        .orderBy('started_at', 'desc')
        .orderBy(sql`intakes.rowid`, 'desc')
        .executeTakeFirst()
      return report ?? { ...NOT_BEGUN, name }
    }),
  )
}

const NOT_BEGUN = {
  bytes: 0,
  format: null,
  encoding: null,
  rowsRead: 0,
  pricesLoaded: 0,
  duplicates: 0,
  conflicts: 0,
  rowsQuarantined: 0,
  state: 'waiting',
  reason: null,
  durationMs: null,
} as const

function select(database: Database) {
  return database
    .withTables<PriceTables>()
    .query.selectFrom('intakes')
    .innerJoin('sources', 'sources.source_id', 'intakes.source_id')
    .select((eb) => [
      'sources.name',
      'bytes',
      'format',
      'encoding',
      'rows_read as rowsRead',
      'prices_loaded as pricesLoaded',
      'duplicates',
      'conflicts',
      'rows_quarantined as rowsQuarantined',
      'state',
      'reason',
      eb('finished_at', '-', eb.ref('started_at')).as('durationMs'),
    ])
}
