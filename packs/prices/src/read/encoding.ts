// Owns text encodings: which one a file has, and how its bytes become text.
import { isAscii, isUtf8 } from 'node:buffer'

export type Encoding =
  'ascii' | 'utf-8' | 'utf-8-bom' | 'utf-16le' | 'utf-16be' | 'windows-1252' | 'binary'

/** Bytes of the byte order mark that starts the text. */
export function markLength(encoding: Encoding, head: Buffer): number {
  if (encoding === 'utf-8-bom') return 3
  if (encoding === 'utf-16le') return head[0] === 0xff && head[1] === 0xfe ? 2 : 0
  if (encoding === 'utf-16be') return head[0] === 0xfe && head[1] === 0xff ? 2 : 0
  return 0
}

/** What the first bytes alone can tell; null leaves it to the bytes that are not ASCII. */
export function encodingOfHead(head: Buffer): Encoding | null {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8-bom'
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  return utf16ByZeros(head)
}

// Without a mark, UTF-16 of Western text shows as a zero in every second byte.
function utf16ByZeros(head: Buffer): Encoding | null {
  const length = Math.min(head.length, 4096) & ~1
  if (length < 4) return null
  let even = 0
  let odd = 0
  for (let index = 0; index < length; index += 2) {
    if (head[index] === 0) even++
    if (head[index + 1] === 0) odd++
  }
  const pairs = length / 2
  if (odd > pairs * 0.6 && even < pairs * 0.05) return 'utf-16le'
  if (even > pairs * 0.6 && odd < pairs * 0.05) return 'utf-16be'
  return null
}

/** Judges eight-bit text by looking at pieces of it; a piece may start or end inside a character. */
export function encodingOfPieces(pieces: Iterable<Buffer>): Encoding {
  let encoding: Encoding = 'ascii'
  for (const piece of pieces) {
    if (isAscii(piece)) continue
    if (!isUtf8(wholeCharacters(piece))) return 'windows-1252'
    encoding = 'utf-8'
  }
  return encoding
}

function wholeCharacters(piece: Buffer): Buffer {
  let start = 0
  while (start < 3 && start < piece.length && ((piece[start] ?? 0) & 0xc0) === 0x80) start++
  let end = piece.length
  for (let back = 1; back <= 3 && back <= end; back++) {
    const byte = piece[end - back] ?? 0
    if (byte < 0x80) break
    if (byte >= 0xc0) {
      const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      if (needs > back) end -= back
      break
    }
  }
  return piece.subarray(start, end)
}

// Code points of the bytes 0x80 to 0x9f. Some releases of Node decode them as Latin-1 controls.
const WINDOWS_1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178'

export function decodeWindows1252(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (char) => WINDOWS_1252[char.charCodeAt(0) - 0x80] ?? char)
}

/**
 * Eight-bit bytes to text. Files are glued together from many sources, so a cell of a UTF-8 file
 * that is not UTF-8 is read as Windows-1252 rather than lost.
 */
export function decodeCell(bytes: Buffer, encoding: Encoding): string {
  if (encoding === 'windows-1252' || !isUtf8(bytes)) return decodeWindows1252(bytes)
  return bytes.toString('utf8')
}
