// Owns the tall CMS layout: one row of the file for each item and payer plan.
import { cellAt, finishShared, readShared, repeatsHeader, sharedColumns } from './cms-columns.ts'
import { Draft, orNull } from './draft.ts'
import { intern } from './intern.ts'
import type { Cells, Lineage, RowSink, Shaper } from './row.ts'

/**
 * Zero is not a price: it is flagged and left out. A negative or unreadable amount rejects the row,
 * because half a row would look complete.
 */
export function shapeCmsTall(header: readonly string[]): Shaper {
  const columns = sharedColumns(header)
  const at = (name: string): number => columns.names.indexOf(name)
  const payerName = at('payer_name')
  const planName = at('plan_name')
  const dollar = at('standard_charge|negotiated_dollar')
  const percentage = at('standard_charge|negotiated_percentage')
  const algorithmText = at('standard_charge|negotiated_algorithm')
  const method = at('standard_charge|methodology')
  const estimatedAmount = at('estimated_amount')
  const medianAmount = at('median_amount')
  const tenth = at('10th_percentile')
  const ninetieth = at('90th_percentile')
  const counted = at('count')
  const draft = new Draft(true)

  function readPayer(cells: Cells): void {
    const payer = orNull(intern(cellAt(cells, payerName)))
    const plan = orNull(intern(cellAt(cells, planName)))
    const methodology = orNull(intern(cellAt(cells, method)))
    const before = draft.amounts.length
    draft.amount(
      cellAt(cells, dollar),
      'negotiated',
      'standard_charge|negotiated_dollar',
      payer,
      plan,
      methodology,
    )
    const percent = draft.percent(cellAt(cells, percentage))
    const algorithm = orNull(cellAt(cells, algorithmText))
    const estimated = draft.figure(cellAt(cells, estimatedAmount), 'estimated_amount')
    const median = draft.figure(cellAt(cells, medianAmount), 'median_amount')
    const p10 = draft.figure(cellAt(cells, tenth), '10th_percentile')
    const p90 = draft.figure(cellAt(cells, ninetieth), '90th_percentile')
    const count = draft.count(cellAt(cells, counted))
    const priced = draft.amounts.length > before
    if (
      percent !== null ||
      algorithm !== null ||
      estimated !== null ||
      median !== null ||
      p10 !== null ||
      p90 !== null ||
      count !== null ||
      // A payer without any charge is kept, or the file would lose a name.
      (!priced && (payer !== null || plan !== null))
    )
      draft.term({
        payer,
        plan,
        methodology,
        percent,
        algorithm,
        estimated,
        median,
        p10,
        p90,
        count,
        notes: null,
      })
  }

  return {
    shape(cells: Cells, lineage: Lineage, sink: RowSink): boolean {
      if (repeatsHeader(columns, cells)) return false
      draft.begin()
      readShared(columns, cells, draft)
      readPayer(cells)
      finishShared(columns, cells, draft, lineage, sink)
      return true
    },
  }
}
