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
  /** Price cells of good rows that hold something, but no price. */
  readonly valuesLeftOut: number
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
        .orderBy(latest(database), 'desc')
        .executeTakeFirst()
      return report ?? (await reportChecked(database, name, since)) ?? { ...NOT_BEGUN, name }
    }),
  )
}

/** How many versions are shown or held, and how many statistics there are of those that are shown. */
export async function reportPublished(
  database: Database,
): Promise<{ published: number; held: number; statistics: number }> {
  const { rows } = await sql<{ published: number; held: number; statistics: number }>`
    select (select count(*) from sources s join publications p on p.version_id = s.current_version
        where p.state = 'published') as published,
      (select count(*) from publications p join versions v on v.version_id = p.version_id
        where p.state = 'held' and v.shown_by is null) as held,
      (select count(*) from price_stats) as statistics`.execute(database.query)
  return rows[0]!
}

/** A file that its server says has not changed was not read again: what it was before still holds. */
async function reportChecked(
  database: Database,
  name: string,
  since: number,
): Promise<FileReport | undefined> {
  const checked = await database
    .withTables<PriceTables>()
    .query.selectFrom('price_files')
    .select('state')
    .where('source', '=', name)
    .where('checked_at', '>=', since)
    .executeTakeFirst()
  if (!checked) return undefined
  const last = await select(database)
    .where('intakes.source_id', '=', sourceId(name))
    .orderBy('started_at', 'desc')
    .orderBy(latest(database), 'desc')
    .executeTakeFirst()
  if (!last || last.state === 'quarantined') return last && { ...last, durationMs: 0 }
  if (last.state !== 'loaded' && last.state !== 'unchanged') return last
  const reason = 'its server says it has not changed'
  return { ...last, ...NOTHING_DONE, state: 'unchanged', reason }
}

/** Of two that began in the same millisecond, the one that came later. */
function latest({ dialect }: Database) {
  return dialect === 'sqlite' ? sql`intakes.rowid` : sql`intakes.intake_id`
}

const NOTHING_DONE = {
  pricesLoaded: 0,
  duplicates: 0,
  conflicts: 0,
  rowsQuarantined: 0,
  valuesLeftOut: 0,
  durationMs: 0,
} as const

const NOT_BEGUN = {
  bytes: 0,
  format: null,
  encoding: null,
  rowsRead: 0,
  pricesLoaded: 0,
  duplicates: 0,
  conflicts: 0,
  rowsQuarantined: 0,
  valuesLeftOut: 0,
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
      'values_left_out as valuesLeftOut',
      'state',
      'reason',
      eb('finished_at', '-', eb.ref('started_at')).as('durationMs'),
    ])
}
