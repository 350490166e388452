// Owns the public face of the reader: a hospital price file of any shape in, price rows out.
export type { RowBatch } from './batch.ts'
export { combineDigests } from './digest.ts'
export { PriceFileError } from './error.ts'
export { DEFAULT_LIMITS, type Limits } from './limits.ts'
export { openPriceFile } from './open.ts'
