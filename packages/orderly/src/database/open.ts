// Opens the database of an instance: today a SQLite file, through Kysely.
import { chmodSync } from 'node:fs'
import { dirname } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import {
  CompiledQuery,
  Kysely,
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type Driver,
  type SqliteDialectConfig,
  type Transaction,
} from 'kysely'
import { OrderlyError } from '../primitives/errors.ts'
import { makeFolder } from '../primitives/folder.ts'
import { fileOf } from '../primitives/store-url.ts'

/** A value SQLite can bind. Booleans and dates have no column type of their own there. */
export type Bindable = string | number | bigint | Uint8Array | null

/** An open transaction: Kysely for single statements, `many` for one statement over many rows. */
export interface DatabaseTransaction<Tables> {
  readonly query: Transaction<Tables>
  /**
   * Runs `sql` once for each row of `rows`, prepared once, with `?` bound in order.
   * Kysely builds and prepares anew for every call, which a bulk load feels.
   *
   * @returns how many rows of the database changed
   */
  many(sql: string, rows: Iterable<readonly Bindable[]>): number
}

export interface Database<Tables = unknown> {
  readonly query: Kysely<Tables>
  /** The path of the file that holds the data. */
  readonly file: string
  /** Runs `work` in one transaction: all of it happens, or none. */
  transaction<T>(work: (tx: DatabaseTransaction<Tables>) => Promise<T>): Promise<T>
  /** The same database seen with other tables, such as those of a pack. */
  withTables<Other>(): Database<Other>
  close(): Promise<void>
}

const LOCK_WAIT_MS = 5_000
const WAL_LIMIT_BYTES = 64 * 1024 * 1024
const CACHE_KIB = 16 * 1024

/**
 * Opens, and creates if need be, the database at `url` (`sqlite:path/to/file.db`).
 *
 * @throws OrderlyError `ORDERLY_SETTING_INVALID` for a URL of another kind, `ORDERLY_DATABASE_UNAVAILABLE` when
 *   the file cannot be opened
 */
export function openDatabase(url: string): Database {
  const file = fileOf(url, 'databaseUrl (ORDERLY_DATABASE_URL)', 'orderly.db')
  const connection = connect(file)
  const query = new Kysely<unknown>({ dialect: new ImmediateDialect({ database: connection }) })
  return database(connection, query, file)
}

function database<Tables>(
  connection: BetterSqlite3.Database,
  query: Kysely<Tables>,
  file: string,
): Database<Tables> {
  const bulk = new Map<string, BetterSqlite3.Statement>()
  const many = (sql: string, rows: Iterable<readonly Bindable[]>): number => {
    let statement = bulk.get(sql)
    if (!statement) bulk.set(sql, (statement = connection.prepare(sql)))
    let changes = 0
    for (const row of rows) changes += statement.run(row).changes
    return changes
  }
  return {
    query,
    file,
    // Kysely holds the only connection for the whole callback, so `many` runs inside this transaction.
    transaction: (work) => query.transaction().execute((tx) => work({ query: tx, many })),
    withTables: <Other>() => database(connection, query as unknown as Kysely<Other>, file),
    close: () => query.destroy(),
  }
}

function connect(file: string): BetterSqlite3.Database {
  try {
    makeFolder(dirname(file))
    const connection = new BetterSqlite3(file, { timeout: LOCK_WAIT_MS })
    chmodSync(file, 0o600)
    connection.pragma('journal_mode = WAL')
    // The build's own default (NORMAL) may lose the last commits when power fails.
    connection.pragma('synchronous = FULL')
    connection.pragma('foreign_keys = ON')
    connection.pragma('trusted_schema = OFF')
    connection.pragma(`cache_size = -${CACHE_KIB}`)
    connection.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`)
    return connection
  } catch (cause) {
    throw new OrderlyError(
      'ORDERLY_DATABASE_UNAVAILABLE',
      `the database file ${file} cannot be opened; check that it is a SQLite database and that its folder is writable and has free space`,
      { cause },
    )
  }
}

class ImmediateDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig

  constructor(config: SqliteDialectConfig) {
    super(config)
    this.#config = config
  }

  override createDriver(): Driver {
    return new ImmediateDriver(this.#config)
  }
}

/**
 * A transaction that reads before it writes fails at once when another process has written in between, unless it
 * takes the write lock at its start.
 */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }
}
