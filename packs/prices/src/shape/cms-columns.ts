// Owns the columns that the tall and the wide CMS layout share, and the reading of them.
import { codeType } from './codes.ts'
import { cmsHeader } from './header.ts'
import { type Draft, orNull, readBillingClass, readList } from './draft.ts'
import type { Cells, Lineage, RowSink } from './row.ts'

interface CodeColumns {
  readonly code: number
  readonly type: number
  /** The number in the header: 1 for `code|1`. */
  readonly ordinal: string
}

export interface SharedColumns {
  readonly width: number
  readonly names: readonly string[]
  readonly description: number
  readonly codes: readonly CodeColumns[]
  readonly modifiers: number
  readonly setting: number
  readonly drugUnit: number
  readonly drugType: number
  readonly gross: number
  readonly cash: number
  readonly min: number
  readonly max: number
  readonly billingClass: number
  readonly notes: number
}

/** -1 stands for a column that the header does not have; reading it answers ''. */
export const ABSENT = -1

export function sharedColumns(header: readonly string[]): SharedColumns {
  const names = header.map(cmsHeader)
  const at = (name: string): number => names.indexOf(name)
  const codes: CodeColumns[] = []
  names.forEach((name, index) => {
    const ordinal = /^code\|([^|]+)$/.exec(name)?.[1]
    if (ordinal !== undefined)
      codes.push({ code: index, type: at(`code|${ordinal}|type`), ordinal })
  })
  return {
    width: header.length,
    names,
    description: at('description'),
    codes,
    modifiers: at('modifiers'),
    setting: at('setting'),
    drugUnit: at('drug_unit_of_measurement'),
    drugType: at('drug_type_of_measurement'),
    gross: at('standard_charge|gross'),
    cash: at('standard_charge|discounted_cash'),
    min: at('standard_charge|min'),
    max: at('standard_charge|max'),
    billingClass: at('billing_class'),
    notes: at('additional_generic_notes'),
  }
}

export function cellAt(cells: Cells, index: number): string {
  return index < 0 ? '' : cells.text(index)
}

/** Everything of a row but its payers. */
export function readShared(columns: SharedColumns, cells: Cells, draft: Draft): void {
  if (cells.count !== columns.width) draft.checkWidth(cells, columns.width)
  for (const pair of columns.codes) {
    const code = cells.text(pair.code)
    if (code !== '') draft.code(codeType(cellAt(cells, pair.type)), code)
  }
  draft.amount(cellAt(cells, columns.gross), 'gross', 'standard_charge|gross', null, null, null)
  draft.amount(
    cellAt(cells, columns.cash),
    'cash',
    'standard_charge|discounted_cash',
    null,
    null,
    null,
  )
  draft.amount(cellAt(cells, columns.min), 'min', 'standard_charge|min', null, null, null)
  draft.amount(cellAt(cells, columns.max), 'max', 'standard_charge|max', null, null, null)
}

export function finishShared(
  columns: SharedColumns,
  cells: Cells,
  draft: Draft,
  lineage: Lineage,
  sink: RowSink,
): void {
  const unit = cellAt(cells, columns.drugUnit)
  const type = cellAt(cells, columns.drugType)
  draft.finish(
    {
      lineage,
      description: cellAt(cells, columns.description),
      setting: draft.setting(cellAt(cells, columns.setting)),
      billingClass: readBillingClass(cellAt(cells, columns.billingClass)),
      facility: null,
      modifiers: readList(cellAt(cells, columns.modifiers)),
      drug: unit === '' && type === '' ? null : { unit, type: type.toUpperCase() },
      notes: orNull(cellAt(cells, columns.notes)),
    },
    sink,
  )
}

/** The header once more, in the middle of the data. */
export function repeatsHeader(columns: SharedColumns, cells: Cells): boolean {
  if (columns.description < 0) return false
  const first = cells.text(columns.description)
  if (first.length !== 11 || cmsHeader(first) !== 'description') return false
  for (let index = 0; index < columns.width; index++)
    if (cmsHeader(cells.text(index)) !== columns.names[index]) return false
  return true
}
