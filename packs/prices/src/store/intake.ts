// The life of one delivered file: opened, filled with batches, and ended in one of three ways.
import type { Database, DatabaseTransaction } from 'orderly'
import { sql, type RawBuilder, type Selectable } from 'kysely'
import { sourceId, versionId } from './identity.ts'
import type { IntakesTable, PriceTables } from './tables.ts'

export type Intake = Selectable<IntakesTable>
type Db = Database<PriceTables>
type Tx = DatabaseTransaction<PriceTables>

/**
 * Whether nothing is left to read of a delivery. What somebody stopped may be read again, by its own job if that is run
 * again.
 */
export function isEnded({ state, code }: Intake): boolean {
  return (
    state === 'loaded' || state === 'unchanged' || (state === 'quarantined' && code !== 'STOPPED')
  )
}

/**
 * The open intake of a source, or a new one. A job that died leaves its intake to its successor, which goes on; `begun`
 * counts how many have begun to read since one of them staged a batch. One that ended meanwhile is given back as it is.
 */
export function openIntake(
  db: Db,
  intakeId: string,
  source: string,
  bytes: number,
  now: number,
): Promise<Intake> {
  return db.transaction(async ({ query }) => {
    const id = await registerSource(query, source)
    const open = await query
      .selectFrom('intakes')
      .selectAll()
      .where('source_id', '=', id)
      .where('state', 'in', ['reading', 'updating'])
      .executeTakeFirst()
    if (open?.state === 'updating') return open
    if (open)
      return query
        .updateTable('intakes')
        .set({ begun: open.begun + 1 })
        .where('intake_id', '=', open.intake_id)
        .returningAll()
        .executeTakeFirstOrThrow()
    const own = await query
      .selectFrom('intakes')
      .selectAll()
      .where('intake_id', '=', intakeId)
      .executeTakeFirst()
    if (own && isEnded(own)) return own
    if (own) await discardRows(query, intakeId)
    const begun = { ...EMPTY, ...AGAIN, begun: 1, bytes, started_at: now }
    return query
      .insertInto('intakes')
      .values({ ...begun, intake_id: intakeId, source_id: id })
      .onConflict((conflict) => conflict.column('intake_id').doUpdateSet(begun))
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

/** Reading ended as it should, though not at the end of the file: what comes next begins to count anew. */
export async function noteHeard(db: Db, source: string): Promise<void> {
  await db.query
    .updateTable('intakes')
    .set({ begun: 0 })
    .where('source_id', '=', sourceId(source))
    .where('state', '=', 'reading')
    .execute()
}

const EMPTY = {
  state: 'reading',
  rows_read: 0,
  rows_quarantined: 0,
  values_left_out: 0,
  begun: 0,
  facts_read: 0,
  prices_loaded: 0,
  duplicates: 0,
  conflicts: 0,
  batches: 0,
} as const

/** What a delivery that was ended, and is read again, forgets of its end. */
const AGAIN = {
  bytes_digest: null,
  cursor: null,
  version_id: null,
  code: null,
  reason: null,
  finished_at: null,
} as const

export async function findIntake(db: Db, intakeId: string): Promise<Intake | undefined> {
  return db.query
    .selectFrom('intakes')
    .selectAll()
    .where('intake_id', '=', intakeId)
    .executeTakeFirst()
}

/** Whether an intake is as a reader has left it: the same bytes, and no batch more. */
export function isStill({ intake_id, bytes_digest, batches }: Intake) {
  return sql<boolean>`(intake_id = ${intake_id} and state = 'reading' and bytes_digest = ${bytes_digest} and batches = ${batches})`
}

/** Forgets what was read so far: the file is no longer what it was when reading began. */
export async function restartIntake(db: Db, intake: Intake, bytes: number): Promise<Intake> {
  return db.transaction(async ({ query }) => {
    await discardRows(query, intake.intake_id)
    return query
      .updateTable('intakes')
      .set({ ...EMPTY, begun: 1, bytes, bytes_digest: null, cursor: null })
      .where('intake_id', '=', intake.intake_id)
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

export async function describeIntake(
  db: Db,
  intakeId: string,
  facts: { bytes_digest: string; location: string } | { format: string; encoding: string },
): Promise<void> {
  await db.query.updateTable('intakes').set(facts).where('intake_id', '=', intakeId).execute()
}

/** What is known of content that is loaded already. */
export interface Known {
  /** The source that has it. */
  readonly source: string
  readonly format: string | null
  readonly encoding: string | null
  readonly rows_read: number
}

/** What is loaded in exactly these bytes, of the source or of a twin. */
export async function contentOfBytes(
  db: Db,
  source: number,
  bytesDigest: string,
): Promise<Known | undefined> {
  return db.query
    .selectFrom('intakes')
    .innerJoin('sources', 'sources.current_version', 'intakes.version_id')
    .select(['sources.name as source', 'format', 'encoding', 'rows_read'])
    .where(hasContentOf(source))
    .where('bytes_digest', '=', bytesDigest)
    .where('state', '=', 'loaded')
    .orderBy(sql`sources.source_id <> ${source}`)
    .orderBy('sources.name')
    .executeTakeFirst()
}

/**
 * Whose content counts as that of a source: its own; and where no directory names it, that of every other which none names.
 * Files from a folder are one under all their names. What a directory names may change apart from its equals.
 */
function hasContentOf(source: number) {
  const isNamed = (id: RawBuilder<unknown>) =>
    sql`exists (select 1 from price_files f join sources named on named.name = f.source where named.source_id = ${id})`
  return sql<boolean>`(sources.source_id = ${source}
    or (not ${isNamed(sql.ref('sources.source_id'))} and not ${isNamed(sql.val(source))}))`
}

/** Ends an intake whose content is in the tables already. */
export function endUnchanged(
  db: Db,
  intake: Intake,
  sameAs: string,
  now: number,
  known?: Known,
): Promise<void> {
  return db.transaction(async ({ query }) => {
    await discardRows(query, intake.intake_id)
    const { name } = await query
      .selectFrom('sources')
      .select('name')
      .where('source_id', '=', intake.source_id)
      .executeTakeFirstOrThrow()
    await query
      .updateTable('intakes')
      .set({
        state: 'unchanged',
        reason:
          name === sameAs ? 'same content as when it was last loaded' : `same content as ${sameAs}`,
        ...(known && {
          format: known.format,
          encoding: known.encoding,
          rows_read: known.rows_read,
        }),
        cursor: null,
        finished_at: now,
      })
      .where('intake_id', '=', intake.intake_id)
      .execute()
  })
}

/** One arrival of a file. */
export interface Delivery {
  readonly id: string
  readonly source: string
  readonly bytes: number
}

/**
 * Ends a delivery that cannot be loaded, with a code and a sentence a person can act on. An earlier delivery of the
 * same source that is being written is left alone.
 *
 * @returns the intake that tells of it
 */
export function quarantine(
  db: Db,
  delivery: Delivery,
  code: string,
  reason: string,
  now: number,
): Promise<string> {
  const end = { state: 'quarantined', code, reason, cursor: null, finished_at: now } as const
  return db.transaction(async ({ query }) => {
    const source = await registerSource(query, delivery.source)
    const open = await query
      .selectFrom('intakes')
      .select('intake_id')
      .where('source_id', '=', source)
      .where('state', '=', 'reading')
      .executeTakeFirst()
    if (!open) {
      const intake = { ...EMPTY, intake_id: delivery.id, source_id: source, bytes: delivery.bytes }
      await query
        .insertInto('intakes')
        .values({ ...intake, ...end, started_at: now })
        .onConflict((conflict) =>
          conflict
            .column('intake_id')
            .doUpdateSet(end)
            // What is loaded is not taken back because its reader came to grief afterwards.
            .where('intakes.state', 'not in', ['loaded', 'unchanged']),
        )
        .execute()
      return delivery.id
    }
    await query.deleteFrom('staged_batches').where('intake_id', '=', open.intake_id).execute()
    await query.updateTable('intakes').set(end).where('intake_id', '=', open.intake_id).execute()
    return open.intake_id
  })
}

async function registerSource(query: Tx['query'], name: string): Promise<number> {
  const id = sourceId(name)
  await query
    .insertInto('sources')
    .values({ source_id: id, name })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  return id
}

async function discardRows(query: Tx['query'], intakeId: string): Promise<void> {
  await query.deleteFrom('staged_batches').where('intake_id', '=', intakeId).execute()
  await query.deleteFrom('quarantined_rows').where('intake_id', '=', intakeId).execute()
  await query.deleteFrom('left_out_values').where('intake_id', '=', intakeId).execute()
}

export interface Content {
  readonly digest: string
  readonly hospital: string | null
  readonly validFrom: string | null
  /** What else the file says about its hospital, and what became of its columns, as JSON text. */
  readonly details: string
}

/** What became of a fully read file: content that is loaded already, or a version to be written. */
export type Recognised = { readonly sameAs: string } | { readonly version: number }

/** Compares a fully read file with what its source has, or a twin, and opens a version for it if it is new. */
export function recognise(db: Db, intake: Intake, content: Content): Promise<Recognised> {
  return db.transaction(async ({ query }) => {
    const { source_id: source } = intake
    const known = await query
      .selectFrom('versions')
      .innerJoin('sources', 'sources.source_id', 'versions.source_id')
      .select('sources.name')
      .where('content_digest', '=', content.digest)
      .where(hasContentOf(source))
      .where(({ eb, exists, or, ref, selectFrom }) =>
        or([
          eb('sources.current_version', '=', ref('versions.version_id')),
          exists(
            selectFrom('intakes')
              .select('intake_id')
              .where('state', '=', 'updating')
              .whereRef('intakes.version_id', '=', 'versions.version_id'),
          ),
        ]),
      )
      .orderBy(sql`sources.source_id <> ${source}`)
      .orderBy('sources.name')
      .executeTakeFirst()
    if (known) return { sameAs: known.name }
    const { current_version: previous } = await query
      .selectFrom('sources')
      .select('current_version')
      .where('source_id', '=', source)
      .executeTakeFirstOrThrow()
    const { last } = await query
      .selectFrom('versions')
      .select(({ fn }) => fn.max('seq').as('last'))
      .where('source_id', '=', source)
      .executeTakeFirstOrThrow()
    const version = await freeVersion(query, source, content.digest, previous)
    await query
      .insertInto('versions')
      .values({
        version_id: version,
        source_id: source,
        previous_version: previous,
        content_digest: content.digest,
        hospital: content.hospital,
        valid_from: content.validFrom,
        details: content.details,
        seq: (last ?? 0) + 1,
      })
      .execute()
    // A delivery that could not be written whole is not taken up again once there is a later one.
    await query
      .deleteFrom('staged_batches')
      .where('intake_id', 'in', ({ selectFrom }) =>
        selectFrom('intakes')
          .select('intake_id')
          .where('source_id', '=', source)
          .where('state', '=', 'quarantined'),
      )
      .execute()
    const { numUpdatedRows: taken } = await query
      .updateTable('intakes')
      .set({ state: 'updating', version_id: version, cursor: null })
      .where(isStill(intake))
      .executeTakeFirstOrThrow()
    if (taken === 0n) throw new Error('another reader has this delivery')
    return { version }
  })
}

/** A version that could not be written whole keeps its id; the same content that comes again is another one. */
async function freeVersion(
  query: Tx['query'],
  source: number,
  digest: string,
  previous: number | null,
): Promise<number> {
  for (let before = previous; ;) {
    const version = versionId(source, digest, before)
    const taken = await query
      .selectFrom('versions')
      .select('version_id')
      .where('version_id', '=', version)
      .executeTakeFirst()
    if (!taken) return version
    before = version
  }
}

/** The batches of an intake that wait to be applied. */
export async function stagedBatches(db: Db, intakeId: string): Promise<number[]> {
  const rows = await db.query
    .selectFrom('staged_batches')
    .select('seq')
    .where('intake_id', '=', intakeId)
    .orderBy('seq')
    .execute()
  return rows.map(({ seq }) => seq)
}
