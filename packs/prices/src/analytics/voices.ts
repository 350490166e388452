// Whose prices a file tells, and where they are: a hospital speaks in every market it is in, with all its files.
import { sql } from 'kysely'
import type { Database } from 'orderly'
import type { PriceTables } from '../store/tables.ts'

type Db = Database<PriceTables>

/** The whole country. */
export const EVERYWHERE = 'us'

/** A market as people write it: `us`, a state in either case, a county by its FIPS number. */
export function marketOf(text: string): string {
  const market = text.trim().toUpperCase()
  return market === EVERYWHERE.toUpperCase() ? EVERYWHERE : market
}

export interface Voice {
  /** Of a hospital, or `source:` and the number of a source that no directory names. */
  readonly id: string
  /** A state, a county by its FIPS number. */
  readonly markets: readonly string[]
}

export interface Place {
  readonly voices: readonly Voice[]
  /** What `sources.placed` keeps, so that a change shows. */
  readonly text: string
}

/** Every source, with the hospitals that name it now. */
export async function placesOf(db: Db): Promise<ReadonlyMap<number, Place>> {
  const { rows } = await sql<{
    source_id: number
    hospital_id: string | null
    state: string | null
    county_fips: string | null
  }>`
    select distinct s.source_id, h.hospital_id, h.state, h.county_fips
    from sources s
    left join price_files f on f.source = s.name
    left join hospital_files hf on hf.file_id = f.file_id
    left join hospitals h on h.hospital_id = hf.hospital_id
    order by s.source_id, h.hospital_id`.execute(db.query)
  const voices = new Map<number, Voice[]>()
  for (const { source_id, hospital_id, state, county_fips } of rows) {
    const known = voices.get(source_id) ?? []
    voices.set(source_id, known)
    if (hospital_id === null) continue
    const markets = [state, county_fips].filter((market) => market !== null)
    known.push({ id: hospital_id, markets })
  }
  return new Map(
    [...voices].map(([source, known]) => [
      source,
      {
        voices: known.length > 0 ? known : [{ id: `source:${source}`, markets: [] }],
        text: known.map(({ id, markets }) => [id, ...markets].join(' ')).join('|'),
      },
    ]),
  )
}

/** Sources that have statistics, or should have, of other hospitals or other places than theirs. */
export async function misplaced(db: Db, hospitalId?: string): Promise<readonly number[]> {
  const places = await placesOf(db)
  const { rows } = await sql<{ source_id: number; placed: string | null }>`
    select s.source_id, s.placed from sources s
    where (s.placed is not null
        or exists (select 1 from versions v where v.source_id = s.source_id and v.shown_by is not null))
      and ${
        hospitalId === undefined
          ? sql`1 = 1`
          : sql`s.name in (select f.source from price_files f
        join hospital_files hf on hf.file_id = f.file_id where hf.hospital_id = ${hospitalId})`
      }`.execute(db.query)
  return rows
    .filter(({ source_id, placed }) => places.get(source_id)?.text !== placed)
    .map(({ source_id }) => source_id)
}

/** Notes the place that the statistics of a source now know. */
export async function notePlace(db: Db, source: number, { text }: Place): Promise<void> {
  await db.query
    .updateTable('sources')
    .set({ placed: text })
    .where('source_id', '=', source)
    .execute()
}
