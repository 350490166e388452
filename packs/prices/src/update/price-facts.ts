// Turns normal rows into what the tables hold: items, prices and payer terms, each once per batch.
import type { Bindable } from 'orderly'
import { itemId } from '../store/identity.ts'
import type { PriceRow } from '../shape/row.ts'
import { naturalKey, primaryCode } from './natural-key.ts'
import { normaliseName } from './normalise.ts'

export interface Facts {
  /** In the order of the columns of `ITEM_SQL`, `PRICE_SQL` and `TERM_SQL`. */
  readonly items: readonly Bindable[][]
  readonly prices: readonly Bindable[][]
  readonly terms: readonly Bindable[][]
}

export const ITEM_SQL = `insert into items
  (source_id, item_id, description, code_type, code, codes, setting, billing_class, facility, modifiers,
   drug_unit, drug_type, sheet, row_no)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (source_id, item_id) do update set
    description = excluded.description, codes = excluded.codes, sheet = excluded.sheet, row_no = excluded.row_no
  where (excluded.sheet, excluded.row_no) < (items.sheet, items.row_no)`

const EARLIER =
  'opened_by = excluded.opened_by and (excluded.sheet, excluded.row_no) < (prices.sheet, prices.row_no)'

/** Batches may arrive in any order: of two places that give the same price, the first in the file is its lineage. */
export const PRICE_SQL = `insert into prices
  (source_id, item_id, kind, payer, plan, methodology, amount, opened_by, seen_by, sheet, row_no, byte_offset, copies)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (source_id, item_id, kind, payer, plan, methodology, amount, closed_by) do update set
    copies = excluded.copies + iif(seen_by = excluded.seen_by, copies, 0),
    sheet = iif(${EARLIER}, excluded.sheet, sheet),
    row_no = iif(${EARLIER}, excluded.row_no, row_no),
    byte_offset = iif(${EARLIER}, excluded.byte_offset, byte_offset),
    seen_by = excluded.seen_by`

export const TERM_SQL = `insert or replace into payer_terms
  (source_id, item_id, payer, plan, methodology, version_id, sheet, row_no, percent, algorithm, estimated, median,
   p10, p90, count, notes)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const COPIES = 12

/** Works out what the rows of one batch say. A price that a batch repeats becomes one entry with a count of copies. */
export function priceFacts(source: number, version: number, rows: readonly PriceRow[]): Facts {
  const items = new Map<string, { id: bigint; prices: Map<string, Bindable[]> }>()
  const facts = { items: [] as Bindable[][], prices: [] as Bindable[][], terms: [] as Bindable[][] }
  for (const row of rows) {
    const primary = primaryCode(row.codes)
    const key = naturalKey(row, primary)
    const { sheet, row: rowNo, byte } = row.lineage
    let item = items.get(key)
    if (!item) {
      item = { id: itemId(`${source}\x1e${key}`), prices: new Map() }
      items.set(key, item)
      facts.items.push([
        source, item.id, row.description, primary.type, primary.code, codesText(row), row.setting ?? '',
        row.billingClass ?? '', row.facility ?? '', row.modifiers.join('|'), row.drug?.unit ?? '',
        row.drug?.type ?? '', sheet ?? '', rowNo,
      ]) // prettier-ignore
    }
    for (const { kind, amount, ...given } of row.amounts) {
      const payer = normaliseName(given.payer)
      const plan = normaliseName(given.plan)
      const methodology = given.methodology ?? ''
      const priceKey = `${kind}\x1e${payer}\x1e${plan}\x1e${methodology}\x1e${amount}`
      const known = item.prices.get(priceKey)
      if (known) {
        known[COPIES] = (known[COPIES] as number) + 1
        continue
      }
      const price: Bindable[] = [
        source, item.id, kind, payer, plan, methodology, amount, version, version, sheet ?? '', rowNo,
        byte, 1,
      ] // prettier-ignore
      item.prices.set(priceKey, price)
      facts.prices.push(price)
    }
    for (const term of row.terms) {
      facts.terms.push([
        source, item.id, normaliseName(term.payer), normaliseName(term.plan), term.methodology ?? '', version, sheet ?? '', rowNo,
        term.percent, term.algorithm, term.estimated, term.median, term.p10, term.p90, term.count, term.notes,
      ]) // prettier-ignore
    }
  }
  return facts
}

function codesText(row: PriceRow): string {
  return row.codes.map(({ type, code }) => `${type} ${code}`).join('|')
}
