// The tables of the prices pack, as Kysely sees them. What they mean is written at their migration.
import type { Database } from 'orderly'
import type { PipelineTables } from './pipeline-tables.ts'

export type Dialect = Database['dialect']

/** An amount in dollars, as text. */
export const DOLLARS: Readonly<Record<Dialect, string>> = {
  sqlite: `printf('%d.%04d', p.amount / 10000, p.amount % 10000)`,
  postgres: `(p.amount / 10000) || '.' || lpad(cast(p.amount % 10000 as text), 4, '0')`,
}

export interface SourcesTable {
  source_id: number
  name: string
  hospital: string | null
  current_version: number | null
  /** The hospitals its prices speak for and where they are, as the statistics know it; null before the first. */
  placed: string | null
}

export type IntakeState = 'reading' | 'updating' | 'loaded' | 'unchanged' | 'quarantined'

export interface IntakesTable {
  intake_id: string
  source_id: number
  state: IntakeState
  bytes: number
  bytes_digest: string | null
  format: string | null
  encoding: string | null
  cursor: string | null
  rows_read: number
  rows_quarantined: number
  /** Price cells of good rows that hold something, but no price. */
  values_left_out: number
  /** How often reading was begun since a batch was staged, and not heard of again. */
  begun: number
  /** Amounts and payer terms found in the rows, repetitions included. */
  facts_read: number
  prices_loaded: number
  duplicates: number
  conflicts: number
  batches: number
  version_id: number | null
  code: string | null
  reason: string | null
  started_at: number
  finished_at: number | null
  /** A path, a URL, or `object:` and a key. */
  location: string | null
}

export interface StagedBatchesTable {
  intake_id: string
  seq: number
  digests: string
  items: string
}

export interface QuarantinedRowsTable {
  intake_id: string
  sheet: string
  row_no: number
  byte_offset: number | null
  code: string
  reason: string
}

export interface LeftOutValuesTable {
  intake_id: string
  sheet: string
  row_no: number
  byte_offset: number | null
  column_name: string
  code: string
  reason: string
}

export interface VersionsTable {
  version_id: number
  source_id: number
  previous_version: number | null
  content_digest: string
  hospital: string | null
  valid_from: string | null
  details: string
  /** Counts the versions of a source. */
  seq: number
  /** The version whose publication shows this one: itself or a later one. Null while it is hidden. */
  shown_by: number | null
}

export interface ItemsTable {
  source_id: number
  item_id: number
  key_hash: bigint
  description: string
  code_type: string
  code: string
  codes: string
  setting: string
  billing_class: string
  facility: string
  modifiers: string
  drug_unit: string
  drug_type: string
  described_by: number
  sheet: string
  row_no: number
}

export interface ContractsTable {
  source_id: number
  contract_id: number
  payer: string
  plan: string
  methodology: string
  /** The canonical payer. */
  payer_id: string | null
}

export interface PricesTable {
  source_id: number
  item_id: number
  contract_id: number
  kind: string
  amount: number
  closed_by: number
  opened_by: number
  seen_by: number
  copies: number
  conflict: number
  sheet: string
  row_no: number
  byte_offset: number | null
}

export interface PayerTermsTable {
  source_id: number
  item_id: number
  contract_id: number
  version_id: number
  sheet: string
  row_no: number
  percent: string | null
  algorithm: string | null
  estimated: number | null
  median: number | null
  p10: number | null
  p90: number | null
  count: string | null
  notes: string | null
}

export interface PriceTables extends PipelineTables {
  sources: SourcesTable
  intakes: IntakesTable
  staged_batches: StagedBatchesTable
  quarantined_rows: QuarantinedRowsTable
  left_out_values: LeftOutValuesTable
  versions: VersionsTable
  items: ItemsTable
  contracts: ContractsTable
  prices: PricesTable
  payer_terms: PayerTermsTable
}
