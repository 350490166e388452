// Owns the bytes of a file on disk: reading at a place, and reading on from a place as UTF-8.
import { open, type FileHandle } from 'node:fs/promises'
import type { Encoding } from './encoding.ts'

/** Random access to a file; an inflated zip entry is one too. */
export interface Source {
  readonly size: number
  /** Reads up to `length` bytes; fewer only at the end of the file. */
  read(target: Buffer, offset: number, length: number, position: number): Promise<number>
  close(): Promise<void>
}

export async function openSource(path: string): Promise<Source> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    return sourceOf(handle, size, async () => {})
  } catch (error) {
    await handle.close()
    throw error
  }
}

export function sourceOf(handle: FileHandle, size: number, closed: () => Promise<void>): Source {
  return {
    size,
    async read(target, offset, length, position) {
      let total = 0
      while (total < length) {
        const { bytesRead } = await handle.read(
          target,
          offset + total,
          length - total,
          position + total,
        )
        if (bytesRead === 0) break
        total += bytesRead
      }
      return total
    },
    async close() {
      await handle.close()
      await closed()
    },
  }
}

export async function readPiece(source: Source, position: number, length: number): Promise<Buffer> {
  const piece = Buffer.allocUnsafe(Math.max(0, Math.min(length, source.size - position)))
  const bytes = await source.read(piece, 0, piece.length, position)
  return piece.subarray(0, bytes)
}

/** Text from a place in a file to its end, in bytes that are ASCII-compatible. */
export interface TextStream {
  /** File bytes per text unit: 2 for UTF-16, where a unit is a UTF-16 code unit. */
  readonly unit: 1 | 2
  /** Appends bytes at `offset`; 0 at the end. At most `target.length - offset` bytes. */
  read(target: Buffer, offset: number): Promise<number>
}

export function streamText(source: Source, encoding: Encoding, position: number): TextStream {
  if (encoding === 'utf-16le' || encoding === 'utf-16be')
    return new Utf16Stream(source, encoding === 'utf-16be', position)
  let at = position
  return {
    unit: 1,
    async read(target, offset) {
      const bytes = await source.read(target, offset, target.length - offset, at)
      at += bytes
      return bytes
    },
  }
}

/** UTF-16 is turned into UTF-8 on the way in, so that one scanner serves all encodings. */
class Utf16Stream implements TextStream {
  readonly unit = 2
  readonly #source: Source
  readonly #swap: boolean
  #at: number
  #raw: Buffer = Buffer.alloc(0)

  constructor(source: Source, swap: boolean, position: number) {
    this.#source = source
    this.#swap = swap
    this.#at = position
  }

  async read(target: Buffer, offset: number): Promise<number> {
    // A code unit becomes at most three bytes.
    let units = Math.floor((target.length - offset) / 3)
    if (units === 0) return 0
    if (this.#raw.length < units * 2) this.#raw = Buffer.allocUnsafe(units * 2)
    const bytes = await this.#source.read(this.#raw, 0, units * 2, this.#at)
    units = bytes >> 1
    if (units === 0) return 0
    const raw = this.#raw.subarray(0, units * 2)
    // A surrogate pair stays together: its first half waits for the next read.
    const last = this.#swap ? raw.readUInt16BE(units * 2 - 2) : raw.readUInt16LE(units * 2 - 2)
    const half =
      last >= 0xd800 && last < 0xdc00 && units > 1 && this.#at + bytes < this.#source.size
    const used = raw.subarray(0, (half ? units - 1 : units) * 2)
    if (this.#swap) used.swap16()
    this.#at += used.length
    return target.write(used.toString('utf16le'), offset, 'utf8')
  }
}
