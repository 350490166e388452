// Owns tables that come as sheets of cells: workbooks and XML. It lays out every sheet, skips those
// without prices, and reads the others in batches.
import { BatchBuilder, type PartBatch, type PartCursor } from './batch.ts'
import { canonicalCells, digestValue } from './digest.ts'
import type { Encoding } from './encoding.ts'
import { PriceFileError } from './error.ts'
import type { Part, Skipped } from './part.ts'
import { layOut, type Table } from './table.ts'
import { type Cells, type Hospital, UNKNOWN_HOSPITAL } from '../shape/row.ts'

export interface GridRow {
  /** Position of the sheet. */
  readonly sheet: number
  /** 1-based row of the sheet. */
  readonly row: number
  readonly cells: readonly string[]
  /** How far into the file this row is, for progress only. */
  readonly bytesRead: number
}

export interface GridSheet {
  readonly name: string
  /** The first rows as they stand, blank ones included, so that an index is a row number. */
  readonly head: readonly (readonly string[])[]
  /** Rows before the first row of the file: 1 when the header is made of element names. */
  readonly virtualRows: 0 | 1
}

export interface Grid {
  readonly format: string
  readonly encoding: Encoding
  readonly bytes: number
  readonly sheets: readonly GridSheet[]
  /** All rows that are not blank, in order, in handfuls. */
  rows(signal: AbortSignal | undefined): AsyncIterable<readonly GridRow[]>
}

export function openGrid(grid: Grid, prefix: string | null): Part {
  const tables = grid.sheets.map((sheet) => layOut(sheet.head))
  const labels = grid.sheets.map((sheet) =>
    prefix === null ? sheet.name : `${prefix}/${sheet.name}`,
  )
  if (tables.every((table) => table === null))
    throw new PriceFileError(
      'NO_PRICE_TABLE',
      'No sheet has a column of prices beside a description or a code; check that the file is the price list.',
    )
  return {
    format: formatOf(grid.format, tables),
    encoding: grid.encoding,
    hospital: hospitalOf(tables),
    bytes: grid.bytes,
    headDigest: digestValue(
      grid.sheets.map((sheet, index) => [sheet.name, tables[index]?.headDigest ?? null]),
    ),
    skipped: tables.flatMap((table, index): Skipped[] =>
      table === null
        ? [{ name: labels[index] ?? '', reason: 'The sheet has no price table.' }]
        : [],
    ),
    columns: tables.flatMap((table, index) =>
      (table?.columns ?? []).map((each) => ({ ...each, sheet: labels[index] ?? null })),
    ),
    batches: (from, signal) => readBatches(grid, tables, labels, from, signal),
  }
}

function formatOf(format: string, tables: readonly (Table | null)[]): string {
  const cms = tables.find((table) => table !== null && table.layout !== 'own')
  if (cms === null || cms === undefined) return format
  return `${cms.layout}-${format}${cms.version === null ? '' : ` ${cms.version}`}`
}

/** Each fact from the first sheet that has it. */
function hospitalOf(tables: readonly (Table | null)[]): Hospital {
  const known = tables.flatMap((table) => (table === null ? [] : [table.hospital]))
  const first = known.find((hospital) => hospital.version !== null) ?? known[0] ?? UNKNOWN_HOSPITAL
  return {
    ...first,
    name: first.name ?? known.find((hospital) => hospital.name !== null)?.name ?? null,
    lastUpdatedOn:
      first.lastUpdatedOn ??
      known.find((hospital) => hospital.lastUpdatedOn !== null)?.lastUpdatedOn ??
      null,
  }
}

class GridCells implements Cells {
  cells: readonly string[] = []
  width = 0

  get count(): number {
    return Math.max(this.width, this.cells.length)
  }

  text(index: number): string {
    return this.cells[index] ?? ''
  }
}

async function* readBatches(
  grid: Grid,
  tables: readonly (Table | null)[],
  labels: readonly string[],
  from: PartCursor | null,
  signal: AbortSignal | undefined,
): AsyncGenerator<PartBatch> {
  const batch = new BatchBuilder()
  const view = new GridCells()
  // The sheet that the digest last named; a cursor always comes after a named row.
  let sheet = from?.sheet ?? -1
  let cursor: PartCursor = from ?? { sheet: 0, row: 0, byte: null }
  for await (const rows of grid.rows(signal)) {
    signal?.throwIfAborted()
    for (const row of rows) {
      if (
        from !== null &&
        (row.sheet < from.sheet || (row.sheet === from.sheet && row.row <= from.row))
      )
        continue
      const table = tables[row.sheet]
      const header = table === null || table === undefined ? -1 : table.headerIndex
      const virtual = grid.sheets[row.sheet]?.virtualRows ?? 0
      if (table === null || table === undefined || row.row + virtual <= header + 1) continue
      if (row.sheet !== sheet) {
        sheet = row.sheet
        batch.content.addText(`\u0001${grid.sheets[sheet]?.name ?? ''}`)
      }
      batch.content.addText(canonicalCells(row.cells))
      view.cells = row.cells
      view.width = table.width
      const lineage = { sheet: labels[row.sheet] ?? null, row: row.row, byte: null }
      if (table.shaper.shape(view, lineage, batch)) batch.rowsRead++
      cursor = { sheet: row.sheet, row: row.row, byte: null }
      if (batch.full) yield batch.seal(cursor, row.bytesRead)
    }
  }
  if (!batch.empty) yield batch.seal(cursor, grid.bytes)
}
