// Owns the cutting of a JSON file into its root members and the items of its one long array. Only a
// single item is ever held as a value, so the file may be of any length.
import { isAscii } from 'node:buffer'
import { decodeCell, type Encoding } from './encoding.ts'
import { PriceFileError } from './error.ts'
import { JsonSeam } from './json-seam.ts'
import type { Limits } from './limits.ts'
import type { TextStream } from './source.ts'

export type JsonEvent =
  | { readonly is: 'member'; readonly key: string; readonly value: unknown }
  | { readonly is: 'array'; readonly key: string }
  /** `value` is undefined when the item's braces match but its inside is no JSON. */
  | { readonly is: 'item'; readonly value: unknown; readonly byte: number }
  | { readonly is: 'end' }

/** Where the stream starts: at the root, or between two items of the array. */
type JsonPlace = 'root' | 'items'

const CHUNK_BYTES = 512 * 1024
const INCOMPLETE = -1

const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN_ARRAY = 91
const BACKSLASH = 92
const CLOSE_ARRAY = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125

// 1 quote, 2 opening, 3 closing; all else only passes by.
const BRACKETS = new Uint8Array(256)
BRACKETS[QUOTE] = 1
BRACKETS[OPEN_ARRAY] = 2
BRACKETS[OPEN_OBJECT] = 2
BRACKETS[CLOSE_ARRAY] = 3
BRACKETS[CLOSE_OBJECT] = 3

export interface JsonStreamOptions {
  readonly encoding: Encoding
  readonly byte: number
  readonly place: JsonPlace
  /** False when the root is the array itself. */
  readonly rooted: boolean
  /** Key of the array whose items are wanted one by one. */
  readonly arrayKey: string
  /** Items are passed over without being parsed. */
  readonly skipItems?: boolean
  /** Refuse what is no JSON, though it could be read: stray or missing commas, text behind the end. */
  readonly isStrict?: boolean
}

/** `next()` until it answers null, then `await fill()`, until there comes an `end`. */
export class JsonStream {
  readonly #stream: TextStream
  readonly #limits: Limits
  readonly #options: JsonStreamOptions
  #buffer: Buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  #length = 0
  #position = 0
  #byte: number
  #ended = false
  #place: 'start' | 'members' | 'items' | 'done'
  #rooted: boolean
  /** Nothing has come yet in the object or array that is being read. */
  #isFirst = true
  /** Commas that were passed over to where reading stands. */
  #commas = 0
  readonly #seam: JsonSeam = new JsonSeam()

  constructor(stream: TextStream, limits: Limits, options: JsonStreamOptions) {
    this.#stream = stream
    this.#limits = limits
    this.#options = options
    this.#byte = options.byte
    this.#rooted = options.rooted
    this.#place = options.place === 'items' ? 'items' : 'start'
  }

  /** Offset in the file of the first byte that is not consumed yet. */
  get byte(): number {
    return this.#byte
  }

  /** False when the root turned out to be the array itself. */
  get rooted(): boolean {
    return this.#rooted
  }

  async fill(): Promise<void> {
    if (this.#ended)
      throw new PriceFileError(
        'FILE_CORRUPT',
        `The JSON breaks off near byte ${this.#byte}; download the file again.`,
      )
    const kept = this.#length - this.#position
    if (kept > this.#limits.maxLineBytes)
      throw new PriceFileError(
        'LIMIT_EXCEEDED',
        `The JSON has one value of more than ${this.#limits.maxLineBytes} bytes near byte ${this.#byte}.`,
      )
    if (kept * 2 > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(this.#buffer.length * 4)
      this.#buffer.copy(larger, 0, this.#position, this.#length)
      this.#buffer = larger
    } else this.#buffer.copyWithin(0, this.#position, this.#length)
    this.#position = 0
    this.#length = kept
    const bytes = await this.#stream.read(this.#buffer, kept)
    if (bytes === 0) this.#ended = true
    this.#length += bytes
  }

  next(): JsonEvent | null {
    switch (this.#place) {
      case 'start':
        return this.#start()
      case 'members':
        return this.#member()
      case 'items':
        return this.#item()
      case 'done':
        return this.#end()
    }
  }

  #end(): JsonEvent | null {
    if (this.#options.isStrict !== true) return { is: 'end' }
    const at = this.#skip(this.#position)
    if (at !== INCOMPLETE) this.#refuse()
    this.#expect(0)
    if (this.#ended) return { is: 'end' }
    this.#advance(this.#length)
    return null
  }

  #expect(commas: number): void {
    if (this.#options.isStrict === true && this.#commas !== commas) this.#refuse()
  }

  #isNext(): void {
    this.#expect(this.#isFirst ? 0 : 1)
  }

  #start(): JsonEvent | null {
    const at = this.#skip(this.#position)
    if (at === INCOMPLETE) return null
    const byte = this.#buffer[at]
    if (byte !== OPEN_OBJECT && byte !== OPEN_ARRAY) this.#refuse()
    this.#expect(0)
    this.#advance(at + 1)
    this.#rooted = byte === OPEN_OBJECT
    this.#place = this.#rooted ? 'members' : 'items'
    return this.#rooted ? this.#member() : { is: 'array', key: '' }
  }

  #member(): JsonEvent | null {
    let at = this.#skip(this.#position)
    if (at === INCOMPLETE) return null
    if (this.#buffer[at] === CLOSE_OBJECT) {
      this.#expect(0)
      this.#advance(at + 1)
      this.#place = 'done'
      return this.#end()
    }
    if (this.#buffer[at] !== QUOTE) this.#refuse()
    this.#isNext()
    const keyEnd = this.#endOfValue(at)
    if (keyEnd === INCOMPLETE) return null
    const key = String(this.#parse(at, keyEnd))
    at = this.#skip(keyEnd)
    if (at === INCOMPLETE) return null
    if (this.#buffer[at] !== COLON) this.#refuse()
    this.#expect(0)
    at = this.#skip(at + 1)
    if (at === INCOMPLETE) return null
    this.#expect(0)
    if (key === this.#options.arrayKey && this.#buffer[at] === OPEN_ARRAY) {
      this.#advance(at + 1)
      this.#place = 'items'
      this.#isFirst = true
      return { is: 'array', key }
    }
    const end = this.#endOfValue(at)
    if (end === INCOMPLETE) return null
    const value = this.#parse(at, end)
    if (value === undefined) this.#refuse()
    this.#advance(end)
    this.#isFirst = false
    return { is: 'member', key, value }
  }

  #item(): JsonEvent | null {
    const at = this.#skip(this.#position)
    if (at === INCOMPLETE) return null
    if (this.#buffer[at] === CLOSE_ARRAY) {
      this.#expect(0)
      this.#advance(at + 1)
      this.#isFirst = false
      this.#place = this.#rooted ? 'members' : 'done'
      return this.#rooted ? this.#member() : this.#end()
    }
    const guessed = this.#guess(at)
    const end = guessed?.end ?? this.#endOfValue(at)
    if (end === INCOMPLETE) return null
    this.#isNext()
    this.#isFirst = false
    this.#advance(at)
    const byte = this.#byte
    const value = guessed?.value ?? (this.#options.skipItems === true ? null : this.#parse(at, end))
    this.#advance(end)
    return { is: 'item', value, byte }
  }

  /** An item whose end was guessed and that is whole: only one end makes an object of what begins at `at`. */
  #guess(at: number): { readonly value: unknown; readonly end: number } | undefined {
    if (this.#options.skipItems === true) return undefined
    if (!this.#isFirst) this.#seam.learn(this.#buffer, this.#position, at, this.#length)
    const end = this.#seam.guess(this.#buffer, at, this.#length)
    if (end < 0) return undefined
    const value = this.#parse(at, end)
    if (value !== undefined) return { value, end }
    this.#seam.forget()
    return undefined
  }

  /** The next byte that is neither blank nor a comma; stray commas do no harm here. */
  #skip(from: number): number {
    this.#commas = 0
    for (let at = from; at < this.#length; at++) {
      const byte = this.#buffer[at] as number
      if (byte === COMMA) this.#commas++
      else if (byte > 32) return at
    }
    return INCOMPLETE
  }

  #endOfValue(from: number): number {
    const buffer = this.#buffer
    const length = this.#length
    let depth = 0
    let at = from
    const first = buffer[at] as number
    if (BRACKETS[first] === 0) {
      // A number or a word lasts until something that cannot be part of it.
      while (at < length) {
        const byte = buffer[at] as number
        if (byte <= 32 || byte === COMMA || BRACKETS[byte] === 3)
          return at === from ? this.#refuse() : at
        at++
      }
      return INCOMPLETE
    }
    while (at < length) {
      const kind = BRACKETS[buffer[at] as number]
      if (kind === 0) {
        at++
        continue
      }
      if (kind === 1) {
        at = endOfString(buffer, at + 1, length)
        if (at === INCOMPLETE) return INCOMPLETE
      } else {
        depth += kind === 2 ? 1 : -1
        at++
      }
      if (depth <= 0) return depth < 0 ? this.#refuse() : at
    }
    return INCOMPLETE
  }

  #parse(from: number, to: number): unknown {
    try {
      const bytes = this.#buffer.subarray(from, to)
      const text = isAscii(bytes)
        ? bytes.toString('latin1')
        : decodeCell(bytes, this.#options.encoding)
      return JSON.parse(text) as unknown
    } catch {
      return undefined
    }
  }

  #advance(to: number): void {
    this.#byte +=
      this.#stream.unit === 1
        ? to - this.#position
        : this.#buffer.toString('utf8', this.#position, to).length * 2
    this.#position = to
  }

  #refuse(): never {
    throw new PriceFileError(
      'FILE_CORRUPT',
      `The JSON is malformed near byte ${this.#byte}; ask the hospital for a valid file.`,
    )
  }
}

function endOfString(buffer: Buffer, from: number, length: number): number {
  for (let at = from; at < length; at++) {
    const byte = buffer[at]
    if (byte === QUOTE) return at + 1
    if (byte === BACKSLASH) at++
  }
  return INCOMPLETE
}
