// What a backup holds: kinds of data, the tables of each, and what is opened to be sealed with the backup's own key.
import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { SealedColumn } from 'orderly'
import { SEALED_COLUMNS } from '../store/migrations.ts'
import type { Store } from '../store/store.ts'
import type { MedicationTables } from '../store/tables.ts'

export type Table = keyof MedicationTables

export const DATA_TYPES = {
  users: ['med_meta', 'med_patients'],
  medications: ['med_orders', 'med_fills', 'med_supply', 'med_findings', 'med_issues'],
  schedules: ['med_dosages', 'med_unplanned', 'med_doses', 'med_notifications'],
  analytics: ['med_rollups', 'med_hours', 'med_log'],
} as const satisfies Readonly<Record<string, readonly Table[]>>

export const TABLES: readonly Table[] = Object.values(DATA_TYPES).flat()

const KEYS: Readonly<Record<string, string>> = {
  med_meta: 'name',
  med_patients: 'patient_id',
  med_orders: 'order_id',
  med_fills: 'fill_id',
  med_supply: 'order_id',
  med_findings: 'finding_id',
  med_issues: 'issue_id',
  med_dosages: 'dosage_id',
  med_unplanned: 'dosage_id',
  med_doses: 'dose_id',
  med_notifications: 'notification_id',
  med_rollups: 'rollup_id',
  med_hours: 'hour_id',
  med_log: 'log_id',
}

export type Row = Readonly<Record<string, string | number | null>>

/** A row with its sealed columns opened. */
export type OpenRow = Readonly<Record<string, unknown>>

export function keyOf(table: Table): string {
  return KEYS[table]!
}

/** Which rows of a table are kept: of messages those that somebody is still to be told. */
export function keptOf(table: Table): RawBuilder<SqlBool> {
  return table === 'med_notifications' ? sql<SqlBool>`state = 'pending'` : sql<SqlBool>`1 = 1`
}

/** Messages change while they are written, and one that has gone out is not told again: the row that is there counts. */
export function staysAsItIs(table: Table): boolean {
  return table === 'med_notifications'
}

function sealedOf(table: Table): readonly SealedColumn[] {
  return SEALED_COLUMNS.filter((each) => each.table === table)
}

/** Opened: the keys of the database do not travel with a backup. */
export async function openRow({ vault }: Store, table: Table, row: Row): Promise<OpenRow> {
  const open: Record<string, unknown> = { ...row }
  for (const { column, key } of sealedOf(table)) {
    const envelope = row[column]
    if (typeof envelope === 'string')
      open[column] = {
        opened: await vault.open(envelope, { table, column, row: String(row[key]) }),
      }
  }
  return open
}

export async function sealRow({ vault }: Store, table: Table, open: OpenRow): Promise<Row> {
  const row: Record<string, string | number | null> = {}
  for (const [name, value] of Object.entries(open))
    row[name] =
      typeof value === 'object' && value !== null
        ? await vault.seal((value as { opened: unknown }).opened, {
            table,
            column: name,
            row: String(open[keyOf(table)]),
          })
        : (value as string | number | null)
  return row
}
