// Owns what a zip file stands for: a workbook, or an archive whose entries are price files.
import { inflateToSource, openArchive, type Archive, type ArchiveEntry } from './archive.ts'
import { PriceFileError } from './error.ts'
import type { Grid } from './grid.ts'
import type { Limits } from './limits.ts'
import type { Part, Skipped } from './part.ts'
import type { Source } from './source.ts'
import { openWorkbook, readWorkbookBytes } from './workbook.ts'
import { openXlsx } from './xlsx.ts'

export interface OpenedZip {
  readonly format: string
  readonly parts: readonly Part[]
  readonly skipped: readonly Skipped[]
  close(): Promise<void>
}

/** Opens an entry that is no archive itself, whatever else it is. */
export type OpenEntry = (
  source: Source,
  label: string | null,
  zip: OpenWorkbookZip,
) => Promise<Part>
export type OpenWorkbookZip = (source: Source) => Promise<Grid | null>

/** The workbook that a zip file is; null when it is a mere archive. */
export async function openWorkbookZip(
  source: Source,
  archive: Archive,
  limits: Limits,
  signal: AbortSignal | undefined,
): Promise<Grid | null> {
  const format = workbookFormat(archive.entries)
  if (format === null) return null
  if (format !== 'xlsb') return openXlsx(archive, format, source.size, limits, signal)
  const bytes = await readWorkbookBytes(source, limits)
  // The library believes the sizes it is told, so they are counted first.
  let inflated = 0
  for (const entry of archive.entries)
    for await (const piece of archive.inflate(entry, signal)) {
      inflated += piece.length
      if (inflated > limits.maxWorkbookInflatedBytes)
        throw new PriceFileError(
          'LIMIT_EXCEEDED',
          `The workbook unpacks to more than ${limits.maxWorkbookInflatedBytes} bytes; save its sheets as CSV.`,
        )
    }
  return openWorkbook(bytes, format, limits)
}

function workbookFormat(entries: readonly ArchiveEntry[]): string | null {
  const names = new Set(entries.map((entry) => entry.name.replaceAll('\\', '/').toLowerCase()))
  if (names.has('xl/workbook.bin')) return 'xlsb'
  if (!names.has('xl/workbook.xml')) return null
  return names.has('xl/vbaproject.bin') ? 'xlsm' : 'xlsx'
}

export async function openZip(
  source: Source,
  archive: Archive,
  limits: Limits,
  openEntry: OpenEntry,
  signal: AbortSignal | undefined,
): Promise<OpenedZip> {
  const entries = archive.entries.filter(({ name }) => !isJunk(name))
  if (entries.length === 0)
    throw new PriceFileError('FILE_EMPTY', 'The archive holds no files; download it again.')
  const parts: Part[] = []
  const skipped: Skipped[] = []
  const sources: Source[] = []
  const close = async (): Promise<void> => {
    for (const inner of sources) await inner.close()
  }
  const inWorkbook: OpenWorkbookZip = async (inner) =>
    openWorkbookZip(inner, await openArchive(inner, limits), limits, signal)
  let refusal: PriceFileError | null = null
  try {
    for (const entry of entries) {
      const inner = await inflateToSource(archive.inflate(entry, signal))
      sources.push(inner)
      try {
        if (inner.size === 0) throw new PriceFileError('FILE_EMPTY', 'The entry is empty.')
        const part = await openEntry(inner, entries.length > 1 ? entry.name : null, inWorkbook)
        parts.push(part)
        skipped.push(...part.skipped)
      } catch (error) {
        if (!(error instanceof PriceFileError) || FATAL.has(error.code)) throw error
        refusal = error
        skipped.push({ name: entry.name, reason: error.message })
        await sources.pop()?.close()
      }
    }
    // With a single entry its own refusal says more than a general one.
    if (parts.length === 0)
      throw entries.length === 1 && refusal !== null
        ? refusal
        : new PriceFileError('NO_PRICE_TABLE', 'No file in the archive holds a price table.')
  } catch (error) {
    await close()
    throw error
  }
  const formats = [...new Set(parts.map((part) => part.format))]
  return { format: `zip:${formats.join('+')}`, parts, skipped, close }
}

// A readme may be skipped; a bomb or a locked entry condemns the archive.
const FATAL = new Set(['LIMIT_EXCEEDED', 'FILE_ENCRYPTED'])

function isJunk(name: string): boolean {
  const path = name.replaceAll('\\', '/')
  const last = path.split('/').at(-1) ?? ''
  return (
    last === '' ||
    path.startsWith('__MACOSX/') ||
    last.startsWith('.') ||
    /^(thumbs\.db|desktop\.ini)$/i.test(last)
  )
}
