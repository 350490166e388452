// The database on a PostgreSQL server.
import { CompiledQuery, Kysely, PostgresDialect, type Transaction } from 'kysely'
import type pg from 'pg'
import { insertion } from './insertion.ts'
import type { Bindable, Database } from './open.ts'

const MOST_CONNECTIONS = 10
const CONNECT_WITHIN_MS = 5_000
/** A statement can have 65,535 values. */
const MOST_ROWS = 500

export function openPostgres(url: string): Database {
  const query = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: () => openPool(url) }) })
  return database(query, withoutPassword(url))
}

async function openPool(connectionString: string): Promise<pg.Pool> {
  const { default: pg } = await import('pg')
  // Times and counts are bigint columns and fit a number; pg would hand them over as text.
  const types = new pg.TypeOverrides()
  types.setTypeParser(pg.types.builtins.INT8, Number)
  const pool = new pg.Pool({
    connectionString,
    max: MOST_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    application_name: 'orderly',
    types,
  })
  // A connection that breaks while nobody uses it must not end the process; its next user is told.
  pool.on('error', () => undefined)
  return pool
}

function database<Tables>(query: Kysely<Tables>, place: string): Database<Tables> {
  return {
    dialect: 'postgres',
    query,
    place,
    transaction: (work) =>
      query.transaction().execute((tx) =>
        work({
          query: tx,
          many: (sql, rows) => many(tx, sql, rows),
          insertAll: (insert, rows, conflict) => insertAll(tx, insert, rows, conflict),
          all: <Row>(sql: string, values: readonly Bindable[]) => all<Tables, Row>(tx, sql, values),
        }),
      ),
    // What was deleted goes when the server vacuums, which is the server's own business.
    scrub: async () => undefined,
    withTables: <Other>() => database(query as unknown as Kysely<Other>, place),
    close: () => query.destroy(),
  }
}

async function many<Tables>(
  tx: Transaction<Tables>,
  sql: string,
  rows: Iterable<readonly Bindable[]>,
): Promise<number[]> {
  const text = numbered(sql)
  const changes: number[] = []
  for (const row of rows) {
    const done = await tx.executeQuery(CompiledQuery.raw(text, [...row]))
    changes.push(Number(done.numAffectedRows ?? 0n))
  }
  return changes
}

async function insertAll<Tables>(
  tx: Transaction<Tables>,
  insert: string,
  rows: readonly (readonly Bindable[])[],
  conflict: string,
): Promise<number> {
  let inserted = 0
  for (let at = 0; at < rows.length; at += MOST_ROWS) {
    const some = rows.slice(at, at + MOST_ROWS)
    const text = numbered(insertion(insert, some[0]!.length, some.length, conflict))
    const done = await tx.executeQuery(CompiledQuery.raw(text, some.flat()))
    inserted += Number(done.numAffectedRows ?? 0n)
  }
  return inserted
}

async function all<Tables, Row>(
  tx: Transaction<Tables>,
  sql: string,
  values: readonly Bindable[],
): Promise<Row[]> {
  const found = await tx.executeQuery(CompiledQuery.raw(numbered(sql), [...values]))
  return found.rows as Row[]
}

/** SQLite's `?` as PostgreSQL's `$1`, `$2` … */
function numbered(sql: string): string {
  let count = 0
  return sql.replaceAll('?', () => `$${++count}`)
}

function withoutPassword(url: string): string {
  const place = new URL(url)
  place.password = ''
  place.search = ''
  return place.toString()
}
