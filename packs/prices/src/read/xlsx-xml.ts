// Owns the XML inside an XLSX file: parsed piece by piece as it is inflated, within bounds.
import { SaxesParser } from 'saxes'
import { PriceFileError } from './error.ts'
import type { Limits } from './limits.ts'

export type Attributes = Readonly<Record<string, string>>

/** Names come without their prefix. Text comes in pieces. */
export interface XmlHandler {
  open(name: string, attributes: Attributes): void
  close(name: string): void
  text(text: string): void
}

const MAX_DEPTH = 64

/** Feeds a part to a handler. Answers after every piece with the bytes so far, so that others get their turn. */
export async function* parsePart(
  pieces: AsyncIterable<Buffer>,
  handler: XmlHandler,
  limits: Limits,
): AsyncGenerator<number> {
  const parser = new SaxesParser({ fragment: false })
  let depth = 0
  let sinceTag = 0
  parser.on('error', (error) => {
    throw damaged('its XML is malformed', error)
  })
  parser.on('opentag', ({ name, attributes }) => {
    sinceTag = 0
    if (++depth > MAX_DEPTH) throw damaged('its XML nests too deep')
    handler.open(local(name), attributes as Attributes)
  })
  parser.on('closetag', ({ name }) => {
    sinceTag = 0
    depth--
    handler.close(local(name))
  })
  parser.on('text', (text) => handler.text(text))
  parser.on('cdata', (text) => handler.text(text))
  let decoder: InstanceType<typeof TextDecoder> | null = null
  let bytes = 0
  for await (const piece of pieces) {
    decoder ??= new TextDecoder(encodingOf(piece))
    bytes += piece.length
    // The parser keeps text until the next tag, so a part without tags would grow for ever.
    sinceTag += piece.length
    if (sinceTag > limits.maxLineBytes) throw tooLong(limits)
    parser.write(decoder.decode(piece, { stream: true }))
    yield bytes
  }
  if (decoder === null) throw damaged('a part of it is empty')
  parser.write(decoder.decode())
  parser.close()
  yield bytes
}

/** Parses a part to its end. */
export async function parseWhole(
  pieces: AsyncIterable<Buffer>,
  handler: XmlHandler,
  limits: Limits,
): Promise<void> {
  const parsing = parsePart(pieces, handler, limits)
  while (!(await parsing.next()).done);
}

/** Excel writes characters that XML must not have as `_x000D_`. */
export function unescaped(text: string): string {
  if (!text.includes('_x')) return text
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

export function tooLong({ maxCellBytes }: Limits): PriceFileError {
  return new PriceFileError(
    'LIMIT_EXCEEDED',
    `The workbook has one value of more than ${maxCellBytes} bytes; get a table with shorter cells.`,
  )
}

export function damaged(why: string, cause?: unknown): PriceFileError {
  return new PriceFileError(
    'FILE_CORRUPT',
    `The workbook is damaged or cut short (${why}); download it again.`,
    { cause },
  )
}

function encodingOf(piece: Buffer): string {
  if (piece[0] === 0xff && piece[1] === 0xfe) return 'utf-16le'
  return piece[0] === 0xfe && piece[1] === 0xff ? 'utf-16be' : 'utf-8'
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}
