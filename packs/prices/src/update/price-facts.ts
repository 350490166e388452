// Turns staged items into what the tables hold: items, prices and payer terms.
import type { Bindable } from 'orderly'
import { itemId } from '../store/identity.ts'
import type { StagedItem } from '../store/staged-items.ts'
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

/** What the items of one batch say, sorted by item: neighbours in the tables are then written together. */
export function priceFacts(source: number, version: number, staged: readonly StagedItem[]): Facts {
  const keyed = staged
    .map((item) => {
      const primary = primaryCode(item.codes)
      return { item, primary, id: itemId(`${source}\x1e${naturalKey(item, primary)}`) }
    })
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const facts = { items: [] as Bindable[][], prices: [] as Bindable[][], terms: [] as Bindable[][] }
  for (const { item, primary, id } of keyed) {
    facts.items.push([
      source, id, item.description, primary.type, primary.code, codesText(item), item.setting ?? '',
      item.billingClass ?? '', item.facility ?? '', item.modifiers.join('|'), item.drug?.unit ?? '',
      item.drug?.type ?? '', item.place.sheet ?? '', item.place.row,
    ]) // prettier-ignore
    for (const { kind, amount, payer, plan, methodology, place, copies } of item.prices) {
      facts.prices.push([
        source, id, kind, normaliseName(payer), normaliseName(plan), methodology ?? '', amount, version, version,
        place.sheet ?? '', place.row, place.byte, copies,
      ]) // prettier-ignore
    }
    for (const { term, place } of item.terms) {
      facts.terms.push([
        source, id, normaliseName(term.payer), normaliseName(term.plan), term.methodology ?? '', version,
        place.sheet ?? '', place.row, term.percent, term.algorithm, term.estimated, term.median, term.p10, term.p90,
        term.count, term.notes,
      ]) // prettier-ignore
    }
  }
  return facts
}

function codesText({ codes }: StagedItem): string {
  return codes.map(({ type, code }) => `${type} ${code}`).join('|')
}
