// Owns delimited text as a part of a price file: its layout, and its batches from any place on.
import { BatchBuilder, type PartBatch, type PartCursor } from './batch.ts'
import { RecordScanner, type Dialect } from './delimited.ts'
import { guessDialect } from './dialect.ts'
import { type Encoding, markLength } from './encoding.ts'
import { PriceFileError } from './error.ts'
import type { Limits } from './limits.ts'
import type { Part } from './part.ts'
import { readPiece, streamText, type Source } from './source.ts'
import { HEAD_CELLS, HEAD_RECORDS, layOut, type Table } from './table.ts'
import type { Lineage, RejectCode } from '../shape/row.ts'

const FORMATS: Readonly<Record<Dialect['delimiter'], string>> = {
  ',': 'csv',
  '\t': 'tsv',
  '|': 'pipe',
  ';': 'semicolon',
}

const PROBLEMS: Readonly<Record<'QUOTE_UNCLOSED' | 'NUL_BYTES', string>> = {
  QUOTE_UNCLOSED: 'The row opens a quote that is never closed.',
  NUL_BYTES: 'The row holds NUL bytes.',
}

export async function openText(
  source: Source,
  encoding: Encoding,
  limits: Limits,
  sheet: string | null,
): Promise<Part> {
  const start = markLength(encoding, await readPiece(source, 0, 4))
  const dialect = await guessDialect(source, encoding, limits, start)
  const head = await readHead(source, encoding, dialect, limits, start)
  const table = layOut(head.records)
  if (table === null)
    throw new PriceFileError(
      'NO_PRICE_TABLE',
      'The text has no column of prices beside a description or a code; check that the file is the price list.',
    )
  const data = table.headerIndex < 0 ? { byte: start, row: 0 } : head.after[table.headerIndex]
  return {
    format: formatOf(table, dialect),
    encoding,
    hospital: table.hospital,
    bytes: source.size,
    headDigest: table.headDigest,
    skipped: [],
    columns: table.columns.map((each) => ({ ...each, sheet })),
    batches: (from, signal) =>
      readBatches(
        {
          source,
          encoding,
          dialect,
          limits,
          sheet,
          table,
          from: { byte: from?.byte ?? data?.byte ?? start, row: from?.row ?? data?.row ?? 0 },
        },
        signal,
      ),
  }
}

function formatOf(table: Table, dialect: Dialect): string {
  const format = FORMATS[dialect.delimiter]
  if (table.layout === 'own') return format
  return `${table.layout}-${format}${table.version === null ? '' : ` ${table.version}`}`
}

async function readHead(
  source: Source,
  encoding: Encoding,
  dialect: Dialect,
  limits: Limits,
  start: number,
): Promise<{ records: string[][]; after: { byte: number; row: number }[] }> {
  const stream = streamText(source, encoding, start)
  const scanner = new RecordScanner(stream, dialect, encoding, limits, { byte: start, row: 0 })
  const records: string[][] = []
  const after: { byte: number; row: number }[] = []
  let cells = 0
  while (await scanner.fill())
    while (scanner.next()) {
      records.push(Array.from({ length: scanner.count }, (_, index) => scanner.text(index)))
      after.push({ byte: scanner.nextByte, row: scanner.row })
      cells += scanner.count
      // A wide table fills the sample soon, but its header comes within the first records.
      if (records.length >= HEAD_RECORDS || (cells > HEAD_CELLS && records.length >= 30))
        return { records, after }
    }
  return { records, after }
}

interface Reading {
  readonly source: Source
  readonly encoding: Encoding
  readonly dialect: Dialect
  readonly limits: Limits
  readonly sheet: string | null
  readonly table: Table
  readonly from: { readonly byte: number; readonly row: number }
}

async function* readBatches(
  reading: Reading,
  signal: AbortSignal | undefined,
): AsyncGenerator<PartBatch> {
  const { source, encoding, dialect, limits, sheet, from } = reading
  const { shaper } = reading.table
  const stream = streamText(source, encoding, from.byte)
  const scanner = new RecordScanner(stream, dialect, encoding, limits, from)
  const batch = new BatchBuilder()
  const cursor = (): PartCursor => ({ row: scanner.row, byte: scanner.nextByte, sheet: 0 })
  for (;;) {
    signal?.throwIfAborted()
    if (!(await scanner.fill())) break
    while (scanner.next()) {
      if (scanner.blank) continue
      scanner.collect(batch.content)
      const lineage: Lineage = { sheet, row: scanner.row, byte: scanner.byte }
      if (scanner.problem !== null) {
        const code: RejectCode = scanner.problem
        batch.rejected.push({ lineage, code, reason: PROBLEMS[scanner.problem] })
        batch.rowsRead++
      } else if (shaper.shape(scanner, lineage, batch)) batch.rowsRead++
      if (batch.full) {
        yield batch.seal(cursor(), scanner.nextByte)
        signal?.throwIfAborted()
      }
    }
  }
  if (!batch.empty) yield batch.seal(cursor(), scanner.nextByte)
}
