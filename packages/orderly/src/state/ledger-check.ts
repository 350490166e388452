// What the last look at the whole audit log found: one row, for alerts and for whoever looks next.
import type { MigrationStep } from '../database/migrate.ts'
import type { StateDatabase } from './tables.ts'

export interface LedgerCheckRow {
  one: number
  /** Milliseconds since 1970 UTC. */
  at: number
  entries: number
  findings: number
}

export interface LedgerCheckTables {
  orderly_ledger_check: LedgerCheckRow
}

export const LEDGER_CHECK_STEP: MigrationStep = {
  name: '0018-ledger-check',
  async up(db) {
    await db.schema
      .createTable('orderly_ledger_check')
      .addColumn('one', 'integer', (column) => column.primaryKey().notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('entries', 'bigint', (column) => column.notNull())
      .addColumn('findings', 'integer', (column) => column.notNull())
      .execute()
  },
}

export async function findLedgerCheck({
  query,
}: StateDatabase): Promise<LedgerCheckRow | undefined> {
  return query.selectFrom('orderly_ledger_check').selectAll().executeTakeFirst()
}

export async function putLedgerCheck(
  { query }: StateDatabase,
  check: Omit<LedgerCheckRow, 'one'>,
): Promise<void> {
  await query
    .insertInto('orderly_ledger_check')
    .values({ one: 1, ...check })
    .onConflict((conflict) => conflict.column('one').doUpdateSet(check))
    .execute()
}
