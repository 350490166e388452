// Owns one sheet of an XLSX file: XML events in, rows of text out.
import type { Limits } from './limits.ts'
import { PriceFileError } from './error.ts'
import { damaged, tooLong, unescaped, type Attributes, type XmlHandler } from './xlsx-xml.ts'

export interface SheetRow {
  /** 1-based. */
  readonly row: number
  readonly cells: readonly string[]
}

/** What cells refer to. */
export interface SharedParts {
  readonly strings: readonly string[]
  /** The text of a number in the format of a style, where the format is part of the value; else undefined. */
  formatted(value: number, style: number): string | undefined
}

const LAST_ROW = 1_048_576

/** Gathers rows in `rows`, for whoever feeds it to take away. */
export class SheetRows implements XmlHandler {
  rows: SheetRow[] = []
  /** Characters of all cells so far. */
  length = 0
  readonly #limits: Limits
  readonly #shared: SharedParts
  #inData = false
  #row = 0
  #cells: string[] = []
  #column = -1
  #weight = 0
  #type = ''
  #style = 0
  #value: string | null = null
  #text = ''
  /** Whether text belongs to the cell: inside `v`, or `t` but not the `t` of a reading aid. */
  #isText = false
  #isAid = false

  constructor(limits: Limits, shared: SharedParts) {
    this.#limits = limits
    this.#shared = shared
  }

  open(name: string, attributes: Attributes): void {
    if (name === 'sheetData') this.#inData = true
    if (!this.#inData) return
    switch (name) {
      case 'row':
        this.#openRow(attributes['r'])
        return
      case 'c':
        this.#column = columnOf(attributes['r']) ?? this.#column + 1
        if (this.#column >= this.#limits.maxColumns)
          throw new PriceFileError(
            'LIMIT_EXCEEDED',
            `A sheet has more than ${this.#limits.maxColumns} columns; get a smaller table.`,
          )
        this.#type = attributes['t'] ?? 'n'
        this.#style = Number(attributes['s'] ?? 0)
        this.#value = null
        return
      case 'rPh':
        this.#isAid = true
        return
      case 'v':
      case 't':
        this.#isText = !this.#isAid
        this.#text = ''
    }
  }

  close(name: string): void {
    if (!this.#inData) return
    switch (name) {
      case 'sheetData':
        this.#inData = false
        return
      case 'rPh':
        this.#isAid = false
        return
      case 'v':
        this.#value = this.#text
        this.#isText = false
        return
      case 't':
        if (this.#isText) this.#value = (this.#value ?? '') + this.#text
        this.#isText = false
        return
      case 'c':
        this.#closeCell()
        return
      case 'row':
        if (this.#cells.some((cell) => cell !== ''))
          this.rows.push({ row: this.#row, cells: this.#cells })
    }
  }

  text(text: string): void {
    if (!this.#isText) return
    this.#text += text
    if (this.#text.length > this.#limits.maxCellBytes) throw tooLong(this.#limits)
  }

  #openRow(reference: string | undefined): void {
    const row = reference === undefined ? this.#row + 1 : Number(reference)
    if (!Number.isInteger(row) || row <= this.#row || row > LAST_ROW)
      throw damaged('its rows are not in order')
    this.#row = row
    this.#cells = []
    this.#column = -1
    this.#weight = 0
  }

  #closeCell(): void {
    if (this.#value === null) return
    const text = this.#textOf(this.#value)
    if (text === '') return
    this.length += text.length
    this.#weight += text.length
    if (this.#weight > this.#limits.maxLineBytes) throw tooLong(this.#limits)
    while (this.#cells.length < this.#column) this.#cells.push('')
    this.#cells[this.#column] = text
  }

  #textOf(value: string): string {
    switch (this.#type) {
      case 's': {
        const shared = this.#shared.strings[Number(value)]
        if (shared === undefined) throw damaged('it names a text that it does not have')
        return shared
      }
      case 'n': {
        const text = value.trim()
        if (text === '') return ''
        const number = Number(text)
        if (Number.isNaN(number)) return text
        // By its digits, not by its format, so that no cent is rounded away.
        return this.#shared.formatted(number, this.#style)?.trim() ?? String(number)
      }
      case 'b':
        return value.trim() === '1' || value.trim() === 'true' ? 'true' : 'false'
      case 'e':
        return ''
      default:
        return plainText(value)
    }
  }
}

/** Trimmed, with line feeds alone. */
export function plainText(text: string): string {
  return unescaped(text).replace(/\r\n?/g, '\n').trim()
}

/** `AB12` is the column 27, counted from 0. */
function columnOf(reference: string | undefined): number | undefined {
  if (reference === undefined) return undefined
  let column = 0
  for (let at = 0; at < reference.length; at++) {
    const letter = reference.charCodeAt(at) & ~32
    if (letter < 65 || letter > 90) break
    column = column * 26 + letter - 64
  }
  return column - 1
}
