// Owns XLSX and XLSM files as sheets of text, read as streams: only the texts that cells share are kept in memory.
import type { Archive, ArchiveEntry } from './archive.ts'
import { PriceFileError } from './error.ts'
import type { Grid, GridRow, GridSheet } from './grid.ts'
import type { Limits } from './limits.ts'
import { HEAD_CELLS, HEAD_RECORDS } from './table.ts'
import { isPartOfValue } from './workbook.ts'
import { plainText, SheetRows, type SharedParts } from './xlsx-sheet.ts'
import { damaged, parsePart, parseWhole, tooLong, type XmlHandler } from './xlsx-xml.ts'

/** What an entry of the list of shared texts costs beside its characters. */
const TEXT_COST = 32
/** Cells hand out so many characters of shared texts for each byte of the file, and these many in any case. */
const MOST_REPEATED = 20
const HARMLESS_LENGTH = 64 * 1024 * 1024

/** Formats that have a number and no name, as far as they are part of a value: percentages, dates, times. */
const BUILT_IN: ReadonlyMap<number, string> = new Map([
  [9, '0%'], [10, '0.00%'], [14, 'm/d/yy'], [15, 'd-mmm-yy'], [16, 'd-mmm'], [17, 'mmm-yy'], [18, 'h:mm AM/PM'],
  [19, 'h:mm:ss AM/PM'], [20, 'h:mm'], [21, 'h:mm:ss'], [22, 'm/d/yy h:mm'], [45, 'mm:ss'], [46, '[h]:mm:ss'],
  [47, 'mmss.0'], ...[27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58].map((id) => [id, 'm/d/yy'] as const),
]) // prettier-ignore

interface Book {
  readonly sheets: readonly { readonly name: string; readonly entry: ArchiveEntry | undefined }[]
  readonly is1904: boolean
}

/** @param bytes of the file, for progress */
export async function openXlsx(
  archive: Archive,
  format: string,
  bytes: number,
  limits: Limits,
  signal: AbortSignal | undefined,
): Promise<Grid> {
  const parts = new Map(archive.entries.map((entry) => [pathOf(entry.name), entry]))
  const inflate = (path: string): AsyncIterable<Buffer> | null => {
    const entry = parts.get(path)
    return entry === undefined ? null : archive.inflate(entry, signal)
  }
  const inflated = await measure(archive, signal)
  const book = await readBook(inflate, parts, limits)
  const shared: SharedParts = {
    strings: await readStrings(inflate('xl/sharedstrings.xml'), limits),
    formatted: await readFormats(inflate('xl/styles.xml'), book, limits),
  }
  const heads: GridSheet[] = []
  for (const { name, entry } of book.sheets)
    heads.push({ name, head: await readHead(entry), virtualRows: 0 })
  return { format, encoding: 'binary', bytes, sheets: heads, rows }

  async function readHead(entry: ArchiveEntry | undefined): Promise<string[][]> {
    const head: string[][] = []
    let cells = 0
    if (entry === undefined) return head
    for await (const { rows: some } of sheetRows(entry, signal)) {
      for (const row of some) {
        if (row.row > HEAD_RECORDS || cells > HEAD_CELLS) return head
        // Blank rows are not handed out; here they keep an index a row number.
        while (head.length < row.row - 1) head.push([])
        head.push([...row.cells])
        cells += row.cells.length
      }
    }
    return head
  }

  async function* rows(during: AbortSignal | undefined): AsyncGenerator<GridRow[]> {
    let before = 0
    for (const [sheet, { entry }] of book.sheets.entries()) {
      if (entry === undefined) continue
      let read = 0
      for await (const { rows: some, bytes: now } of sheetRows(entry, during)) {
        read = now
        const bytesRead = Math.min(bytes, Math.floor(((before + read) / inflated) * bytes))
        yield some.map((row) => ({ ...row, sheet, bytesRead }))
      }
      before += read
    }
  }

  async function* sheetRows(entry: ArchiveEntry, during: AbortSignal | undefined) {
    const reader = new SheetRows(limits, shared)
    for await (const read of parsePart(archive.inflate(entry, during), reader, limits)) {
      if (reader.length > HARMLESS_LENGTH + read * MOST_REPEATED)
        throw new PriceFileError(
          'LIMIT_EXCEEDED',
          'The workbook repeats a few long texts far more often than a price list would; get its sheets as CSV.',
        )
      const { rows: some } = reader
      reader.rows = []
      yield { rows: some, bytes: read }
    }
  }
}

/** Nothing in an archive is believed, so all of it is inflated once, within the limits. @returns its size */
async function measure(archive: Archive, signal: AbortSignal | undefined): Promise<number> {
  let inflated = 0
  for (const entry of archive.entries)
    for await (const piece of archive.inflate(entry, signal)) inflated += piece.length
  return Math.max(1, inflated)
}

type Inflate = (path: string) => AsyncIterable<Buffer> | null

async function readBook(
  inflate: Inflate,
  parts: ReadonlyMap<string, ArchiveEntry>,
  limits: Limits,
): Promise<Book> {
  const targets = new Map<string, string>()
  const links = inflate('xl/_rels/workbook.xml.rels')
  if (links === null) throw damaged('it does not say where its sheets are')
  await parseWhole(links, onOpen((name, { Id: id, Target: target }) => {
    if (name === 'Relationship' && id !== undefined && target !== undefined)
      targets.set(id, pathOf(target.startsWith('/') ? target.slice(1) : `xl/${target}`))
  }), limits) // prettier-ignore
  const sheets: Book['sheets'][number][] = []
  let is1904 = false
  const book = inflate('xl/workbook.xml')
  if (book === null) throw damaged('it has no list of sheets')
  await parseWhole(book, onOpen((name, attributes) => {
    if (name === 'workbookPr') is1904 = /^(1|true)$/.test(attributes['date1904'] ?? '')
    if (name !== 'sheet') return
    const link = Object.entries(attributes).find(([key]) => key === 'id' || key.endsWith(':id'))?.[1] ?? ''
    sheets.push({ name: attributes['name'] ?? '', entry: parts.get(targets.get(link) ?? '') })
  }), limits) // prettier-ignore
  return { sheets, is1904 }
}

async function readStrings(
  pieces: AsyncIterable<Buffer> | null,
  limits: Limits,
): Promise<readonly string[]> {
  const strings: string[] = []
  if (pieces === null) return strings
  let text = ''
  let isText = false
  let isAid = false
  let weight = 0
  await parseWhole(
    pieces,
    {
      open(name) {
        if (name === 'si') text = ''
        else if (name === 'rPh') isAid = true
        else if (name === 't') isText = !isAid
      },
      close(name) {
        if (name === 't') isText = false
        else if (name === 'rPh') isAid = false
        else if (name === 'si') {
          // Joined anew, so that the piece of the file it was cut from can go.
          const whole = Buffer.from(plainText(text)).toString()
          weight += whole.length + TEXT_COST
          if (weight > limits.maxWorkbookTextBytes)
            throw new PriceFileError(
              'LIMIT_EXCEEDED',
              `The workbook has more than ${limits.maxWorkbookTextBytes} bytes of different texts; save its sheets as CSV.`,
            )
          strings.push(whole)
        }
      },
      text(more) {
        if (!isText) return
        text += more
        if (text.length > limits.maxCellBytes) throw tooLong(limits)
      },
    },
    limits,
  )
  return strings
}

async function readFormats(
  pieces: AsyncIterable<Buffer> | null,
  { is1904 }: Book,
  limits: Limits,
): Promise<SharedParts['formatted']> {
  const custom = new Map<number, string>()
  const styles: number[] = []
  let isCell = false
  if (pieces !== null)
    await parseWhole(
      pieces,
      {
        open(name, attributes) {
          const id = Number(attributes['numFmtId'] ?? 0)
          if (name === 'numFmt') custom.set(id, attributes['formatCode'] ?? '')
          else if (name === 'cellXfs') isCell = true
          else if (name === 'xf' && isCell) styles.push(id)
        },
        close(name) {
          if (name === 'cellXfs') isCell = false
        },
        text() {},
      },
      limits,
    )
  const named = styles.map((id) => custom.get(id) ?? BUILT_IN.get(id) ?? '')
  if (named.every((each) => each === '' || each === 'General')) return () => undefined
  // The library is large, and most price files do without it.
  const { SSF } = await import('@e965/xlsx')
  const speaking = named.map((each) => (isPartOfValue(each, SSF.is_date) ? each : null))
  return (value, style) => {
    const spoken = speaking[style] ?? null
    if (spoken === null) return undefined
    try {
      return SSF.format(spoken, value, { date1904: is1904 })
    } catch {
      return undefined
    }
  }
}

function onOpen(open: XmlHandler['open']): XmlHandler {
  return { open, close() {}, text() {} }
}

/** Parts are named with either slash, in any case, with steps up and without. */
function pathOf(name: string): string {
  const steps: string[] = []
  for (const step of name.replaceAll('\\', '/').toLowerCase().split('/'))
    if (step === '..') steps.pop()
    else if (step !== '.' && step !== '') steps.push(step)
  return steps.join('/')
}
