// Which release each working process was started with, and the step that makes the table of them.
import type { MigrationStep } from '../database/migrate.ts'

/** One start of a process that works on jobs. */
export interface StartRow {
  /** The name its workers put on the jobs they run. */
  worker: string
  host: string
  release: string
  at: number
}

export interface StartTables {
  orderly_starts: StartRow
}

export const START_STEP: MigrationStep = {
  name: '0020-starts',
  async up(db) {
    await db.schema
      .createTable('orderly_starts')
      .addColumn('worker', 'text', (column) => column.primaryKey().notNull())
      .addColumn('host', 'text', (column) => column.notNull())
      .addColumn('release', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createIndex('orderly_starts_by_time')
      .on('orderly_starts')
      .columns(['at', 'worker'])
      .execute()
  },
}
