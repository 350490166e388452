// Owns a guess at where an item of a long JSON array ends. What stands between two items, down to the first key of the
// second, nearly always stands between the next two as well, and is found far faster than every byte is looked at. It is a
// guess: whoever takes it must see that the item is whole.

const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125
const QUOTE = 34
const BACKSLASH = 92
const BLANK = 32
/** So far is looked. Longer items are rare, and a search that finds nothing must stay cheap beside an item. */
const WINDOW_BYTES = 64 * 1024
const LONGEST_SEAM = 256
/** After a guess that was wrong so many items are left alone: files whose items differ lose next to nothing by it. */
const REST_ITEMS = 32

export class JsonSeam {
  #bytes: Buffer | null = null
  #rest = 0

  /** @param from where the item before ended @param at where this one begins */
  learn(buffer: Buffer, from: number, at: number, length: number): void {
    if (this.#bytes !== null || this.#rest > 0 || buffer[at] !== OPEN_OBJECT) return
    let open = at + 1
    while (open < length && (buffer[open] as number) <= BLANK) open++
    if (buffer[open] !== QUOTE) return
    const close = buffer.subarray(0, length).indexOf(QUOTE, open + 1)
    // A key with an escaped quote in it is cut short, which does no harm.
    if (close < 0 || close + 1 - from > LONGEST_SEAM || buffer[close - 1] === BACKSLASH) return
    this.#bytes = Buffer.concat([Buffer.of(CLOSE_OBJECT), buffer.subarray(from, close + 1)])
  }

  /** @returns where the item that begins at `at` seems to end; -1 when nothing tells */
  guess(buffer: Buffer, at: number, length: number): number {
    if (this.#rest > 0) {
      this.#rest--
      return -1
    }
    if (this.#bytes === null || buffer[at] !== OPEN_OBJECT) return -1
    const found = buffer.subarray(at, Math.min(length, at + WINDOW_BYTES)).indexOf(this.#bytes)
    if (found >= 0) return at + found + 1
    // At the end of what has been read there may be no next item yet.
    if (length - at > WINDOW_BYTES) this.forget()
    return -1
  }

  /** The last guess was wrong. */
  forget(): void {
    this.#bytes = null
    this.#rest = REST_ITEMS
  }
}
