// Owns the canonical digests: what a file says, whatever its line ends, encoding or quoting.
import { createHash } from 'node:crypto'

/** Records are joined by a separator that no trimmed, decoded cell begins or ends with. */
const RECORD_SEPARATOR = '\n'

export function digestRecords(records: readonly string[]): string {
  return createHash('sha256').update(records.join(RECORD_SEPARATOR), 'utf8').digest('hex')
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
  for (const digest of batches) hash.update(RECORD_SEPARATOR).update(digest)
  return hash.digest('hex')
}

/** One record of a workbook or an XML table in its canonical spelling. */
export function canonicalCells(cells: readonly string[]): string {
  let end = cells.length
  while (end > 0 && (cells[end - 1] ?? '') === '') end--
  return JSON.stringify(cells.slice(0, end))
}
