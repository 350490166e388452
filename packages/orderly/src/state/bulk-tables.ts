// The tables of actions over many jobs: what was planned, and what became of each job.
import type { MigrationStep } from '../database/migrate.ts'

export type BulkAction = 'retry' | 'cancel' | 'promote' | 'delete'

export interface BulkRow {
  id: string
  action: BulkAction
  /** The search it was planned for, without values of PHI. */
  search: string
  state: 'planned' | 'running' | 'paused' | 'completed' | 'aborted'
  /** Jobs it acts on. */
  total: number
  /** JSON: how they split, what is left out and why. */
  plan: string
  /** Jobs in each second. */
  pace: number
  reason: string
  owner: string
  who: string
  created_at: number
  started_at: number | null
  finished_at: number | null
  /** A plan that nobody runs by then is void. */
  expires_at: number
}

export interface BulkItemRow {
  bulk_id: string
  n: number
  job_id: string
  /** `begun`: whoever worked on it may have died in the middle of it. */
  state: 'todo' | 'begun' | 'done' | 'failed' | 'skipped'
  reason: string
}

export interface BulkTables {
  orderly_bulk: BulkRow
  orderly_bulk_items: BulkItemRow
}

export const BULK_STEP: MigrationStep = {
  name: '0014-bulk',
  async up(db) {
    await db.schema
      .createTable('orderly_bulk')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('search', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('total', 'integer', (column) => column.notNull())
      .addColumn('plan', 'text', (column) => column.notNull())
      .addColumn('pace', 'integer', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('owner', 'text', (column) => column.notNull())
      .addColumn('who', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('started_at', 'bigint')
      .addColumn('finished_at', 'bigint')
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createIndex('orderly_bulk_by_state')
      .on('orderly_bulk')
      .columns(['state', 'created_at'])
      .execute()
    await db.schema
      .createTable('orderly_bulk_items')
      .addColumn('bulk_id', 'text', (column) => column.notNull())
      .addColumn('n', 'integer', (column) => column.notNull())
      .addColumn('job_id', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('orderly_bulk_items_key', ['bulk_id', 'n'])
      .execute()
    await db.schema
      .createIndex('orderly_bulk_items_by_state')
      .on('orderly_bulk_items')
      .columns(['bulk_id', 'state', 'n'])
      .execute()
  },
}
