// Turns staged items into what the tables hold: items, prices and payer terms.
import type { Bindable } from 'orderly'
import { keyHash } from './identity.ts'
import type { StagedItem } from './staged-items.ts'
import { naturalKey, primaryCode } from '../shape/natural-key.ts'
import { payerOf } from '../shape/payer-names.ts'
import { normaliseName } from '../shape/normalise.ts'

/** An item with what identifies it in its source. */
export interface KeyedItem {
  readonly item: StagedItem
  readonly hash: bigint
  readonly source: number
  readonly version: number
}

/** A new item gets the next number of its source; a known one is described as the newest version describes it. */
export const ITEM_SQL = `insert into items
  (source_id, item_id, key_hash, description, code_type, code, codes, setting, billing_class, facility, modifiers,
   drug_unit, drug_type, described_by, sheet, row_no)
  values (?, (select coalesce(max(item_id), 0) + 1 from items where source_id = ?),
    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (source_id, key_hash) do update set
    description = excluded.description, codes = excluded.codes, described_by = excluded.described_by,
    sheet = excluded.sheet, row_no = excluded.row_no
  where items.described_by <> excluded.described_by`

export const CONTRACT_SQL = `insert into contracts (source_id, contract_id, payer, plan, methodology, payer_id)
  values (?, (select coalesce(max(contract_id), 0) + 1 from contracts where source_id = ?), ?, ?, ?, ?)
  on conflict do nothing`

const EARLIER =
  'prices.opened_by = excluded.opened_by and (excluded.sheet, excluded.row_no) < (prices.sheet, prices.row_no)'

/** Of two places that give the same price, the first in the file is its lineage. */
export const PRICE_SQL = `insert into prices
  (source_id, item_id, contract_id, kind, amount, opened_by, seen_by, sheet, row_no, byte_offset, copies)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (source_id, item_id, contract_id, kind, amount, closed_by) do update set
    copies = excluded.copies + case when prices.seen_by = excluded.seen_by then prices.copies else 0 end,
    sheet = case when ${EARLIER} then excluded.sheet else prices.sheet end,
    row_no = case when ${EARLIER} then excluded.row_no else prices.row_no end,
    byte_offset = case when ${EARLIER} then excluded.byte_offset else prices.byte_offset end,
    seen_by = excluded.seen_by`

export const TERM_SQL = `insert into payer_terms
  (source_id, item_id, contract_id, version_id, sheet, row_no, percent, algorithm, estimated, median, p10, p90,
   count, notes)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (source_id, item_id, contract_id, version_id, sheet, row_no) do update set
    percent = excluded.percent, algorithm = excluded.algorithm, estimated = excluded.estimated,
    median = excluded.median, p10 = excluded.p10, p90 = excluded.p90, count = excluded.count, notes = excluded.notes`

/** Who pays, by which plan and method. */
interface Parties {
  readonly payer: string | null
  readonly plan: string | null
  readonly methodology: string | null
}

/** The numbers of contracts in their source; nobody in particular is 0. */
export type ContractNumbers = ReadonlyMap<string, number>

/** Names that differ only in white space or Unicode form are one contract. `''` is nobody in particular. */
export function contractKey({ payer, plan, methodology }: Parties): string {
  if (payer === null && plan === null && methodology === null) return ''
  return `${normaliseName(payer)}\x1e${normaliseName(plan)}\x1e${methodology ?? ''}`
}

export function contractRow(source: number, key: string): Bindable[] {
  const [payer = '', plan = '', methodology = ''] = key.split('\x1e')
  return [source, source, payer, plan, methodology, payerOf(payer)?.id ?? null]
}

/** Every contract the items name, once, in the order they first come. */
export function contractsOf(items: readonly KeyedItem[]): string[] {
  const keys = new Set<string>()
  for (const { item } of items) {
    for (const price of item.prices) keys.add(contractKey(price))
    for (const { term } of item.terms) keys.add(contractKey(term))
  }
  keys.delete('')
  return [...keys]
}

export function keyItems(
  source: number,
  version: number,
  staged: readonly StagedItem[],
): KeyedItem[] {
  return staged.map((item) => ({ item, hash: keyHash(naturalKey(item)), source, version }))
}

export function itemRow({ item, hash, source, version }: KeyedItem): Bindable[] {
  const primary = primaryCode(item.codes)
  return [
    source, source, hash, item.description, primary.type, primary.code, codesText(item), item.setting ?? '',
    item.billingClass ?? '', item.facility ?? '', item.modifiers.join('|'), item.drug?.unit ?? '',
    item.drug?.type ?? '', version, item.place.sheet ?? '', item.place.row,
  ] // prettier-ignore
}

/** @param id the item's number in its source */
export function priceRows(
  { item, source, version }: KeyedItem,
  id: number,
  contracts: ContractNumbers,
): Bindable[][] {
  return item.prices.map((price) => [
    source, id, contracts.get(contractKey(price)) ?? 0, price.kind, price.amount, version, version,
    price.place.sheet ?? '', price.place.row, price.place.byte, price.copies,
  ]) // prettier-ignore
}

/** @param id the item's number in its source */
export function termRows(
  { item, source, version }: KeyedItem,
  id: number,
  contracts: ContractNumbers,
): Bindable[][] {
  return item.terms.map(({ term, place }) => [
    source, id, contracts.get(contractKey(term)) ?? 0, version, place.sheet ?? '', place.row, term.percent,
    term.algorithm, term.estimated, term.median, term.p10, term.p90, term.count, term.notes,
  ]) // prettier-ignore
}

function codesText({ codes }: StagedItem): string {
  return codes.map(({ type, code }) => `${type} ${code}`).join('|')
}
