// The tables of what two persons must agree on, and of what emergencies wrote while the database was away.
import type { MigrationStep } from '../database/migrate.ts'

/** Somebody wants to see PHI and waits for the consent of somebody else. Times are milliseconds since 1970 UTC. */
export interface ApprovalRow {
  id: string
  /** The record id of the job. */
  job_id: string
  queue: string
  /** `input`, `output`, `log`, or `error/2` for what the second attempt threw. */
  part: string
  /** JSON list of JSON pointers. */
  pointers: string
  purpose: string
  /** Why, in words. Sealed. */
  reason: string
  ticket: string | null
  requested_by: string
  requested_at: number
  /** Nobody consents after this. */
  expires_at: number
  decided_by: string | null
  decided_at: number | null
  verdict: 'approved' | 'refused' | null
  /** Until when a consent can be used. */
  valid_until: number | null
  /** It is used once. */
  used_at: number | null
}

/** An entry of the emergency spool that is on the ledger by now. */
export interface SpooledRow {
  id: string
  at: number
}

export interface ApprovalTables {
  orderly_approvals: ApprovalRow
  orderly_spooled: SpooledRow
}

export const APPROVAL_STEP: MigrationStep = {
  name: '0016-approvals',
  async up(db) {
    await db.schema
      .createTable('orderly_approvals')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('job_id', 'text', (column) => column.notNull())
      .addColumn('queue', 'text', (column) => column.notNull())
      .addColumn('part', 'text', (column) => column.notNull())
      .addColumn('pointers', 'text', (column) => column.notNull())
      .addColumn('purpose', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('ticket', 'text')
      .addColumn('requested_by', 'text', (column) => column.notNull())
      .addColumn('requested_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('decided_by', 'text')
      .addColumn('decided_at', 'bigint')
      .addColumn('verdict', 'text')
      .addColumn('valid_until', 'bigint')
      .addColumn('used_at', 'bigint')
      .execute()
    await db.schema
      .createIndex('orderly_approvals_by_time')
      .on('orderly_approvals')
      .columns(['requested_at', 'id'])
      .execute()
    await db.schema
      .createTable('orderly_spooled')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .execute()
  },
}
