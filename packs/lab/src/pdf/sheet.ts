// A page to write on: headings, facts, tables that go on over pages, bars, and a foot on every page. Tagged, and the same
// bytes for the same content.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import PdfKit from 'pdfkit'
import { drawBars } from './barcode.ts'
import { hasRightToLeft } from './bidi.ts'
import { linesOf, writeLine } from './right-to-left.ts'

export interface SheetOptions {
  readonly title: string
  /** The time the document says it was made at, milliseconds: from the job, so that a second run makes the same bytes. */
  readonly created: number
  readonly author: string
  /** BCP 47; `en-US` unless told. */
  readonly language?: string
  /** What stands at the foot of each page, beside its number. */
  readonly foot: string
}

export interface Column {
  readonly title: string
  /** Share of the width. */
  readonly share: number
  readonly align?: 'left' | 'right'
}

export interface Sheet {
  /** The title of the document, and what stands beside it at the right. */
  title(text: string, aside?: string): void
  heading(text: string): void
  /** Labels over values, `columns` in a row. */
  facts(facts: readonly (readonly [label: string, value: string])[], columns?: number): void
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void
  /** Lines at the right, such as totals; the last one strong. */
  totals(lines: readonly (readonly [label: string, value: string])[]): void
  text(text: string): void
  /** A Code 128 barcode with its text below. */
  barcode(text: string): void
  /** Empty boxes to tick, with what each is for. */
  boxes(labels: readonly string[]): void
  /** A large word, such as a job number. */
  large(text: string): void
  /** Ends the document. */
  finish(): Promise<Uint8Array>
}

const MARGIN = 48
const FOOT_SPACE = 40
const INK = '#1a1a1a'
const QUIET = '#555555'
const RULE = '#bbbbbb'
const SIZE = { title: 18, heading: 12, text: 9.5, label: 7.5, large: 34 }
const PAD = 4
/** What a document may hold of text and rows: more is a mistake. */
const MOST_ROWS = 5_000
const LONGEST_TEXT = 20_000

const require = createRequire(import.meta.url)
const font = (name: string): Buffer =>
  readFileSync(require.resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`))
let fonts: { readonly plain: Buffer; readonly strong: Buffer } | undefined

/** DejaVu Sans, embedded: it knows Latin, Greek, Cyrillic and more; what it does not know shows as a box. */
function loadFonts(): { readonly plain: Buffer; readonly strong: Buffer } {
  return (fonts ??= { plain: font('DejaVuSans'), strong: font('DejaVuSans-Bold') })
}

/** Characters that PDF text cannot hold, or that would turn the reading direction around. */
const UNSHOWN = /[\p{Bidi_Control}\p{Cc}]/gu

function clean(text: string): string {
  return text
    .slice(0, LONGEST_TEXT)
    .split('\n')
    .map((line) => line.replaceAll('\t', ' ').replaceAll(UNSHOWN, ''))
    .join('\n')
    .normalize('NFC')
}

export function openSheet(options: SheetOptions): Sheet {
  const { title, created, author, language = 'en-US' } = options
  const at = new Date(Math.floor(created / 1_000) * 1_000)
  const doc = new PdfKit({
    size: 'LETTER',
    margins: { top: MARGIN, left: MARGIN, right: MARGIN, bottom: MARGIN + FOOT_SPACE },
    bufferPages: true,
    pdfVersion: '1.7',
    tagged: true,
    lang: language,
    displayTitle: true,
    info: {
      Title: clean(title),
      Author: clean(author),
      Producer: 'Orderly',
      Creator: 'Orderly',
      CreationDate: at,
      ModDate: at,
    },
  })
  const { plain, strong } = loadFonts()
  doc.registerFont('plain', plain).registerFont('strong', strong)
  const chunks: Buffer[] = []
  doc.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = new Promise<Uint8Array>((resolve, reject) => {
    doc.on('end', () => resolve(Buffer.concat(chunks)))
    doc.on('error', reject)
  })
  const width = doc.page.width - 2 * MARGIN
  const bottom = doc.page.height - MARGIN - FOOT_SPACE

  const write = (
    text: string,
    style: Style,
    place?: { x: number; y: number; width: number },
  ): void => {
    doc
      .font(style.strong ? 'strong' : 'plain')
      .fontSize(style.size)
      .fillColor(style.color ?? INK)
    const { x, y, width: wide } = place ?? { x: MARGIN, y: doc.y, width }
    const shown = clean(text) || ' '
    if (!hasRightToLeft(shown)) {
      doc.text(shown, x, y, { width: wide, align: style.align ?? 'left', lineGap: 1 })
      return
    }
    let top = y
    for (const line of linesOf(doc, shown, wide)) {
      // A paragraph over the whole width begins at the right where it is read from there; a cell keeps its side.
      const isRight = style.align === 'right' || (place === undefined && line.isRightToLeft)
      writeLine(doc, line, { x: isRight ? x + wide - line.width : x, y: top })
      top += doc.currentLineHeight(true) + 1
    }
    doc.x = MARGIN
    doc.y = top
  }
  const heightOf = (text: string, style: Style, wide: number): number => {
    doc.font(style.strong ? 'strong' : 'plain').fontSize(style.size)
    const shown = clean(text) || ' '
    if (hasRightToLeft(shown))
      return linesOf(doc, shown, wide).length * (doc.currentLineHeight(true) + 1)
    return doc.heightOfString(shown, { width: wide, lineGap: 1 })
  }
  const say = (tag: string, work: () => void, alt?: string): void => {
    const element = doc.struct(tag, alt === undefined ? {} : { alt: clean(alt) }, work)
    doc.addStructure(element)
    element.end()
  }
  const rule = (y: number): void => {
    doc.markContent('Artifact', { type: 'Layout' })
    doc
      .moveTo(MARGIN, y)
      .lineTo(MARGIN + width, y)
      .lineWidth(0.5)
      .strokeColor(RULE)
      .stroke()
    doc.endMarkedContent()
  }
  /** Goes to the next page where less than `height` is left of this one. */
  const need = (height: number): boolean => {
    if (doc.y + height <= bottom) return false
    doc.addPage()
    doc.y = MARGIN
    return true
  }
  const gap = (height: number): void => void (doc.y += height)

  const row = (
    columns: readonly Column[],
    cells: readonly string[],
    isHead: boolean,
  ): StructElement => {
    const style = (column: Column): Style => ({
      size: isHead ? SIZE.label : SIZE.text,
      strong: isHead,
      color: isHead ? QUIET : INK,
      align: column.align ?? 'left',
    })
    const total = columns.reduce((sum, { share }) => sum + share, 0)
    const widths = columns.map(({ share }) => (share / total) * width)
    const height =
      Math.max(
        ...columns.map((column, n) =>
          heightOf(cells[n] ?? '', style(column), widths[n]! - 2 * PAD),
        ),
      ) +
      2 * PAD
    const y = doc.y
    let x = MARGIN
    const element = doc.struct('TR')
    for (const [n, column] of columns.entries()) {
      const place = { x: x + PAD, y: y + PAD, width: widths[n]! - 2 * PAD }
      element.add(
        doc.struct(isHead ? 'TH' : 'TD', {}, () => write(cells[n] ?? '', style(column), place)),
      )
      x += widths[n]!
    }
    rows.push({ element, after: y + height })
    return element
  }
  const rows: { element: StructElement; after: number }[] = []

  return {
    title(text, aside) {
      const y = doc.y
      say('H1', () =>
        write(text, { size: SIZE.title, strong: true }, { x: MARGIN, y, width: width * 0.68 }),
      )
      const below = doc.y
      if (aside !== undefined)
        say('P', () =>
          write(
            aside,
            { size: SIZE.text, color: QUIET, align: 'right' },
            { x: MARGIN + width * 0.68, y: y + 6, width: width * 0.32 },
          ),
        )
      doc.y = Math.max(below, doc.y) + 4
      rule(doc.y)
      gap(12)
    },
    heading(text) {
      need(60)
      gap(6)
      say('H2', () => write(text, { size: SIZE.heading, strong: true }))
      gap(4)
    },
    facts(facts, columns = 4) {
      const wide = width / columns
      const shown = facts.filter(([, value]) => value !== '')
      for (let from = 0; from < shown.length; from += columns) {
        const line = shown.slice(from, from + columns)
        const height =
          Math.max(...line.map(([, value]) => heightOf(value, { size: SIZE.text }, wide - 8))) + 18
        need(height)
        const y = doc.y
        line.forEach(([label, value], n) => {
          const x = MARGIN + n * wide
          say('P', () => {
            write(label, { size: SIZE.label, color: QUIET }, { x, y, width: wide - 8 })
            write(value, { size: SIZE.text }, { x, y: y + 10, width: wide - 8 })
          })
        })
        doc.y = y + height
      }
    },
    table(columns, given) {
      if (given.length > MOST_ROWS) throw new RangeError(`a document has at most ${MOST_ROWS} rows`)
      need(60)
      const table = doc.struct('Table')
      doc.addStructure(table)
      const add = (cells: readonly string[], isHead: boolean): void => {
        const element = row(columns, cells, isHead)
        table.add(element)
        element.end()
        doc.y = rows.at(-1)!.after
        rule(doc.y)
      }
      const head = columns.map(({ title }) => title)
      add(head, true)
      for (const cells of given) {
        if (need(rowHeight(cells))) add(head, true)
        add(cells, false)
      }
      table.end()
      gap(8)
      function rowHeight(cells: readonly string[]): number {
        const total = columns.reduce((sum, { share }) => sum + share, 0)
        return (
          Math.max(
            ...columns.map(({ share }, n) =>
              heightOf(cells[n] ?? '', { size: SIZE.text }, (share / total) * width - 2 * PAD),
            ),
          ) +
          2 * PAD
        )
      }
    },
    totals(lines) {
      need(lines.length * 16 + 8)
      lines.forEach(([label, value], n) => {
        const isLast = n === lines.length - 1
        const y = doc.y
        const style = {
          size: isLast ? SIZE.heading : SIZE.text,
          strong: isLast,
          align: 'right',
        } as const
        say('P', () => {
          write(label, style, { x: MARGIN + width * 0.35, y, width: width * 0.4 })
          write(value, style, { x: MARGIN + width * 0.75, y, width: width * 0.25 })
        })
        gap(3)
      })
    },
    text(text) {
      need(heightOf(text, { size: SIZE.text }, width))
      say('P', () => write(text, { size: SIZE.text }))
      gap(4)
    },
    barcode(text) {
      need(80)
      const y = doc.y
      say(
        'Figure',
        () => drawBars(doc, text, { x: MARGIN, y, width: Math.min(width, 300), height: 48 }),
        `Barcode ${text}`,
      )
      doc.y = y + 54
      say('P', () => write(text, { size: SIZE.text }))
      gap(6)
    },
    boxes(labels) {
      for (const label of labels) {
        need(18)
        const y = doc.y
        doc.markContent('Artifact', { type: 'Layout' })
        doc.rect(MARGIN, y, 10, 10).lineWidth(0.8).strokeColor(INK).stroke()
        doc.endMarkedContent()
        say('P', () =>
          write(label, { size: SIZE.text }, { x: MARGIN + 18, y: y - 1, width: width - 18 }),
        )
        gap(5)
      }
    },
    large(text) {
      need(SIZE.large * 1.4)
      say('P', () => write(text, { size: SIZE.large, strong: true }))
    },
    async finish() {
      const { start, count } = doc.bufferedPageRange()
      for (let page = start; page < start + count; page++) {
        doc.switchToPage(page)
        // The foot stands in the margin, where text would begin a new page.
        doc.page.margins.bottom = 0
        doc.markContent('Artifact', { type: 'Pagination' })
        const place = { x: MARGIN, y: doc.page.height - MARGIN, width }
        write(options.foot, { size: SIZE.label, color: QUIET }, { ...place, width: width * 0.75 })
        write(
          `Page ${page - start + 1} of ${count}`,
          { size: SIZE.label, color: QUIET, align: 'right' },
          place,
        )
        doc.endMarkedContent()
      }
      doc.end()
      return ended
    },
  }
}

interface Style {
  readonly size: number
  readonly strong?: boolean
  readonly color?: string
  readonly align?: 'left' | 'right'
}

type StructElement = ReturnType<InstanceType<typeof PdfKit>['struct']>
