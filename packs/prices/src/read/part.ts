// Owns the seam between a price file and its parts: a plain file is one part, an archive has many.
import type { PartBatch, PartCursor } from './batch.ts'
import type { Encoding } from './encoding.ts'
import type { ColumnUse } from '../shape/column-uses.ts'
import type { Hospital } from '../shape/row.ts'

/** A sheet or entry that holds no price table. */
export interface Skipped {
  readonly name: string
  readonly reason: string
}

export interface Part {
  readonly format: string
  readonly encoding: Encoding
  readonly hospital: Hospital
  readonly bytes: number
  /** Digest of everything that is not a data row: metadata, headers, names of tables. */
  readonly headDigest: string
  readonly skipped: readonly Skipped[]
  /** What becomes of each column. */
  readonly columns: readonly ColumnUse[]
  batches(from: PartCursor | null, signal: AbortSignal | undefined): AsyncIterable<PartBatch>
}
