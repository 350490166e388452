// Owns the canonical digests: what a file says, whatever its line ends, encoding or quoting.
import { createHash } from 'node:crypto'

const RECORD_END = 10

/** The canonical content of a batch, gathered as UTF-8: trimmed, decoded records, each with its end. */
export class CanonicalContent {
  #bytes: Buffer = Buffer.allocUnsafe(256 * 1024)
  #length = 0

  get empty(): boolean {
    return this.#length === 0
  }

  addText(record: string): void {
    // A code unit takes at most three bytes.
    this.#reserve(record.length * 3 + 1)
    this.#length += this.#bytes.write(record, this.#length, 'utf8')
    this.#bytes[this.#length++] = RECORD_END
  }

  /** For a record whose bytes are their own canonical spelling. */
  addBytes(source: Buffer, start: number, end: number): void {
    this.#reserve(end - start + 1)
    this.#length += source.copy(this.#bytes, this.#length, start, end)
    this.#bytes[this.#length++] = RECORD_END
  }

  /** SHA-256, in hex, of what was gathered, which is then forgotten. */
  digest(): string {
    const digest = createHash('sha256').update(this.#bytes.subarray(0, this.#length)).digest('hex')
    this.#length = 0
    return digest
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe((this.#length + bytes) * 2)
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}

/** Digest of a structure: sheet names, headers, metadata. */
export function digestValue(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value), 'utf8').digest('hex')
}

/**
 * The digest of a whole file: its head, then the digests of all its batches in order. A reader that
 * resumes gives the same batch digests, so they can be stored with each batch and combined at the end.
 */
export function combineDigests(head: string, batches: Iterable<string>): string {
  const hash = createHash('sha256').update(head)
  for (const digest of batches) hash.update('\n').update(digest)
  return hash.digest('hex')
}

/** One record of a workbook or an XML table in its canonical spelling. */
export function canonicalCells(cells: readonly string[]): string {
  let end = cells.length
  while (end > 0 && (cells[end - 1] ?? '') === '') end--
  return JSON.stringify(cells.slice(0, end))
}
