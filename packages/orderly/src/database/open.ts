// Opens the database of an instance, a SQLite file or a PostgreSQL server, behind one interface.
import type { Kysely, Transaction } from 'kysely'
import { OrderlyError } from '../primitives/errors.ts'
import { openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'

/** A value both dialects can bind. Booleans and dates have no column type of their own in SQLite. */
export type Bindable = string | number | bigint | Uint8Array | null

export type Commit = 'flushed' | 'written'

export type Dialect = 'sqlite' | 'postgres'

/** An open transaction: Kysely for single statements, `many` for one statement over many rows. */
export interface DatabaseTransaction<Tables> {
  readonly query: Transaction<Tables>
  /**
   * Runs `sql` once for each row of `rows`, prepared once, with `?` bound in order.
   * Kysely builds and prepares anew for every call, which a bulk load feels.
   *
   * @returns how many rows of the database each of them changed
   */
  many(sql: string, rows: Iterable<readonly Bindable[]>): Promise<number[]>
  /**
   * Inserts many rows with few statements: `insert`, which ends before `values`, the rows, and then `conflict`.
   *
   * No two of the rows may have the same key where `conflict` updates.
   *
   * @returns how many rows were inserted, or updated, in all
   */
  insertAll(
    insert: string,
    rows: readonly (readonly Bindable[])[],
    conflict: `on conflict ${string}`,
  ): Promise<number>
  /** The rows that `sql` selects, prepared once, with `?` bound in order. */
  all<Row>(sql: string, values: readonly Bindable[]): Promise<Row[]>
}

export interface Database<Tables = unknown> {
  readonly dialect: Dialect
  readonly query: Kysely<Tables>
  /** Where the data is, without a password: the path of a file, or a URL. */
  readonly place: string
  /**
   * Runs `work` in one transaction: all of it happens, or none.
   *
   * @param commit `flushed` (the default): it is on the disk when this resolves. `written`: it survives the death of
   *   this process and may be lost when power fails; for what another store has on its disk. SQLite only.
   */
  transaction<T>(work: (tx: DatabaseTransaction<Tables>) => Promise<T>, commit?: Commit): Promise<T>
  /** Takes what was deleted out of the log of changes too, where the dialect has one that others can read. */
  scrub(): Promise<void>
  /** The same database seen with other tables, such as those of a pack. */
  withTables<Other>(): Database<Other>
  close(): Promise<void>
}

/**
 * Opens the database at `url`: `sqlite:path/to/file.db`, made if need be, or `postgres://…`.
 *
 * @throws OrderlyError `ORDERLY_SETTING_INVALID` for a URL of another kind, `ORDERLY_DATABASE_UNAVAILABLE` when
 *   the file cannot be opened
 */
export function openDatabase(url: string): Database {
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgres(url)
  if (url.startsWith('sqlite:')) return openSqlite(url)
  throw new OrderlyError(
    'ORDERLY_SETTING_INVALID',
    'databaseUrl (ORDERLY_DATABASE_URL) must begin with "sqlite:" and name a file, such as sqlite:.orderly/orderly.db, or with "postgres://"',
  )
}
