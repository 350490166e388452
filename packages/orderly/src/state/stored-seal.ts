// Sealed values beside the record, and how another envelope is put in the place of one.
import { sql, type RawBuilder } from 'kysely'
import type { SealedPlace } from '../vault/vault.ts'
import type { StateDatabase } from './tables.ts'

/** How many rows are read at a time. */
const AT_ONCE = 200

export interface StoredSeal {
  readonly envelope: string
  readonly place: SealedPlace
  /** The job it belongs to. */
  readonly job: string
  /** Puts another envelope in its place, unless it has changed since it was read. @returns whether it did */
  write(envelope: string): Promise<boolean>
}

/** A column of a table that holds envelopes. */
export interface SealsIn<Row> {
  readonly table: string
  /** The columns that tell one row from the others. */
  readonly key: readonly (keyof Row & string)[]
  readonly column: string
  /** Columns besides the key that say where a value is sealed. */
  readonly also?: readonly (keyof Row & string)[]
  at(row: Row): Pick<StoredSeal, 'place' | 'job'>
}

/** Every value there is in a column, in the order of its rows' keys. */
export async function* sealsIn<Row>(
  { query }: StateDatabase,
  { table, key, column, also = [], at }: SealsIn<Row>,
): AsyncGenerator<StoredSeal> {
  const [from, holder, keys] = [sql.table(table), sql.ref(column), columns(key)]
  const valuesOf = (row: Row): RawBuilder<unknown> => sql.join(key.map((name) => row[name]))
  let last: Row | undefined
  do {
    const beyond = last === undefined ? sql`` : sql`and (${keys}) > (${valuesOf(last)})`
    const { rows } = await sql<Row & { envelope: string }>`
      select ${columns([...key, ...also])}, ${holder} as envelope from ${from}
      where ${holder} is not null ${beyond} order by ${keys} limit ${AT_ONCE}`.execute(query)
    for (const row of rows)
      yield {
        ...at(row),
        envelope: row.envelope,
        write: async (envelope) => {
          const done = await sql`update ${from} set ${holder} = ${envelope}
            where (${keys}) = (${valuesOf(row)}) and ${holder} = ${row.envelope}`.execute(query)
          return (done.numAffectedRows ?? 0n) > 0n
        },
      }
    last = rows.length === AT_ONCE ? rows.at(-1) : undefined
  } while (last !== undefined)
}

function columns(names: readonly string[]): RawBuilder<unknown> {
  return sql.join(names.map((name) => sql.ref(name)))
}
