// Owns the way in: from a path to a price file that can be read in batches.
import { basename } from 'node:path'
import { openArchive } from './archive.ts'
import type { Cursor, RowBatch } from './batch.ts'
import { combineDigests } from './digest.ts'
import type { Encoding } from './encoding.ts'
import { PriceFileError } from './error.ts'
import { openGrid } from './grid.ts'
import { openJson } from './json.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import type { Part, Skipped } from './part.ts'
import { sniff, type Sniffed } from './sniff.ts'
import { openSource, type Source } from './source.ts'
import { openText } from './text.ts'
import { openCompound, readWorkbookBytes } from './workbook.ts'
import { openXml } from './xml.ts'
import { openWorkbookZip, openZip, type OpenWorkbookZip } from './zip.ts'
import type { ColumnUse } from '../shape/column-uses.ts'
import type { Hospital } from '../shape/row.ts'

const MOST_COLUMNS = 2_000

export interface OpenOptions {
  /** What to call the file in messages; its path's last part unless told. */
  readonly name?: string
  readonly limits?: Partial<Limits>
  readonly signal?: AbortSignal
}

export interface BatchOptions {
  readonly from?: Cursor
  readonly signal?: AbortSignal
}

export interface PriceFile {
  readonly name: string
  readonly bytes: number
  /** `cms-tall-csv 3.0.0`, `tsv`, `xlsx`, `zip:csv`, ... */
  readonly format: string
  readonly encoding: Encoding
  readonly hospital: Hospital
  /** Digest of metadata, headers and table names; `combineDigests` joins it with the batches'. */
  readonly headDigest: string
  /** Sheets and archive entries without a price table. */
  readonly skipped: readonly Skipped[]
  /** What becomes of each column, sheet by sheet; the first two thousand. */
  readonly columns: readonly ColumnUse[]
  batches(options?: BatchOptions): AsyncIterable<RowBatch>
  close(): Promise<void>
}

/**
 * Opens a price file of any shape, known by its content alone. The head is read here; rows come from
 * `batches`, as they are asked for. Throws a `PriceFileError` for what is no price file.
 */
export async function openPriceFile(path: string, options: OpenOptions = {}): Promise<PriceFile> {
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits }
  const name = options.name ?? basename(path)
  options.signal?.throwIfAborted()
  const source = await openOrRefuse(path)
  try {
    checkSize(source, limits)
    const opened = await openParts(source, limits, options.signal)
    return assemble(name, source, opened)
  } catch (error) {
    await source.close()
    throw error
  }
}

/**
 * Looks at the first bytes of a file: enough to tell a web page, a picture or nothing at all from what may hold prices.
 *
 * @throws PriceFileError
 */
export async function checkKind(path: string, limits: Limits): Promise<void> {
  const source = await openOrRefuse(path)
  try {
    checkSize(source, limits)
    await sniff(source)
  } finally {
    await source.close()
  }
}

function checkSize(source: Source, limits: Limits): void {
  if (source.size === 0)
    throw new PriceFileError('FILE_EMPTY', 'The file has no bytes; download it again.')
  if (source.size > limits.maxFileBytes)
    throw new PriceFileError(
      'LIMIT_EXCEEDED',
      `The file is larger than ${limits.maxFileBytes} bytes; raise the limit if that is right.`,
    )
}

async function openOrRefuse(path: string): Promise<Source> {
  try {
    return await openSource(path)
  } catch (error) {
    throw new PriceFileError(
      'FILE_UNREADABLE',
      'The file cannot be opened; check that it is there.',
      {
        cause: error,
      },
    )
  }
}

interface Opened {
  readonly format: string
  readonly parts: readonly Part[]
  readonly skipped: readonly Skipped[]
  close(): Promise<void>
}

async function openParts(
  source: Source,
  limits: Limits,
  signal: AbortSignal | undefined,
): Promise<Opened> {
  const { kind, encoding } = await sniff(source)
  signal?.throwIfAborted()
  if (kind === 'zip') {
    const archive = await openArchive(source, limits)
    const grid = await openWorkbookZip(source, archive, limits, signal)
    if (grid !== null) return single(openGrid(grid, null))
    return openZip(
      source,
      archive,
      limits,
      (inner, label, zip) => openEntry(inner, label, zip, limits, signal),
      signal,
    )
  }
  return single(await openPlain(source, { kind, encoding }, null, limits, signal))
}

function single(part: Part): Opened {
  return { format: part.format, parts: [part], skipped: part.skipped, close: async () => {} }
}

async function openEntry(
  source: Source,
  label: string | null,
  openInnerZip: OpenWorkbookZip,
  limits: Limits,
  signal: AbortSignal | undefined,
): Promise<Part> {
  const sniffed = await sniff(source)
  if (sniffed.kind !== 'zip') return openPlain(source, sniffed, label, limits, signal)
  const grid = await openInnerZip(source)
  if (grid === null)
    throw new PriceFileError(
      'FORMAT_UNKNOWN',
      'The archive holds another archive; unpack it and hand in the price list itself.',
    )
  return openGrid(grid, label)
}

async function openPlain(
  source: Source,
  { kind, encoding }: Sniffed,
  label: string | null,
  limits: Limits,
  signal: AbortSignal | undefined,
): Promise<Part> {
  switch (kind) {
    case 'compound':
      return openGrid(await openCompound(await readWorkbookBytes(source, limits), limits), label)
    case 'json':
      return openJson(source, encoding, limits, label)
    case 'xml':
      return openGrid(await openXml(source, encoding, limits, signal), label)
    case 'text':
    case 'zip':
      return openText(source, encoding, limits, label)
  }
}

function assemble(name: string, source: Source, opened: Opened): PriceFile {
  const [first] = opened.parts
  if (first === undefined)
    throw new PriceFileError('NO_PRICE_TABLE', 'The file holds no price table.')
  const bytesTotal = opened.parts.reduce((sum, part) => sum + part.bytes, 0)
  return {
    name,
    bytes: source.size,
    format: opened.format,
    encoding: first.encoding,
    hospital: first.hospital,
    headDigest:
      opened.parts.length === 1
        ? first.headDigest
        : combineDigests(
            '',
            opened.parts.map((part) => part.headDigest),
          ),
    skipped: opened.skipped,
    columns: opened.parts.flatMap((part) => part.columns).slice(0, MOST_COLUMNS),
    batches: (options = {}) => batchesOf(opened.parts, bytesTotal, options),
    async close() {
      await opened.close()
      await source.close()
    },
  }
}

async function* batchesOf(
  parts: readonly Part[],
  bytesTotal: number,
  options: BatchOptions,
): AsyncGenerator<RowBatch> {
  const from = options.from
  if (from !== undefined && !isCursor(from, parts.length))
    throw new PriceFileError(
      'CURSOR_INVALID',
      'The place to go on from does not belong to this file.',
    )
  let before = 0
  for (const [index, part] of parts.entries()) {
    if (from === undefined || index >= from.part) {
      const start = from !== undefined && index === from.part ? from : null
      for await (const batch of part.batches(start, options.signal))
        yield {
          ...batch,
          cursor: { ...batch.cursor, part: index },
          bytesRead: before + batch.bytesRead,
          bytesTotal,
        }
    }
    before += part.bytes
  }
}

function isCursor(cursor: Cursor, parts: number): boolean {
  const whole = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
  return (
    whole(cursor.part) &&
    cursor.part < parts &&
    whole(cursor.row) &&
    whole(cursor.sheet) &&
    (cursor.byte === null || whole(cursor.byte))
  )
}
