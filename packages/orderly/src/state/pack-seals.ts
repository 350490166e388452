// The columns in which packs keep sealed values, so that keys can be changed under them too.
import { sql } from 'kysely'
import type { MigrationStep } from '../database/migrate.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { SealedPlace } from '../vault/vault.ts'
import { sealsIn, type StoredSeal } from './stored-seal.ts'
import type { StateDatabase } from './tables.ts'

/** A column of a pack's table that holds envelopes. `key` is the table's own key, one column of text. */
export interface SealedColumn {
  readonly table: string
  readonly key: string
  readonly column: string
}

export const PACK_SEAL_STEPS: readonly MigrationStep[] = [
  {
    name: '0001-sealed-columns',
    async up(db) {
      await db.schema
        .createTable('orderly_pack_seals')
        .addColumn('pack', 'text', (column) => column.notNull())
        .addColumn('table_name', 'text', (column) => column.notNull())
        .addColumn('key_column', 'text', (column) => column.notNull())
        .addColumn('column_name', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('orderly_pack_seals_key', ['table_name', 'column_name'])
        .execute()
    },
  },
]

const NAME = /^[a-z][a-z0-9_]{0,62}$/

/** Where a value of a pack is sealed: it opens in this row and column only. */
export function packPlace(
  pack: string,
  { table, column }: Pick<SealedColumn, 'table' | 'column'>,
  row: string,
): SealedPlace {
  return { queue: `#pack/${pack}`, slot: 'state', anchor: `${table}/${row}`, seq: 0, of: column }
}

/**
 * Notes where a pack keeps sealed values.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`
 */
export async function keepColumns(
  database: StateDatabase,
  pack: string,
  columns: readonly SealedColumn[],
): Promise<void> {
  for (const { table, key, column } of columns) {
    if (![table, key, column].every((name) => NAME.test(name)))
      throw new OrderlyError(
        'ORDERLY_DEFINITION_INVALID',
        `pack "${pack}": tables and columns that hold sealed values are named by small letters, digits and "_"`,
      )
    await sql`insert into orderly_pack_seals (pack, table_name, key_column, column_name)
      values (${pack}, ${table}, ${key}, ${column}) on conflict do nothing`.execute(database.query)
  }
}

interface Kept {
  readonly pack: string
  readonly table_name: string
  readonly key_column: string
  readonly column_name: string
}

export async function* readPackSeals(database: StateDatabase): AsyncGenerator<StoredSeal> {
  const { rows } = await sql<Kept>`select * from orderly_pack_seals
    order by table_name, column_name`.execute(database.query)
  for (const { pack, table_name: table, key_column: key, column_name: column } of rows)
    yield* sealsIn<Record<string, string>>(database, {
      table,
      key: [key],
      column,
      at: (row) => ({ place: packPlace(pack, { table, column }, row[key]!), job: row[key]! }),
    })
}
