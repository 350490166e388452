// Owns tables of a hospital's own making: a row for each item, with one or many price columns.
import { CPT_OR_HCPCS, codeType, readCode } from './codes.ts'
import type { ColumnPlan } from './columns.ts'
import { Draft, orNull, readBillingClass, readList, readSetting } from './draft.ts'
import { intern } from './intern.ts'
import { plainHeader } from './header.ts'
import type { PriceGroup } from './price-columns.ts'
import type { Cells, Lineage, RowSink, Shaper } from './row.ts'

const UNITS: ReadonlyMap<string, string> = new Map([
  ['each', 'EA'],
  ['ea', 'EA'],
  ['ml', 'ML'],
  ['milliliter', 'ML'],
  ['g', 'GM'],
  ['gm', 'GM'],
  ['gram', 'GM'],
  ['gr', 'GR'],
  ['mg', 'ME'],
  ['un', 'UN'],
  ['unit', 'UN'],
  ['units', 'UN'],
  ['f2', 'F2'],
])

/**
 * One record gives one row for each facility and setting that has a price in it. Zero is flagged
 * and left out; a negative or unreadable price rejects the record as a whole.
 */
export function shapeChargemaster(plan: ColumnPlan): Shaper {
  const draft = new Draft(false)
  const at = (cells: Cells, index: number): string => (index < 0 ? '' : cells.text(index))
  const mapped = mappedColumns(plan)

  /** Codes of the record; answers the description, which a code cell may hold as well. */
  function readCodes(cells: Cells): string {
    let description = at(cells, plan.description)
    const stated = codeType(at(cells, plan.codeType))
    for (const column of plan.codes) {
      const text = cells.text(column.index)
      if (text === '' || /^(n\/?a|none|-+)$/i.test(text)) continue
      const type =
        stated !== '' && (column.type === 'CDM' || column.type === CPT_OR_HCPCS)
          ? stated
          : column.type
      const { code, rest } = readCode(type, text)
      draft.code(code.type, code.code)
      if (description === '') description = rest
    }
    return description
  }

  function readPrices(group: PriceGroup, cells: Cells): void {
    const payer = orNull(intern(at(cells, plan.payer)))
    const name = orNull(intern(at(cells, plan.plan)))
    const methodology = orNull(at(cells, plan.methodology))
    for (const column of group.columns) {
      const text = cells.text(column.index)
      if (text === '') continue
      const named = column.payer ?? (column.kind === 'cash' ? null : payer)
      const kind =
        named !== null && column.kind === 'gross' && column.payer === null && plan.payer >= 0
          ? 'negotiated'
          : column.kind
      draft.amount(
        text,
        kind,
        column.name || `column ${column.index + 1}`,
        kind === 'negotiated' ? named : null,
        kind === 'negotiated' ? name : null,
        kind === 'negotiated' ? methodology : null,
      )
    }
  }

  return {
    shape(cells: Cells, lineage: Lineage, sink: RowSink): boolean {
      if (isNoData(plan, mapped, cells)) return false
      const facility = orNull(intern(at(cells, plan.facility)))
      const rest = {
        lineage,
        setting: null,
        billingClass: readBillingClass(at(cells, plan.billingClass)),
        modifiers: readList(at(cells, plan.modifiers)),
        drug: readDrug(at(cells, plan.quantity), at(cells, plan.unit)),
        notes: orNull(at(cells, plan.notes)),
      }
      const stated = readSetting(at(cells, plan.setting))
      const leftOut = { listed: sink.leftOut.length, count: sink.valuesLeftOut }
      let written = 0
      let flags: Draft['flags'] = null
      for (const group of plan.groups) {
        draft.begin()
        draft.checkWidth(cells, plan.width)
        readPrices(group, cells)
        if (draft.rejection === null && draft.amounts.length === 0) {
          flags = [...new Set([...(flags ?? []), ...(draft.flags ?? [])])]
          continue
        }
        const description = readCodes(cells)
        draft.finish(
          {
            ...rest,
            description,
            setting: group.setting ?? stated,
            facility: group.facility ?? facility,
          },
          sink,
        )
        written++
        // One rejection speaks for the whole record.
        if (draft.rejection !== null) {
          sink.rows.length -= written - 1
          sink.leftOut.length = leftOut.listed
          sink.valuesLeftOut = leftOut.count
          return true
        }
      }
      if (written > 0) return true
      draft.begin()
      draft.flags = flags
      const description = readCodes(cells)
      const only = plan.groups.length === 1 ? plan.groups[0] : undefined
      draft.finish(
        {
          ...rest,
          description,
          setting: only?.setting ?? stated,
          facility: only?.facility ?? facility,
        },
        sink,
      )
      return true
    },
  }
}

function mappedColumns(plan: ColumnPlan): readonly number[] {
  const columns = [
    plan.description,
    ...plan.codes.map((column) => column.index),
    plan.codeType,
    plan.facility,
    plan.payer,
    plan.plan,
    plan.quantity,
    plan.unit,
    ...plan.prices.map((column) => column.index),
  ]
  return [...new Set(columns)].filter((index) => index >= 0)
}

/** Headings, footnotes, totals and the header once more are records, but not data rows. */
function isNoData(plan: ColumnPlan, mapped: readonly number[], cells: Cells): boolean {
  if (plan.prices.some((column) => cells.text(column.index) !== '')) {
    const description = plan.description < 0 ? '' : cells.text(plan.description)
    if (/^(grand |sub)?-?totals?:?$/i.test(description)) return true
    return plan.header !== null && repeatsHeader(plan.header, mapped, cells)
  }
  let filled = 0
  let text = ''
  for (const index of mapped) {
    const cell = cells.text(index)
    if (cell === '') continue
    filled++
    text = cell
  }
  if (filled === 0) return true
  if (filled > 1 || mapped.length < 3) return false
  const described = plan.description >= 0 && cells.text(plan.description) !== ''
  // A lone text beside empty columns is a heading or a footnote, not an item.
  return (
    !described || text.length > 60 || !plan.codes.every((column) => cells.text(column.index) !== '')
  )
}

function repeatsHeader(
  header: readonly string[],
  mapped: readonly number[],
  cells: Cells,
): boolean {
  return mapped.every(
    (index) => plainHeader(cells.text(index)) === plainHeader(header[index] ?? ''),
  )
}

/** `1` and `each`, or both in one cell: `120 mL`. A bare `EACH` says nothing of a drug. */
function readDrug(quantity: string, unit: string): { unit: string; type: string } | null {
  const both = /^(\d+(?:\.\d+)?|\.\d+)\s*([A-Za-z]{1,10})$/.exec(quantity === '' ? unit : quantity)
  const [amount, type] = both === null ? [quantity, unit] : [both[1] ?? '', both[2] ?? '']
  if (!/^\d*\.?\d+$/.test(amount) || type === '') return null
  const known = UNITS.get(type.toLowerCase())
  return known === undefined ? null : { unit: amount, type: known }
}
