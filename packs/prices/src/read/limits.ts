// Owns the bounds a price file must stay within, and why each has the number it has.

export interface Limits {
  /** The largest published file is near 8 GB. */
  readonly maxFileBytes: number
  /** A description or contract clause; a hundred pages of text still fit. */
  readonly maxCellBytes: number
  /** One record of a text file, or one item of a JSON file, is held in memory whole. */
  readonly maxLineBytes: number
  /** A spreadsheet has at most 16,384 columns; a wide file of 1,500 payer plans fits. */
  readonly maxColumns: number
  readonly maxZipEntries: number
  /** Inflated bytes per compressed byte, over a whole entry. Price tables stay under 60. */
  readonly maxZipRatio: number
  /** Inflated bytes over all entries of an archive. */
  readonly maxInflatedBytes: number
  /** XLS and XLSB are read into memory whole, a dozen times as large, so they have a bound of their own: as stored ... */
  readonly maxWorkbookBytes: number
  /** ... and as what an XLSB unpacks to. */
  readonly maxWorkbookInflatedBytes: number
  /** The different texts of an XLSX are kept in memory; its cells are not. */
  readonly maxWorkbookTextBytes: number
}

const MIB = 1024 * 1024
const GIB = 1024 * MIB

export const DEFAULT_LIMITS: Limits = {
  maxFileBytes: 16 * GIB,
  maxCellBytes: MIB,
  maxLineBytes: 16 * MIB,
  maxColumns: 16_384,
  maxZipEntries: 500,
  maxZipRatio: 100,
  maxInflatedBytes: 16 * GIB,
  maxWorkbookBytes: 32 * MIB,
  maxWorkbookInflatedBytes: 64 * MIB,
  maxWorkbookTextBytes: 96 * MIB,
}

/** Data rows in one batch. A batch ends earlier when its rows carry very many amounts. */
export const BATCH_ROWS = 1000
export const BATCH_AMOUNTS = 8000
