// What people have signed off, and the step that makes the table of it.
import type { MigrationStep } from '../database/migrate.ts'

export interface SignoffRow {
  id: string
  /** For which of the four it speaks. */
  kind: 'technical' | 'security' | 'compliance' | 'qa'
  /** The type of evidence; all of them where it is null. */
  type: string | null
  /** Milliseconds since 1970 UTC; the end is not part of the period. */
  from_at: number
  to_at: number
  runs: number
  /** SHA-256 over the evidence of the period as it was then. */
  digest: string
  statement: string
  actor: string
  who: string
  at: number
  /** The entry of the ledger that says so. */
  entry: string
}

export interface SignoffTables {
  orderly_signoffs: SignoffRow
}

export const SIGNOFF_STEP: MigrationStep = {
  name: '0021-signoffs',
  async up(db) {
    await db.schema
      .createTable('orderly_signoffs')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('type', 'text')
      .addColumn('from_at', 'bigint', (column) => column.notNull())
      .addColumn('to_at', 'bigint', (column) => column.notNull())
      .addColumn('runs', 'integer', (column) => column.notNull())
      .addColumn('digest', 'text', (column) => column.notNull())
      .addColumn('statement', 'text', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('who', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('entry', 'text', (column) => column.notNull())
      .execute()
  },
}
