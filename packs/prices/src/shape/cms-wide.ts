// Owns the wide CMS layout: one row of the file for each item, with columns for each payer plan.
import {
  ABSENT,
  cellAt,
  finishShared,
  readShared,
  repeatsHeader,
  sharedColumns,
} from './cms-columns.ts'
import { Draft, orNull } from './draft.ts'
import { intern } from './intern.ts'
import type { Cells, Lineage, RowSink, Shaper } from './row.ts'

type Field =
  | 'dollar'
  | 'percent'
  | 'algorithm'
  | 'methodology'
  | 'estimated'
  | 'median'
  | 'p10'
  | 'p90'
  | 'count'
  | 'notes'

type PayerColumns = { readonly payer: string; readonly plan: string | null } & Record<Field, number>

const CHARGES: ReadonlyMap<string, Field> = new Map([
  ['negotiated_dollar', 'dollar'],
  ['negotiated_percentage', 'percent'],
  ['negotiated_algorithm', 'algorithm'],
  ['methodology', 'methodology'],
])
const FIGURES: ReadonlyMap<string, Field> = new Map([
  ['estimated_amount', 'estimated'],
  ['median_amount', 'median'],
  ['10th_percentile', 'p10'],
  ['90th_percentile', 'p90'],
  ['count', 'count'],
  ['additional_payer_notes', 'notes'],
])

/** True for a header cell that names a payer, as only the wide layout has them. */
export function isPayerColumn(cell: string): boolean {
  return payerColumn(cell) !== null
}

function payerColumn(cell: string): { payer: string; plan: string | null; field: Field } | null {
  const parts = cell.split('|').map((part) => part.trim())
  const first = parts[0]?.toLowerCase() ?? ''
  let field: Field | undefined
  let names: string[]
  if (first === 'standard_charge') {
    field = CHARGES.get(parts.at(-1)?.toLowerCase() ?? '')
    names = parts.slice(1, -1)
  } else {
    field = FIGURES.get(first)
    names = parts.slice(1)
  }
  const payer = names[0]
  if (field === undefined || payer === undefined || payer === '') return null
  // A bar inside a plan's name belongs to the name.
  return { payer, plan: names.slice(1).join('|') || null, field }
}

function payerColumns(header: readonly string[]): PayerColumns[] {
  const groups = new Map<string, { payer: string; plan: string | null } & Record<Field, number>>()
  header.forEach((cell, index) => {
    const column = payerColumn(cell)
    if (column === null) return
    const key = `${column.payer}|${column.plan ?? ''}`.toLowerCase()
    let group = groups.get(key)
    if (group === undefined) {
      group = {
        payer: column.payer,
        plan: column.plan,
        dollar: ABSENT,
        percent: ABSENT,
        algorithm: ABSENT,
        methodology: ABSENT,
        estimated: ABSENT,
        median: ABSENT,
        p10: ABSENT,
        p90: ABSENT,
        count: ABSENT,
        notes: ABSENT,
      }
      groups.set(key, group)
    }
    group[column.field] = index
  })
  return [...groups.values()]
}

export function shapeCmsWide(header: readonly string[]): Shaper {
  const columns = sharedColumns(header)
  const payers = payerColumns(header)
  const draft = new Draft(true)

  function readPayer(group: PayerColumns, cells: Cells): void {
    const dollar = cellAt(cells, group.dollar)
    const percentText = cellAt(cells, group.percent)
    const algorithm = orNull(cellAt(cells, group.algorithm))
    const estimatedText = cellAt(cells, group.estimated)
    const medianText = cellAt(cells, group.median)
    const p10Text = cellAt(cells, group.p10)
    const p90Text = cellAt(cells, group.p90)
    const countText = cellAt(cells, group.count)
    const notes = orNull(cellAt(cells, group.notes))
    const { payer, plan } = group
    const hasTerm =
      percentText !== '' ||
      algorithm !== null ||
      estimatedText !== '' ||
      medianText !== '' ||
      p10Text !== '' ||
      p90Text !== '' ||
      countText !== '' ||
      notes !== null
    // Most payers say nothing about most items; a methodology alone is no charge.
    if (dollar === '' && !hasTerm) return
    const methodology = orNull(intern(cellAt(cells, group.methodology)))
    const name = (field: Field): string => header[group[field]] ?? field
    if (dollar !== '') draft.amount(dollar, 'negotiated', name('dollar'), payer, plan, methodology)
    if (!hasTerm) return
    draft.term({
      payer,
      plan,
      methodology,
      percent: draft.percent(percentText),
      algorithm,
      estimated: draft.figure(estimatedText, name('estimated')),
      median: draft.figure(medianText, name('median')),
      p10: draft.figure(p10Text, name('p10')),
      p90: draft.figure(p90Text, name('p90')),
      count: draft.count(countText),
      notes,
    })
  }

  return {
    shape(cells: Cells, lineage: Lineage, sink: RowSink): boolean {
      if (repeatsHeader(columns, cells)) return false
      draft.begin()
      readShared(columns, cells, draft)
      for (const group of payers) readPayer(group, cells)
      finishShared(columns, cells, draft, lineage, sink)
      return true
    },
  }
}
