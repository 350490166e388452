// Owns the record scanner for delimited text: quotes, line ends and byte offsets, and nothing about
// what the cells mean. It never gives up on a file: what RFC 4180 forbids still yields records.
import type { CanonicalContent } from './digest.ts'
import { decodeCell, type Encoding } from './encoding.ts'
import { PriceFileError } from './error.ts'
import type { Limits } from './limits.ts'
import type { TextStream } from './source.ts'
import type { RawCells } from '../shape/row.ts'

export interface Dialect {
  readonly delimiter: ',' | '\t' | '|' | ';'
  /** Some exports write quotes as plain characters. */
  readonly quotes: boolean
  /** `cr` for files whose only line end is a carriage return. */
  readonly newline: 'lf' | 'cr'
}

export type RecordProblem = 'QUOTE_UNCLOSED' | 'NUL_BYTES'

const CHUNK_BYTES = 512 * 1024
// A quoted cell of many lines this long is a quote that nobody closed.
const LINES_IN_QUOTES_BYTES = 64 * 1024

const QUOTE = 34
const LF = 10
const CR = 13
const SPACE = 32
const POINT = 46
const ZERO = 48
const NINE = 57

const DECIMAL = /^(?=.*[1-9])(?:\d+\.?\d*|\.\d+)$/

const ORDINARY = 0
const DELIMITER = 1
const LINE_FEED = 2
const RETURN = 3
const HIGH = 4
const NUL = 5

/**
 * Scans records one at a time: `next()` until it answers false, then `await fill()`, and so on
 * until that answers false too. The cells of the current record are those of the last `next()`.
 * The bytes are scanned as bytes; text is sliced from one Latin-1 string of the same offsets, and
 * only cells outside ASCII are decoded for themselves.
 */
export class RecordScanner implements RawCells {
  count = 0
  /** Records so far, this one included. */
  row: number
  /** Offset of the current record in the file. */
  byte: number
  blank = true
  problem: RecordProblem | null = null
  /** The record has a quoted cell of several lines, or quotes that quote nothing. */
  odd = false

  readonly #stream: TextStream
  readonly #dialect: Dialect
  readonly #encoding: Encoding
  readonly #limits: Limits
  readonly #kinds = new Uint8Array(256)
  #starts = new Int32Array(256)
  #ends = new Int32Array(256)
  /** 0 plain, 1 quoted, 2 quoted with doubled quotes inside. */
  #styles = new Uint8Array(256)
  #buffer: Buffer
  #length = 0
  #text = ''
  #position = 0
  #recordStart = 0
  #contentEnd = 0
  #nextByte: number
  #ended = false
  #ascii = true
  #simple = true
  #multiline = false

  constructor(
    stream: TextStream,
    dialect: Dialect,
    encoding: Encoding,
    limits: Limits,
    from: { readonly byte: number; readonly row: number },
    chunkBytes: number = CHUNK_BYTES,
  ) {
    this.#stream = stream
    this.#dialect = dialect
    this.#encoding = encoding
    this.#limits = limits
    this.#buffer = Buffer.allocUnsafe(Math.max(64, chunkBytes))
    this.byte = from.byte
    this.#nextByte = from.byte
    this.row = from.row
    this.#kinds.fill(HIGH, 128)
    this.#kinds[0] = NUL
    this.#kinds[LF] = LINE_FEED
    this.#kinds[CR] = RETURN
    this.#kinds[dialect.delimiter.charCodeAt(0)] = DELIMITER
  }

  /** Offset in the file of the record after the current one. */
  get nextByte(): number {
    return this.#nextByte
  }

  next(): boolean {
    if (this.#position >= this.#length) return false
    this.problem = null
    let end = this.#scan(this.#position, this.#dialect.quotes)
    if (end === UNCLOSED || end === STRAY) {
      // The quote was never meant as one: take the line as it stands.
      const unclosed = end === UNCLOSED
      end = this.#scan(this.#position, false)
      if (end !== INCOMPLETE && unclosed) this.problem = 'QUOTE_UNCLOSED'
      this.odd = true
    }
    if (end === INCOMPLETE) return false
    this.#recordStart = this.#position
    this.#position = end
    this.row++
    this.byte = this.#nextByte
    this.#nextByte += this.#stream.unit === 1 ? end - this.#recordStart : this.#unitsOfRecord() * 2
    if (end - this.#recordStart > this.#limits.maxCellBytes) this.#checkCells()
    return true
  }

  /** Reads more of the file; false when all of it has been scanned. */
  async fill(): Promise<boolean> {
    if (this.#ended) return false
    const kept = this.#length - this.#position
    if (kept > this.#limits.maxLineBytes)
      throw new PriceFileError(
        'LIMIT_EXCEEDED',
        `A line is longer than ${this.#limits.maxLineBytes} bytes; ask the hospital for a file with one record a line.`,
      )
    // One byte stays free for the sentinel, which spares the scanner a bounds check.
    if (kept * 2 > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(this.#buffer.length * 4)
      this.#buffer.copy(larger, 0, this.#position, this.#length)
      this.#buffer = larger
    } else this.#buffer.copyWithin(0, this.#position, this.#length)
    this.#position = 0
    this.#length = kept
    const bytes = await this.#stream.read(this.#buffer.subarray(0, this.#buffer.length - 1), kept)
    if (bytes === 0) this.#ended = true
    this.#length += bytes
    this.#buffer[this.#length] = LF
    this.#text = this.#buffer.toString('latin1', 0, this.#length)
    return this.#length > 0
  }

  text(index: number): string {
    if (index >= this.count) return ''
    const start = this.#starts[index] as number
    const end = this.#ends[index] as number
    if (start === end) return ''
    let text = this.#ascii
      ? this.#text.slice(start, end)
      : decodeCell(this.#buffer.subarray(start, end), this.#encoding).trim()
    if (this.#styles[index] === 2) text = text.replaceAll('""', '"').trim()
    if (this.#multiline && text.includes('\r')) text = text.replace(/\r\n?/g, '\n')
    return text
  }

  empty(index: number): boolean {
    if (index < 0 || index >= this.count || this.#starts[index] === this.#ends[index]) return true
    // White space outside ASCII is trimmed only when the cell is decoded.
    return !this.#ascii && this.text(index) === ''
  }

  positive(index: number): boolean {
    if (index < 0 || index >= this.count) return false
    if (!this.#ascii) return DECIMAL.test(this.text(index))
    const buffer = this.#buffer
    const start = this.#starts[index] as number
    const end = this.#ends[index] as number
    let points = 0
    let isAboveZero = false
    for (let at = start; at < end; at++) {
      const byte = buffer[at] as number
      if (byte > ZERO && byte <= NINE) isAboveZero = true
      else if (byte === POINT) points++
      else if (byte !== ZERO) return false
    }
    return isAboveZero && points <= 1
  }

  /** The record in its one canonical spelling: trimmed cells, quotes only where they are needed. */
  canonical(): string {
    if (this.#simple && this.#ascii) return this.#text.slice(this.#recordStart, this.#contentEnd)
    const delimiter = this.#dialect.delimiter
    let record = ''
    for (let index = 0; index < this.count; index++) {
      const text = this.text(index)
      if (index > 0) record += delimiter
      const bare = this.#styles[index] === 0 && !this.#multiline && !text.startsWith('"')
      record += bare || !mustQuote(text, delimiter) ? text : `"${text.replaceAll('"', '""')}"`
    }
    return record
  }

  /** Adds the canonical spelling of the current record to the content of its batch. */
  collect(content: CanonicalContent): void {
    if (this.#simple && this.#ascii)
      content.addBytes(this.#buffer, this.#recordStart, this.#contentEnd)
    else content.addText(this.canonical())
  }

  #scan(from: number, quotes: boolean): number {
    const buffer = this.#buffer
    const kinds = this.#kinds
    const length = this.#length
    let starts = this.#starts
    let ends = this.#ends
    let styles = this.#styles
    let count = 0
    let at = from
    let blank = true
    let ascii = true
    let simple = true
    let multiline = false
    for (;;) {
      if (count === starts.length) {
        this.#grow()
        starts = this.#starts
        ends = this.#ends
        styles = this.#styles
      }
      let start = at
      let end: number
      let style = 0
      if (quotes && buffer[at] === QUOTE && at < length) {
        start = ++at
        style = 1
        simple = false
        let stray = false
        for (;;) {
          let byte: number
          while ((byte = buffer[at] as number) !== QUOTE) {
            if (byte >= 128) ascii = false
            else if (byte < SPACE) {
              if (at >= length) break
              if (byte === LF || byte === CR) {
                multiline = true
                if (stray) return STRAY
                if (at - start > LINES_IN_QUOTES_BYTES) return UNCLOSED
              }
              if (byte === 0) this.problem = 'NUL_BYTES'
            }
            at++
          }
          if (at >= length) {
            if (this.#ended || at - start > this.#limits.maxCellBytes) return UNCLOSED
            return INCOMPLETE
          }
          end = at++
          if (at >= length && !this.#ended) return INCOMPLETE
          if (buffer[at] === QUOTE && at < length) {
            style = 2
            at++
            continue
          }
          let after = at
          while (buffer[after] === SPACE && after < length) after++
          if (after >= length && !this.#ended) return INCOMPLETE
          const kind = kinds[buffer[after] as number]
          if (after >= length || kind === DELIMITER || kind === LINE_FEED || kind === RETURN) {
            at = after
            break
          }
          // A quote that nothing follows up is a character of the cell: `"5" CATHETER"`.
          stray = true
        }
      } else {
        for (;;) {
          let kind: number
          while ((kind = kinds[buffer[at] as number] as number) === ORDINARY) at++
          if (kind === HIGH) {
            ascii = false
            at++
          } else if (kind === NUL) {
            this.problem = 'NUL_BYTES'
            at++
          } else if (kind === RETURN && at < length) {
            if (at + 1 >= length && !this.#ended) return INCOMPLETE
            if (this.#dialect.newline === 'cr' || buffer[at + 1] === LF || at + 1 >= length) break
            // A stray return inside a line is white space.
            multiline = true
            simple = false
            at++
          } else break
        }
        end = at
      }
      if (end > start) {
        if ((buffer[start] as number) <= SPACE || (buffer[end - 1] as number) <= SPACE) {
          simple = false
          while (start < end && (buffer[start] as number) <= SPACE) start++
          while (end > start && (buffer[end - 1] as number) <= SPACE) end--
        }
        if (end > start) blank = false
      }
      starts[count] = start
      ends[count] = end
      styles[count] = style
      count++
      if (at >= length) {
        if (!this.#ended) return INCOMPLETE
        at = length
        this.#contentEnd = length
        break
      }
      const byte = buffer[at] as number
      if (byte === LF) {
        this.#contentEnd = at++
        break
      }
      if (byte === CR) {
        this.#contentEnd = at++
        if (at >= length && !this.#ended) return INCOMPLETE
        if (buffer[at] === LF && at < length) at++
        break
      }
      at++
    }
    this.count = count
    this.blank = blank
    this.#ascii = ascii
    this.#simple = simple
    this.#multiline = multiline
    this.odd = multiline
    return at
  }

  #grow(): void {
    const size = this.#starts.length * 2
    if (this.#starts.length >= this.#limits.maxColumns)
      throw new PriceFileError(
        'LIMIT_EXCEEDED',
        `A record has more than ${this.#limits.maxColumns} cells; rows may have been run into one line.`,
      )
    const starts = new Int32Array(size)
    starts.set(this.#starts)
    this.#starts = starts
    const ends = new Int32Array(size)
    ends.set(this.#ends)
    this.#ends = ends
    const styles = new Uint8Array(size)
    styles.set(this.#styles)
    this.#styles = styles
  }

  #checkCells(): void {
    for (let index = 0; index < this.count; index++)
      if (
        (this.#ends[index] as number) - (this.#starts[index] as number) >
        this.#limits.maxCellBytes
      )
        throw new PriceFileError(
          'LIMIT_EXCEEDED',
          `Record ${this.row} has a cell of more than ${this.#limits.maxCellBytes} bytes.`,
        )
  }

  #unitsOfRecord(): number {
    if (this.#ascii) return this.#position - this.#recordStart
    return this.#buffer.toString('utf8', this.#recordStart, this.#position).length
  }
}

const INCOMPLETE = -1
const UNCLOSED = -2
/** A quoted cell that has stray quotes and then runs over its line was no quoted cell. */
const STRAY = -3

function mustQuote(text: string, delimiter: string): boolean {
  return text.includes(delimiter) || text.startsWith('"') || text.includes('\n')
}
