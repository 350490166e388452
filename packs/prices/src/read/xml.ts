// Owns XML as sheets of a price file, read as a stream: once to learn its tables, and again for rows.
import { decodeWindows1252, type Encoding, markLength } from './encoding.ts'
import { PriceFileError } from './error.ts'
import type { Grid, GridRow } from './grid.ts'
import type { Limits } from './limits.ts'
import { readPiece, streamText, type Source } from './source.ts'
import { HEAD_CELLS, HEAD_RECORDS } from './table.ts'
import { columnName, XmlRows } from './xml-rows.ts'

const CHUNK_BYTES = 256 * 1024

export async function openXml(
  source: Source,
  encoding: Encoding,
  limits: Limits,
  signal: AbortSignal | undefined,
): Promise<Grid> {
  const reader = new XmlRows(limits)
  const heads: string[][][] = []
  let cells = 0
  for await (const _ of feed(source, encoding, reader, signal)) {
    for (const row of reader.rows) {
      const head = (heads[row.sheet] ??= [])
      if (head.length >= HEAD_RECORDS || row.row > HEAD_RECORDS || cells > HEAD_CELLS) continue
      // Blank rows are not handed out; here they keep an index a row number.
      while (head.length < row.row - 1) head.push([])
      head.push([...row.cells])
      cells += row.cells.length
    }
    reader.rows = []
  }
  const format = reader.format
  if (format === null)
    throw new PriceFileError('FILE_CORRUPT', 'The XML has no elements; download it again.')
  const records = format !== 'spreadsheet-xml'
  const columns = reader.columns.map((names) => new Map(names))
  const sheets = reader.sheets.map((name, index) => {
    const head = heads[index] ?? []
    const names = [...(columns[index]?.keys() ?? [])].map(columnName)
    return records
      ? { name: columnName(name), head: [names, ...head], virtualRows: 1 as const }
      : { name, head, virtualRows: 0 as const }
  })
  return {
    format,
    encoding,
    bytes: source.size,
    sheets,
    async *rows(during) {
      const again = new XmlRows(limits, columns, records ? reader.sheets : [])
      for await (const bytesRead of feed(source, encoding, again, during)) {
        const rows = again.rows.map((row): GridRow => ({ ...row, bytesRead }))
        again.rows = []
        yield rows
      }
    },
  }
}

/** Feeds the file to a reader, and answers after every piece with the bytes so far. */
async function* feed(
  source: Source,
  encoding: Encoding,
  reader: XmlRows,
  signal: AbortSignal | undefined,
): AsyncGenerator<number> {
  const start = markLength(encoding, await readPiece(source, 0, 4))
  const stream = streamText(source, encoding, start)
  const utf8 = new TextDecoder()
  const decode = (bytes: Buffer): string =>
    encoding === 'windows-1252' ? decodeWindows1252(bytes) : utf8.decode(bytes, { stream: true })
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  let bytesRead = start
  for (;;) {
    signal?.throwIfAborted()
    const bytes = await stream.read(buffer, 0)
    if (bytes === 0) break
    bytesRead = Math.min(source.size, bytesRead + bytes * stream.unit)
    reader.write(decode(buffer.subarray(0, bytes)))
    yield bytesRead
  }
  reader.write(utf8.decode())
  reader.end()
  yield source.size
}
