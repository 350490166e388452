// The rows and values of one delivery that were set aside, with the place of each.
import { sql } from 'kysely'
import type { Database, PageBlock } from 'orderly'
import type { PriceTables } from '../store/tables.ts'
import { MOST_ROWS, more } from './parts.ts'

interface SetAside {
  readonly sheet: string
  readonly row_no: number
  readonly column_name: string | null
  readonly reason: string
}

/** Nothing where a delivery has none. */
export async function setAsideBlocks(
  db: Database<PriceTables>,
  intakeId: string,
): Promise<readonly PageBlock[]> {
  const { rows } = await sql<SetAside>`
    select sheet, row_no, null as column_name, reason from quarantined_rows where intake_id = ${intakeId}
    union all
    select sheet, row_no, column_name, reason from left_out_values where intake_id = ${intakeId}
    order by sheet, row_no, column_name limit ${MOST_ROWS}`.execute(db.query)
  if (rows.length === 0) return []
  return [
    {
      block: 'table',
      title: 'Set aside',
      columns: [
        ...(rows.some(({ sheet }) => sheet !== '')
          ? [{ key: 'sheet', label: 'Sheet', kind: 'text' as const }]
          : []),
        { key: 'row', label: 'Row', kind: 'number' as const },
        { key: 'column', label: 'Column' },
        { key: 'reason', label: 'Why' },
      ],
      rows: rows.map(({ sheet, row_no: row, column_name: column, reason }) => ({
        sheet,
        row,
        column: column ?? 'the whole row',
        reason,
      })),
      empty: 'Nothing was set aside.',
    },
    ...more(rows.length),
  ]
}
