// Owns the normal form: what one priced item looks like, whatever file it came from.

/** Where a row was found, so that a person can open the file and look at it. */
export interface Lineage {
  /** Sheet, XML table or zip entry; null when the file is one plain table. */
  readonly sheet: string | null
  /** 1-based physical record number in the file or sheet (JSON: running number of the charge). */
  readonly row: number
  /** Offset of the record's first byte in the file, or in the zip entry it came from. */
  readonly byte: number | null
}

export type Setting = 'inpatient' | 'outpatient' | 'both'
export type BillingClass = 'professional' | 'facility' | 'both'
export type AmountKind = 'gross' | 'cash' | 'negotiated' | 'min' | 'max'

export interface Code {
  readonly type: string
  readonly code: string
}

export interface Amount {
  readonly kind: AmountKind
  /** Integer ten-thousandths of a dollar. */
  readonly amount: number
  readonly payer: string | null
  readonly plan: string | null
  readonly methodology: string | null
}

/** What a payer pays when that is not a plain dollar price. Amounts are ten-thousandths. */
export interface PayerTerm {
  readonly payer: string | null
  readonly plan: string | null
  readonly methodology: string | null
  readonly percent: string | null
  readonly algorithm: string | null
  readonly estimated: number | null
  readonly median: number | null
  readonly p10: number | null
  readonly p90: number | null
  readonly count: string | null
  readonly notes: string | null
}

/**
 * | flag | meaning |
 * | --- | --- |
 * | no-amount | no price cell holds a price: empty, or a word such as `N/A` or `Mark Up` |
 * | zero-amount | a price cell holds zero, which is not a price; no amount is kept |
 * | range | a cell such as `$4,009 - $17,584`, kept as kinds min and max |
 * | rounded | more than four decimals, rounded half up to ten-thousandths |
 * | placeholder | seven or more nines, the customary stand-in for an unknown amount |
 * | lenient-number | a CMS column holds `$` or thousands commas, which the layout forbids |
 * | percent-unreadable | a percentage is not a plain number; its text is kept |
 * | setting-unknown | the setting cell has a word that is none of the three |
 * | code-date | a spreadsheet turned the code into a date (`1-Jan`) |
 * | short-row | the record has fewer cells than the header |
 */
export type Flag =
  | 'no-amount'
  | 'zero-amount'
  | 'range'
  | 'rounded'
  | 'placeholder'
  | 'lenient-number'
  | 'percent-unreadable'
  | 'setting-unknown'
  | 'code-date'
  | 'short-row'

/**
 * Descriptions, codes and notes may be slices of the piece of the file they were read from: copy what
 * is to outlive its batch. Payers, plans and methodologies stand alone.
 */
/** What is priced, as the file describes it. */
export interface ItemDescription {
  readonly description: string
  readonly codes: readonly Code[]
  readonly setting: Setting | null
  readonly billingClass: BillingClass | null
  readonly facility: string | null
  readonly modifiers: readonly string[]
  readonly drug: { readonly unit: string; readonly type: string } | null
}

export interface PriceRow extends ItemDescription {
  readonly lineage: Lineage
  readonly amounts: readonly Amount[]
  readonly terms: readonly PayerTerm[]
  readonly notes: string | null
  readonly flags: readonly Flag[]
}

export type RejectCode =
  | 'AMOUNT_NEGATIVE'
  | 'AMOUNT_UNREADABLE'
  | 'ITEM_UNREADABLE'
  | 'NO_ITEM'
  | 'NUL_BYTES'
  | 'QUOTE_UNCLOSED'
  | 'SURPLUS_CELLS'

/** The reason names the column and the problem, never a cell's value. */
export interface RejectedRow {
  readonly lineage: Lineage
  readonly code: RejectCode
  readonly reason: string
}

/** A price cell that holds something, but no price: the row is kept without it. The reason tells no cell's value. */
export interface LeftOutValue {
  readonly lineage: Lineage
  readonly column: string
  readonly code: 'AMOUNT_NO_NUMBER' | 'AMOUNT_IS_RULE'
  readonly reason: string
}

/** One record of a table, as every reader offers it: trimmed, decoded text by position. */
export interface Cells {
  readonly count: number
  text(index: number): string
}

/** Cells that answer on their bytes, so that most rules make no text of them. */
export interface RawCells extends Cells {
  /** The cell holds nothing, or is not there. */
  empty(index: number): boolean
  /** It is a number above zero in plain digits, with at most one point. */
  positive(index: number): boolean
}

/** Where shaped rows go; `amounts` lets the reader bound a batch by its weight. */
export interface RowSink {
  readonly rows: PriceRow[]
  readonly rejected: RejectedRow[]
  /** Not all of them, where there are very many; `valuesLeftOut` counts them. */
  readonly leftOut: LeftOutValue[]
  valuesLeftOut: number
  amounts: number
}

export interface Shaper {
  /** False when the record is not a data row: a repeated header, a heading, a footnote. */
  shape(cells: Cells, lineage: Lineage, sink: RowSink): boolean
}

/** What a file says about its hospital. */
export interface Hospital {
  readonly name: string | null
  readonly addresses: readonly string[]
  readonly locations: readonly string[]
  /** ISO date. */
  readonly lastUpdatedOn: string | null
  readonly npi: readonly string[]
  readonly license: { readonly number: string | null; readonly state: string | null } | null
  readonly version: string | null
  readonly attested: boolean | null
  readonly attester: string | null
}

export const UNKNOWN_HOSPITAL: Hospital = {
  name: null,
  addresses: [],
  locations: [],
  lastUpdatedOn: null,
  npi: [],
  license: null,
  version: null,
  attested: null,
  attester: null,
}
