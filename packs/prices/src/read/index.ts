// Owns the public face of the reader: a hospital price file of any shape in, price rows out.
export type { Cursor, RowBatch } from './batch.ts'
export { combineDigests } from './digest.ts'
export type { Encoding } from './encoding.ts'
export { PriceFileError, type PriceFileErrorCode } from './error.ts'
export { DEFAULT_LIMITS, type Limits } from './limits.ts'
export { type BatchOptions, type OpenOptions, openPriceFile, type PriceFile } from './open.ts'
export type { Skipped } from './part.ts'
export type {
  Amount,
  AmountKind,
  BillingClass,
  Code,
  Flag,
  Hospital,
  Lineage,
  PayerTerm,
  PriceRow,
  RejectCode,
  RejectedRow,
  Setting,
} from '../shape/row.ts'
