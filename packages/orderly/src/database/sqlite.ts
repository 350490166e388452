// The database in a SQLite file.
import { chmodSync } from 'node:fs'
import { dirname } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import {
  CompiledQuery,
  Kysely,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type DialectAdapter,
  type Driver,
  type QueryResult,
  type SqliteDatabase,
  type SqliteDialectConfig,
} from 'kysely'
import { OrderlyError } from '../primitives/errors.ts'
import { systemClock } from '../primitives/clock.ts'
import { makeFolder } from '../primitives/folder.ts'
import { fileOf } from '../primitives/store-url.ts'
import { insertion } from './insertion.ts'
import type { Bindable, Database } from './open.ts'

const LOCK_WAIT_MS = 5_000
const LONGEST_PAUSE_MS = 20
const MOST_ROWS = 32
const WAL_LIMIT_BYTES = 64 * 1024 * 1024
const CACHE_KIB = 16 * 1024
/** Statements kept ready; the texts of a running instance are a few hundred. */
const MOST_STATEMENTS = 500

export function openSqlite(url: string): Database {
  const file = fileOf(url, 'databaseUrl (ORDERLY_DATABASE_URL)', 'orderly.db')
  const connection = connect(file)
  const query = new Kysely<unknown>({
    dialect: new ImmediateDialect({ database: remembering(connection) }),
  })
  return database(connection, query, file)
}

function database<Tables>(
  connection: BetterSqlite3.Database,
  query: Kysely<Tables>,
  file: string,
): Database<Tables> {
  const prepared = new Map<string, BetterSqlite3.Statement>()
  const prepare = (sql: string): BetterSqlite3.Statement => {
    let statement = prepared.get(sql)
    if (!statement) prepared.set(sql, (statement = connection.prepare(sql)))
    return statement
  }
  const many = async (sql: string, rows: Iterable<readonly Bindable[]>): Promise<number[]> => {
    const statement = prepare(sql)
    const changes: number[] = []
    for (const row of rows) changes.push(statement.run(row).changes)
    return changes
  }
  const insertAll = async (
    insert: string,
    rows: readonly (readonly Bindable[])[],
    conflict: string,
  ): Promise<number> => {
    let inserted = 0
    for (let at = 0; at < rows.length;) {
      // Powers of two, so that a handful of statements serves every number of rows.
      const count = Math.min(MOST_ROWS, 2 ** Math.floor(Math.log2(rows.length - at)))
      const key = `${count} ${insert}`
      let statement = prepared.get(key)
      if (!statement) {
        statement = connection.prepare(insertion(insert, rows[at]!.length, count, conflict))
        prepared.set(key, statement)
      }
      inserted += statement.run(rows.slice(at, at + count).flat()).changes
      at += count
    }
    return inserted
  }
  const all = async <Row>(sql: string, values: readonly Bindable[]): Promise<Row[]> =>
    prepare(sql).all(values) as Row[]
  return {
    dialect: 'sqlite',
    query,
    place: file,
    // Kysely holds the only connection for the whole callback, so `many`, `insertAll` and `all` run inside this transaction.
    transaction: (work, commit = 'flushed') =>
      query.connection().execute(async (held) => {
        // It cannot be changed within a transaction, so it is changed around one.
        if (commit === 'written') connection.exec('PRAGMA synchronous = NORMAL')
        try {
          return await held.transaction().execute((tx) => work({ query: tx, many, insertAll, all }))
        } finally {
          if (commit === 'written') connection.exec('PRAGMA synchronous = FULL')
        }
      }),
    // A reader in another process may keep it from being done now; then the next one does it.
    scrub: async () =>
      void (await query.executeQuery(CompiledQuery.raw('pragma wal_checkpoint(TRUNCATE)'))),
    withTables: <Other>() => database(connection, query as unknown as Kysely<Other>, file),
    close: () => query.destroy(),
  }
}

/** Prepares each text once: SQLite takes longer to prepare a small statement than to run it. */
function remembering(connection: BetterSqlite3.Database): SqliteDatabase {
  const ready = new Map<string, BetterSqlite3.Statement>()
  return {
    close: () => connection.close(),
    prepare(text) {
      const known = ready.get(text)
      // One whose rows are still being read must not be begun again.
      if (known && !known.busy) return known
      const statement = connection.prepare(text)
      if (ready.size >= MOST_STATEMENTS) ready.delete(ready.keys().next().value!)
      ready.set(text, statement)
      return statement
    },
  }
}

function connect(file: string): BetterSqlite3.Database {
  try {
    makeFolder(dirname(file))
    return whileLocked(() => connectOnce(file))
  } catch (cause) {
    throw new OrderlyError(
      'ORDERLY_DATABASE_UNAVAILABLE',
      `the database file ${file} cannot be opened; check that it is a SQLite database and that its folder is writable and has free space`,
      { cause },
    )
  }
}

// Where two processes turn to the write-ahead log in one moment, SQLite does not wait for its timeout but refuses.
function whileLocked<T>(open: () => T): T {
  const deadline = systemClock.elapsed() + LOCK_WAIT_MS
  const nothing = new Int32Array(new SharedArrayBuffer(4))
  for (let tries = 1; ; tries++) {
    try {
      return open()
    } catch (error) {
      if (!isLocked(error) || systemClock.elapsed() > deadline) throw error
      // Each process waits for another while, so that they do not meet again.
      Atomics.wait(nothing, 0, 0, 1 + ((process.pid * tries) % LONGEST_PAUSE_MS))
    }
  }
}

function isLocked(error: unknown): boolean {
  return String((error as { code?: string }).code).startsWith('SQLITE_BUSY')
}

function connectOnce(file: string): BetterSqlite3.Database {
  const connection = new BetterSqlite3(file, { timeout: LOCK_WAIT_MS })
  try {
    chmodSync(file, 0o600)
    connection.pragma('journal_mode = WAL')
    // The build's own default (NORMAL) may lose the last commits when power fails.
    connection.pragma('synchronous = FULL')
    connection.pragma('foreign_keys = ON')
    connection.pragma('trusted_schema = OFF')
    // What was deleted is overwritten, free pages included: `FAST` would leave large values in those.
    connection.pragma('secure_delete = ON')
    connection.pragma(`cache_size = -${CACHE_KIB}`)
    // Checkpoints sync, so they come in larger steps than SQLite's own 1,000 pages.
    connection.pragma('wal_autocheckpoint = 4000')
    connection.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`)
    // From here on it is the driver that waits for a lock, see below.
    connection.pragma('busy_timeout = 0')
    return connection
  } catch (error) {
    connection.close()
    throw error
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

  override createAdapter(): DialectAdapter {
    return new TransactionalAdapter()
  }
}

/**
 * A transaction that reads before it writes fails at once when another process has written in between, unless it
 * takes the write lock at its start.
 *
 * Whoever waits for that lock lets the event loop go on: it may be held by a transaction of this very process, which
 * could not end while SQLite waited by itself.
 */
class ImmediateDriver extends SqliteDriver {
  override async acquireConnection(): Promise<DatabaseConnection> {
    return new WaitingConnection(await super.acquireConnection())
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }
}

/** A connection that tries again while another one has the lock. */
class WaitingConnection implements DatabaseConnection {
  readonly #inner: DatabaseConnection

  constructor(inner: DatabaseConnection) {
    this.#inner = inner
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const until = systemClock.elapsed() + LOCK_WAIT_MS
    for (let pause = 1; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        return await this.#inner.executeQuery<Row>(query)
      } catch (error) {
        if (!isLocked(error) || systemClock.elapsed() > until) throw error
      }
      await systemClock.sleep(pause)
    }
  }

  streamQuery<Row>(query: CompiledQuery, size?: number): AsyncIterableIterator<QueryResult<Row>> {
    return this.#inner.streamQuery<Row>(query, size)
  }
}

/**
 * SQLite takes a change of tables back with its transaction, whatever Kysely says; and since that transaction holds
 * the write lock, one process migrates while the others wait.
 */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}
