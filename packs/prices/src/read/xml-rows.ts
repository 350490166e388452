// Owns the turning of XML events into rows: SpreadsheetML 2003 sheets, and tables of records such as
// Access exports, where every second-level element is a record and its children are the cells.
import { SaxesParser } from 'saxes'
import { PriceFileError } from './error.ts'
import type { Limits } from './limits.ts'

export interface XmlRow {
  readonly sheet: number
  readonly row: number
  readonly cells: readonly string[]
}

export type XmlFormat = 'access-xml' | 'spreadsheet-xml' | 'xml'

const MAX_DEPTH = 64

/** Feeds on text and hands out rows; `sheets` and `columns` grow as the file is read. */
export class XmlRows {
  format: XmlFormat | null = null
  readonly sheets: string[] = []
  /** Column names of each record table, in the order of their first use. */
  readonly columns: Map<string, number>[] = []
  rows: XmlRow[] = []

  readonly #parser = new SaxesParser({ fragment: false })
  readonly #limits: Limits
  #depth = 0
  #fed = 0
  #text: string | null = null
  #sheet = -1
  #rowNumber = 0
  #rowNumbers: number[] = []
  #cells: string[] = []
  #column = 0
  #type = ''
  #filled = false

  constructor(
    limits: Limits,
    known: readonly ReadonlyMap<string, number>[] = [],
    sheets: readonly string[] = [],
  ) {
    this.#limits = limits
    for (const names of known) this.columns.push(new Map(names))
    this.sheets.push(...sheets)
    this.#rowNumbers = this.sheets.map(() => 0)
    this.#parser.on('error', (error) => {
      throw new PriceFileError(
        'FILE_CORRUPT',
        `The XML is malformed near line ${this.#parser.line}; download it again.`,
        { cause: error },
      )
    })
    this.#parser.on('opentag', (tag) => {
      this.#fed = 0
      this.#open(tag.name, tag.attributes as Record<string, string>)
    })
    this.#parser.on('closetag', (tag) => {
      this.#fed = 0
      this.#close(tag.name)
    })
    const add = (text: string): void => {
      if (this.#text === null) return
      this.#text += text
      if (this.#text.length > limits.maxCellBytes) this.#tooLong()
    }
    this.#parser.on('text', add)
    this.#parser.on('cdata', add)
  }

  write(text: string): void {
    // The parser keeps text until the next tag, so a file without tags would grow for ever.
    this.#fed += text.length
    if (this.#fed > this.#limits.maxLineBytes) this.#tooLong()
    this.#parser.write(text)
  }

  end(): void {
    this.#parser.close()
  }

  #tooLong(): never {
    throw new PriceFileError(
      'LIMIT_EXCEEDED',
      `The XML has one value of more than ${this.#limits.maxCellBytes} bytes; get a table with shorter cells.`,
    )
  }

  #open(name: string, attributes: Record<string, string>): void {
    this.#depth++
    if (this.#depth > MAX_DEPTH)
      throw new PriceFileError(
        'LIMIT_EXCEEDED',
        `The XML is nested deeper than ${MAX_DEPTH} elements.`,
      )
    if (this.#depth === 1) {
      const root = local(name)
      if (root.toLowerCase() === 'html')
        throw new PriceFileError(
          'FILE_IS_HTML',
          'The file is a web page, perhaps an error or a consent page; download it again from its direct address.',
        )
      this.format =
        root === 'Workbook' ? 'spreadsheet-xml' : root === 'dataroot' ? 'access-xml' : 'xml'
    } else if (this.format === 'spreadsheet-xml') this.#openSheetTag(local(name), attributes)
    else this.#openRecordTag(local(name))
  }

  #close(name: string): void {
    this.#depth--
    if (this.format === 'spreadsheet-xml') this.#closeSheetTag(local(name))
    else this.#closeRecordTag(local(name))
  }

  #openSheetTag(name: string, attributes: Record<string, string>): void {
    const index = Number(attributes['ss:Index'] ?? attributes['Index'] ?? '')
    switch (name) {
      case 'Worksheet': {
        const title = attributes['ss:Name'] ?? attributes['Name'] ?? `Sheet ${this.#sheet + 2}`
        this.#sheet++
        if (this.sheets.length <= this.#sheet) this.sheets.push(title)
        this.#rowNumber = 0
        return
      }
      case 'Row':
        this.#rowNumber = index > this.#rowNumber ? index : this.#rowNumber + 1
        this.#cells = []
        this.#column = -1
        this.#filled = false
        return
      case 'Cell':
        this.#column = index > 0 ? index - 1 : this.#column + 1
        if (this.#column >= this.#limits.maxColumns) this.#tooWide()
        return
      case 'Data':
        this.#type = attributes['ss:Type'] ?? attributes['Type'] ?? 'String'
        this.#text = ''
    }
  }

  #closeSheetTag(name: string): void {
    if (name === 'Data' && this.#text !== null) {
      const text = this.#text.replace(/\r\n?/g, '\n').trim()
      this.#text = null
      if (text === '' || this.#type === 'Error') return
      while (this.#cells.length < this.#column) this.#cells.push('')
      this.#cells[this.#column] =
        this.#type === 'DateTime'
          ? text.slice(0, 10)
          : this.#type === 'Number' && /e/i.test(text)
            ? String(Number(text))
            : text
      this.#filled = true
    } else if (name === 'Row' && this.#filled)
      this.rows.push({ sheet: this.#sheet, row: this.#rowNumber, cells: this.#cells })
  }

  #openRecordTag(name: string): void {
    if (this.#depth === 2) {
      let sheet = this.sheets.indexOf(name)
      if (sheet < 0) {
        sheet = this.sheets.push(name) - 1
        this.columns.push(new Map())
        this.#rowNumbers.push(0)
      }
      this.#sheet = sheet
      this.#rowNumbers[sheet] = (this.#rowNumbers[sheet] ?? 0) + 1
      this.#cells = []
      this.#filled = false
    } else if (this.#depth === 3) this.#text = ''
  }

  #closeRecordTag(name: string): void {
    if (this.#depth === 2 && this.#text !== null) {
      const text = this.#text.replace(/\r\n?/g, '\n').trim()
      this.#text = null
      const columns = this.columns[this.#sheet] ?? new Map<string, number>()
      let column = columns.get(name)
      if (column === undefined) {
        column = columns.size
        if (column >= this.#limits.maxColumns) this.#tooWide()
        columns.set(name, column)
      }
      if (text === '') return
      while (this.#cells.length < column) this.#cells.push('')
      this.#cells[column] = text
      this.#filled = true
    } else if (this.#depth === 1 && this.#filled)
      this.rows.push({
        sheet: this.#sheet,
        row: this.#rowNumbers[this.#sheet] ?? 0,
        cells: this.#cells,
      })
  }

  #tooWide(): never {
    throw new PriceFileError(
      'LIMIT_EXCEEDED',
      `A table of the XML has more than ${this.#limits.maxColumns} columns.`,
    )
  }
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

/** Access writes the characters that a name must not have as `_x0020_`. */
export function columnName(name: string): string {
  return name.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
