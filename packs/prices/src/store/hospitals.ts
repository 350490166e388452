// What a scan finds, compared with what is known: hospitals and the addresses of their files.
import { createHash } from 'node:crypto'
import type { Database, DatabaseTransaction } from 'orderly'
import type { Insertable, Selectable } from 'kysely'
import type { ListedFile, ListedHospital } from '../directory/directory.ts'
import { isCcn, isNpi } from '../shape/provider-numbers.ts'
import type { PriceFilesTable } from './pipeline-tables.ts'
import type { PriceTables } from './tables.ts'

export type PriceFile = Selectable<PriceFilesTable>
type Db = Database<PriceTables>
type Tx = DatabaseTransaction<PriceTables>

export interface Seen {
  readonly hospitalId: string
  /** What the directory says of it is other than before, or was not known. */
  readonly hospital: 'new' | 'changed' | 'same'
  readonly files: readonly { readonly file: PriceFile; readonly is: 'new' | 'changed' | 'same' }[]
  /** Files have left its list since `matchRenamed` was last asked: one that is new may follow one of them. */
  readonly hasDeparted: boolean
}

/**
 * Its own number where it has one: names collide, so a hospital without a number is known by its id in its directory.
 */
export function hospitalIdOf(directory: string, hospital: ListedHospital): string {
  if (hospital.ccn !== null && isCcn(hospital.ccn)) return `ccn:${hospital.ccn.toUpperCase()}`
  if (hospital.npi !== null && isNpi(hospital.npi)) return `npi:${hospital.npi}`
  return `${directory}:${hospital.externalId}`
}

/** One address is one file, whoever lists it. */
export function fileIdOf(url: string): string {
  return createHash('sha256').update(`file\0${url}`).digest('hex').slice(0, 24)
}

/** Records what a directory says of one hospital, all of it or nothing, and tells what is new. */
export function recordListing(
  db: Db,
  directory: string,
  listed: ListedHospital,
  now: number,
): Promise<Seen> {
  const hospitalId = hospitalIdOf(directory, listed)
  return db.transaction(async ({ query }) => {
    const hospital = await recordHospital(query, directory, hospitalId, listed, now)
    const files = []
    const returned: PriceFile[] = []
    for (const file of listed.files) {
      const recorded = await recordFile(query, file, now)
      files.push(recorded)
      const { numInsertedOrUpdatedRows: added } = await query
        .insertInto('hospital_files')
        .values({ hospital_id: hospitalId, file_id: fileIdOf(file.url), directory })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      if (added && recorded.is !== 'new') returned.push(recorded.file)
    }
    const hasDeparted = await unlist(query, directory, hospitalId, listed.files.map(({ url }) => url)) // prettier-ignore
    for (const file of returned) await partFromSuccessor(query, file, now)
    return { hospitalId, hospital, files, hasDeparted }
  })
}

/** A file that is named again beside the one that took its place begins a story of its own. */
async function partFromSuccessor(query: Tx['query'], file: PriceFile, now: number): Promise<void> {
  const successor = await query
    .selectFrom('price_files')
    .innerJoin('hospital_files', 'hospital_files.file_id', 'price_files.file_id')
    .select('price_files.file_id')
    .where('source', '=', file.source)
    .where('price_files.file_id', '!=', file.file_id)
    .executeTakeFirst()
  if (successor)
    await query
      .updateTable('price_files')
      .set({ source: `${file.url}#${now}`, state: 'listed' })
      .where('file_id', '=', file.file_id)
      .execute()
}

/** Forgets that a directory named files it no longer names. @returns whether there are such that nobody has followed yet */
async function unlist(
  query: Tx['query'],
  directory: string,
  hospitalId: string,
  urls: readonly string[],
): Promise<boolean> {
  const linked = await query
    .selectFrom('hospital_files')
    .select('file_id')
    .where('hospital_id', '=', hospitalId)
    .where('directory', '=', directory)
    .execute()
  const listed = new Set(urls.map(fileIdOf))
  const dropped = linked.map(({ file_id: id }) => id).filter((id) => !listed.has(id))
  for (const file_id of dropped) {
    await query
      .deleteFrom('hospital_files')
      .where('hospital_id', '=', hospitalId)
      .where('directory', '=', directory)
      .where('file_id', '=', file_id)
      .execute()
    await query
      .insertInto('departed_files')
      .values({ hospital_id: hospitalId, file_id, directory })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
  // A scan that died may have left some.
  const departed = await query
    .selectFrom('departed_files')
    .select('file_id')
    .where('hospital_id', '=', hospitalId)
    .where('directory', '=', directory)
    .limit(1)
    .executeTakeFirst()
  return departed !== undefined
}

/**
 * A directory that was gone through whole, without a problem, names none of the hospitals it has not named: neither are
 * their files current any more. Nothing is deleted, and all of it counts again when it is named again.
 */
export function unlistOthers(db: Db, directory: string, before: number): Promise<void> {
  return db.transaction(async ({ query }) => {
    const others = query
      .selectFrom('hospitals')
      .select('hospital_id')
      .where('directory', '=', directory)
      .where('seen_at', '<', before)
    await query
      .deleteFrom('hospital_files')
      .where('directory', '=', directory)
      .where('hospital_id', 'in', others)
      .execute()
  })
}

async function recordHospital(
  query: Tx['query'],
  directory: string,
  hospitalId: string,
  listed: ListedHospital,
  now: number,
): Promise<Seen['hospital']> {
  const { ccn, npi, name, address, city, state, zip, phone, website, beds } = listed
  const said = { ccn, npi, name, address, city, state, zip, phone, website, beds }
  const digest = createHash('sha256')
    .update(JSON.stringify(Object.values(said)))
    .digest('hex')
  const known = await query
    .selectFrom('hospitals')
    .select(['listed_digest', 'imported_at'])
    .where('hospital_id', '=', hospitalId)
    .executeTakeFirst()
  const facts = {
    ...said,
    directory,
    external_id: listed.externalId,
    listed_digest: digest,
    listed_latitude: listed.latitude,
    listed_longitude: listed.longitude,
    seen_at: now,
  }
  if (!known) {
    await query
      .insertInto('hospitals')
      .values({ ...facts, hospital_id: hospitalId, first_seen_at: now, changed_at: now })
      .execute()
    return 'new'
  }
  const isSame = known.listed_digest === digest
  await query
    .updateTable('hospitals')
    // Imported anew even if the scan dies before it asks for that: the next one sees that nobody has.
    .set(isSame ? { seen_at: now } : { ...facts, changed_at: now, imported_at: null })
    .where('hospital_id', '=', hospitalId)
    .execute()
  return isSame ? 'same' : 'changed'
}

async function recordFile(query: Tx['query'], listed: ListedFile, now: number) {
  const fileId = fileIdOf(listed.url)
  const known = await query
    .selectFrom('price_files')
    .selectAll()
    .where('file_id', '=', fileId)
    .executeTakeFirst()
  const facts = {
    name: (listed.name ?? listed.url).slice(0, 500),
    page_url: listed.pageUrl,
    listed_size: listed.size,
    listed_at: listed.retrieved,
    seen_at: now,
  }
  if (known) {
    const file = await query
      .updateTable('price_files')
      .set(facts)
      .where('file_id', '=', fileId)
      .returningAll()
      .executeTakeFirstOrThrow()
    const isSame = known.listed_size === listed.size && known.listed_at === listed.retrieved
    return { file, is: isSame ? ('same' as const) : ('changed' as const) }
  }
  const row: Insertable<PriceFilesTable> = {
    ...facts,
    file_id: fileId,
    url: listed.url,
    source: listed.url,
    host: new URL(listed.url).host,
    state: 'listed',
    first_seen_at: now,
  }
  const file = await query
    .insertInto('price_files')
    .values(row)
    .returningAll()
    .executeTakeFirstOrThrow()
  return { file, is: 'new' as const }
}

export async function findFile(db: Db, fileId: string): Promise<PriceFile | undefined> {
  return db.query
    .selectFrom('price_files')
    .selectAll()
    .where('file_id', '=', fileId)
    .executeTakeFirst()
}

/** The server says that nothing has changed. */
export async function markChecked(db: Db, fileIds: readonly string[], now: number): Promise<void> {
  if (fileIds.length === 0) return
  await db.query
    .updateTable('price_files')
    .set({ checked_at: now })
    .where('file_id', 'in', fileIds)
    .execute()
}

/** What may become of a file. */
export type FileFacts = Partial<Omit<PriceFile, 'file_id' | 'url'>>

export async function recordFileState(db: Db, fileId: string, facts: FileFacts): Promise<void> {
  await db.query.updateTable('price_files').set(facts).where('file_id', '=', fileId).execute()
}
