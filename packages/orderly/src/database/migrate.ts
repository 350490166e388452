// Brings a set of tables up to date. Migrations only go forward; each owner of tables has its own series.
import { Migrator, type Kysely, type Migration } from 'kysely'
import { OrderlyError } from '../primitives/errors.ts'
import { newerTables } from './check-migrations.ts'
import type { Database, Dialect } from './open.ts'
import { unreachable } from './reach.ts'

/** One step forward, named `0001-what-it-does`; once released it never changes. */
export interface MigrationStep {
  readonly name: string
  up(db: Kysely<any>, dialect: Dialect): Promise<void>
}

/**
 * Runs, one process at a time and in one transaction, the steps of `owner` that have not run yet.
 *
 * @param owner letters and underscores: names the bookkeeping tables
 * @throws OrderlyError `ORDERLY_MIGRATION_FAILED` naming the step, `ORDERLY_DATABASE_UNAVAILABLE`
 */
export async function migrate(
  database: Database<any>,
  owner: string,
  steps: readonly MigrationStep[],
): Promise<void> {
  const migrations: Record<string, Migration> = {}
  for (const step of steps) migrations[step.name] = { up: (db) => step.up(db, database.dialect) }
  const migrator = new Migrator({
    db: database.query,
    provider: { getMigrations: () => Promise.resolve(migrations) },
    migrationTableName: `${owner}_migrations`,
    migrationLockTableName: `${owner}_migration_lock`,
  })
  const { error, results } = await migrator.migrateToLatest()
  if (error === undefined) return
  const failed = results?.find((result) => result.status === 'Error')?.migrationName
  if (failed === undefined) throw notBegun(database, owner, error)
  throw new OrderlyError(
    'ORDERLY_MIGRATION_FAILED',
    `migration ${failed} of ${owner} failed and was rolled back; the cause is attached`,
    { cause: error },
  )
}

/** What kept the first step from being begun: Kysely finds steps that it does not know, or the server did not let us. */
function notBegun(database: Database<any>, owner: string, cause: unknown): OrderlyError {
  if (cause instanceof OrderlyError) return cause
  const { code, message = '' } = cause as { code?: unknown; message?: string }
  if (message.startsWith('corrupted migrations')) return newerTables(owner, cause)
  // The server was reached, and does not let this user make tables.
  if (database.dialect === 'sqlite' || code === '42501')
    return new OrderlyError(
      'ORDERLY_MIGRATION_FAILED',
      `the tables of ${owner} cannot be made or brought up to date (${message}); check the rights there`,
      { cause },
    )
  return unreachable(database, cause)
}
