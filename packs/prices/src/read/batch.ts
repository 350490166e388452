// Owns batches: rows on their way out, with the place to go on from and the digest of what was read.
import { CanonicalContent } from './digest.ts'
import { BATCH_AMOUNTS, BATCH_ROWS } from './limits.ts'
import type { LeftOutValue, PriceRow, RejectedRow, RowSink } from '../shape/row.ts'

/** Where a part goes on: the record after the batch. Its meaning is the part's own. */
export interface PartCursor {
  /** Records (JSON: charges) of the table before this place. */
  readonly row: number
  /** Offset of the next record, where the format has one. */
  readonly byte: number | null
  /** Sheet or XML table, by position. */
  readonly sheet: number
}

/** JSON-serialisable; given back as `from`, reading goes on with the record after the batch. */
export interface Cursor extends PartCursor {
  /** Which entry of the archive; 0 for a file that is none. */
  readonly part: number
}

export interface PartBatch {
  readonly rows: PriceRow[]
  /** Every rejected row of the batch; a batch is small, so the list needs no bound of its own. */
  readonly rejected: RejectedRow[]
  /** The first of the values that good rows are without; `valuesLeftOut` counts all of them. */
  readonly leftOut: LeftOutValue[]
  readonly valuesLeftOut: number
  /** Data rows in this batch, rejected ones included. */
  readonly rowsRead: number
  readonly cursor: PartCursor
  /** Bytes of this part up to the end of the batch. */
  readonly bytesRead: number
  /** SHA-256, in hex, of the canonical content of this batch. */
  readonly digest: string
}

export interface RowBatch extends PartBatch {
  readonly cursor: Cursor
  readonly bytesTotal: number
}

/** A batch ends after a number of rows or amounts, so content alone decides where it ends. */
export class BatchBuilder implements RowSink {
  rows: PriceRow[] = []
  rejected: RejectedRow[] = []
  leftOut: LeftOutValue[] = []
  valuesLeftOut = 0
  amounts = 0
  rowsRead = 0
  readonly content: CanonicalContent = new CanonicalContent()

  get full(): boolean {
    return this.rowsRead >= BATCH_ROWS || this.amounts >= BATCH_AMOUNTS
  }

  get empty(): boolean {
    return this.content.empty
  }

  seal(cursor: PartCursor, bytesRead: number): PartBatch {
    const { rows, rejected, leftOut, valuesLeftOut, rowsRead } = this
    const digest = this.content.digest()
    this.rows = []
    this.rejected = []
    this.leftOut = []
    this.valuesLeftOut = 0
    this.amounts = 0
    this.rowsRead = 0
    return { rows, rejected, leftOut, valuesLeftOut, rowsRead, cursor, bytesRead, digest }
  }
}
