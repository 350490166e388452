// Which new file takes the place of which that no listing names any more, so that its history goes on.
import type { Database, DatabaseTransaction } from 'orderly'
import type { PriceFile } from './hospitals.ts'
import type { PriceTables } from './tables.ts'

type Db = Database<PriceTables>
type Tx = DatabaseTransaction<PriceTables>

interface At {
  readonly file: PriceFile
  /** That listed it, or list it now. */
  readonly hospitals: Set<string>
}

/**
 * Goes through what a directory has ceased to name since this was last asked, and gives new files the sources of those
 * they are certain to follow: the same name but for dates and versions, else the same EIN or NPI in the name, else the only
 * one there is. Each must hold both ways, among the files of the hospitals concerned.
 *
 * @returns sentences on hospitals whose files cannot be told apart so
 */
export function matchRenamed(db: Db, directory: string): Promise<readonly string[]> {
  return db.transaction(async ({ query }) => {
    const departures = await query
      .selectFrom('departed_files as d')
      .innerJoin('price_files as f', 'f.file_id', 'd.file_id')
      .selectAll('f')
      .select('d.hospital_id')
      .where('d.directory', '=', directory)
      .where(({ not, exists, selectFrom, ref }) =>
        not(exists(selectFrom('hospital_files as h').innerJoin('price_files as o', 'o.file_id', 'h.file_id').select('h.file_id').where('o.source', '=', ref('f.source')))),
      )
      .orderBy('f.file_id')
      .execute() // prettier-ignore
    await query.deleteFrom('departed_files').where('directory', '=', directory).execute()
    const gone = gather(departures)
    if (gone.length === 0) return []
    const arrivals = await query
      .selectFrom('hospital_files as h')
      .innerJoin('price_files as f', 'f.file_id', 'h.file_id')
      .selectAll('f')
      .select('h.hospital_id')
      .where('h.hospital_id', 'in', [...new Set(departures.map((each) => each.hospital_id))])
      .where('f.object_key', 'is', null)
      .whereRef('f.source', '=', 'f.url')
      .orderBy('f.file_id')
      .execute()
    const left = { gone: new Set(gone), arrived: new Set(gather(arrivals)) }
    for (const keyOf of [stemOf, numberIn, () => ''])
      for (const { from, to } of pairs(left, keyOf)) {
        await follow(query, to.file, from.file.source)
        left.gone.delete(from)
        left.arrived.delete(to)
      }
    return unsureOf(query, left)
  })
}

/** A file that comes for the first time and is, to the byte, the one and only that nobody names any more, follows it. */
export function followEqual(db: Db, file: PriceFile, sha256: string): Promise<string> {
  return db.transaction(async ({ query }) => {
    if (file.object_key !== null || file.source !== file.url) return file.source
    const equals = await query
      .selectFrom('price_files as f')
      .select('f.source')
      .distinct()
      .where('f.bytes_digest', '=', sha256)
      .where(({ not, exists, selectFrom, ref }) =>
        not(exists(selectFrom('hospital_files as h').innerJoin('price_files as o', 'o.file_id', 'h.file_id').select('h.file_id').where('o.source', '=', ref('f.source')))),
      )
      .limit(2)
      .execute() // prettier-ignore
    if (equals.length !== 1) return file.source
    await follow(query, file, equals[0]!.source)
    return equals[0]!.source
  })
}

async function follow(query: Tx['query'], file: PriceFile, source: string): Promise<void> {
  await query
    .updateTable('price_files')
    .set({ source })
    .where('file_id', '=', file.file_id)
    .execute()
}

function gather(rows: readonly (PriceFile & { readonly hospital_id: string })[]): At[] {
  const files = new Map<string, At>()
  for (const { hospital_id: hospital, ...file } of rows) {
    const known = files.get(file.file_id) ?? { file, hospitals: new Set() }
    files.set(file.file_id, known)
    known.hospitals.add(hospital)
  }
  return [...files.values()]
}

/** Those of equal keys that share a hospital and have no other to choose from, on either side. */
function pairs(
  { gone, arrived }: { gone: ReadonlySet<At>; arrived: ReadonlySet<At> },
  keyOf: (file: PriceFile) => string | null,
): { from: At; to: At }[] {
  const mates = (at: At, others: ReadonlySet<At>): At[] => {
    const key = keyOf(at.file)
    if (key === null) return []
    return [...others].filter(
      (other) =>
        keyOf(other.file) === key && [...other.hospitals].some((id) => at.hospitals.has(id)),
    )
  }
  return [...gone].flatMap((from) => {
    const [to, ...more] = mates(from, arrived)
    return to && more.length === 0 && mates(to, gone).length === 1 ? [{ from, to }] : []
  })
}

function lastPart({ url }: PriceFile): string {
  const last = new URL(url).pathname.split('/').findLast(Boolean) ?? ''
  try {
    return decodeURIComponent(last).toLowerCase()
  } catch {
    return last.toLowerCase()
  }
}

const MONTH = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*'
/** What changes from one year's name to the next: days, months, quarters, years, versions. */
const DATED = new RegExp(
  `(?<![a-z0-9])(?:${MONTH}|q[1-4]|v\\d+|(?:19|20)\\d\\d(?:[01]\\d(?:[0-3]\\d)?)?|[01]?\\d[-_.][0-3]?\\d[-_.](?:19|20)?\\d\\d|\\d{1,2})(?![a-z0-9])`,
  'g',
)

/** The name of a file without its dates, versions and suffix; null when nothing else is in it. */
function stemOf(file: PriceFile): string | null {
  const stem = lastPart(file)
    .replace(/(?:\.(?:csv|json|txt|xml|xlsx?|xlsm|zip|gz))+$/, '')
    .replace(DATED, ' ')
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()
  return /[a-z]/.test(stem) ? stem : null
}

/** The numbers CMS has a file's name begin with: EIN, and NPI where there are several hospitals of one EIN. */
function numberIn(file: PriceFile): string | null {
  const found = /^(\d{2}-?\d{7})(?:-(\d{10}))?_/.exec(lastPart(file))
  return found ? `${found[1]!.replace('-', '')} ${found[2] ?? ''}` : null
}

async function unsureOf(
  query: Tx['query'],
  { gone, arrived }: { gone: ReadonlySet<At>; arrived: ReadonlySet<At> },
): Promise<string[]> {
  const sentences: string[] = []
  for (const id of new Set([...gone].flatMap(({ hospitals }) => [...hospitals]))) {
    const count = (files: ReadonlySet<At>): number =>
      [...files].filter(({ hospitals }) => hospitals.has(id)).length
    if (count(arrived) === 0) continue
    const { name } = await query
      .selectFrom('hospitals')
      .select('name')
      .where('hospital_id', '=', id)
      .executeTakeFirstOrThrow()
    sentences.push(
      `${name}: which of ${count(arrived)} new files follow which of ${count(gone)} that are no longer listed cannot be told by their names; those that do not equal one begin a history of their own.`,
    )
  }
  return sentences
}
