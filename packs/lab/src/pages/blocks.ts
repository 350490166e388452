// What every page of the lab is made of: a table said in short, and the names of companies.
import type { PageBlock, PageValue } from 'orderly'
import type { LabRooms } from '../store/rooms.ts'

/** Rows a table shows: the newest. */
export const ROWS = 100

type ColumnKind = 'number' | 'time' | 'state'

export function table(
  title: string,
  columns: readonly (readonly [key: string, label: string, kind?: ColumnKind])[],
  rows: readonly Readonly<Record<string, PageValue>>[],
  empty: string,
): PageBlock {
  return {
    block: 'table',
    title,
    columns: columns.map(([key, label, kind]) => ({ key, label, ...(kind ? { kind } : {}) })),
    rows,
    empty,
  }
}

/** What a company is called; its id where it is gone. */
export async function companyNames({ db }: LabRooms): Promise<(id: string | null) => string> {
  const rows = await db.query.selectFrom('lab_companies').select(['company_id', 'name']).execute()
  const names = new Map(rows.map(({ company_id: id, name }) => [id, name]))
  return (id) => (id === null ? '' : (names.get(id) ?? id))
}
