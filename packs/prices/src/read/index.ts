// Owns the public face of the reader: a hospital price file of any shape in, price rows out.
export type { Cursor, RowBatch } from './batch.ts'
export { combineDigests } from './digest.ts'
export { PriceFileError, type PriceFileErrorCode } from './error.ts'
export { DEFAULT_LIMITS, type Limits } from './limits.ts'
export { openPriceFile, type PriceFile } from './open.ts'
export type { LeftOutValue, PriceRow, RejectedRow } from '../shape/row.ts'
