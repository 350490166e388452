// Owns the first guess at what a file is, from its bytes and never from its name.
import { type Encoding, encodingOfHead, encodingOfPieces, markLength } from './encoding.ts'
import { PriceFileError } from './error.ts'
import { readPiece, type Source } from './source.ts'

type Kind = 'zip' | 'compound' | 'json' | 'xml' | 'text'

export interface Sniffed {
  readonly kind: Kind
  readonly encoding: Encoding
}

const HEAD_BYTES = 64 * 1024
const PIECE_BYTES = 1024 * 1024
// Small files are looked at as a whole, large ones in pieces spread over them.
const WHOLE_BYTES = 64 * PIECE_BYTES
const PIECES = 16

export async function sniff(source: Source): Promise<Sniffed> {
  const head = await readPiece(source, 0, HEAD_BYTES)
  if (head.every((byte) => byte === 0))
    throw new PriceFileError('FILE_EMPTY', 'The file is empty; download it again.')
  const container = containerOf(head)
  if (container !== null) return { kind: container, encoding: 'binary' }
  const encoding = encodingOfHead(head) ?? encodingOfPieces(await pieces(source))
  const text = firstText(head, encoding)
  if (text === '' && source.size <= head.length)
    throw new PriceFileError('FILE_EMPTY', 'The file holds nothing but blanks; download it again.')
  if (encoding !== 'utf-16le' && encoding !== 'utf-16be') refuseBinary(head)
  return { kind: textKind(text), encoding }
}

function containerOf(head: Buffer): Kind | null {
  const magic = head.length < 4 ? 0 : head.readUInt32BE(0)
  if (magic === 0x504b0304 || magic === 0x504b0506) return 'zip'
  if (magic === 0xd0cf11e0) return 'compound'
  // BIFF2 to BIFF5 workbooks may stand alone, without a compound file around them.
  if ((magic & 0xffff) === 0x0400 && (magic >>> 16 === 0x0904 || magic >>> 16 === 0x0900))
    return 'compound'
  const known = KNOWN.find(([bytes]) => head.subarray(0, bytes.length).equals(bytes))
  if (known !== undefined)
    throw new PriceFileError(
      'FORMAT_UNKNOWN',
      `The file is ${known[1]}, not a price table; get the machine-readable file.`,
    )
  return null
}

const KNOWN: readonly (readonly [Buffer, string])[] = [
  [Buffer.from('%PDF-'), 'a PDF document'],
  [Buffer.from([0x1f, 0x8b]), 'gzip-compressed'],
  [Buffer.from('Rar!'), 'a RAR archive'],
  [Buffer.from('7z\xbc\xaf', 'latin1'), 'a 7-Zip archive'],
  [Buffer.from([0x89, 0x50, 0x4e, 0x47]), 'a picture'],
  [Buffer.from([0xff, 0xd8, 0xff]), 'a picture'],
  [Buffer.from('PAR1'), 'a Parquet file'],
  [Buffer.from('{\\rtf'), 'a rich-text document'],
]

async function pieces(source: Source): Promise<Buffer[]> {
  if (source.size <= WHOLE_BYTES) return [await readPiece(source, 0, source.size)]
  const step = Math.floor((source.size - PIECE_BYTES) / (PIECES - 1))
  const found: Buffer[] = []
  for (let index = 0; index < PIECES; index++)
    found.push(await readPiece(source, index * step, PIECE_BYTES))
  return found
}

function firstText(head: Buffer, encoding: Encoding): string {
  const bytes = head.subarray(markLength(encoding, head))
  if (encoding === 'utf-16le') return bytes.toString('utf16le').trimStart()
  if (encoding === 'utf-16be')
    return Buffer.from(bytes.subarray(0, bytes.length & ~1))
      .swap16()
      .toString('utf16le')
      .trimStart()
  return bytes.toString('latin1').trimStart()
}

function refuseBinary(head: Buffer): void {
  let controls = 0
  for (const byte of head)
    if (byte === 0 || (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13)) controls++
  // A stray NUL costs its row; a head full of control characters is no text at all.
  if (controls > Math.max(4, head.length / 100))
    throw new PriceFileError(
      'FILE_CORRUPT',
      'The file is neither text nor a workbook, or its text is full of NUL bytes; download it again.',
    )
}

function textKind(text: string): Kind {
  if (
    /^<(!doctype\s+html|html|head|body|script)\b/i.test(text) ||
    /^<\?xml[^>]*>\s*(<!--.*?-->\s*)?<(!doctype\s+html|html)\b/is.test(text)
  )
    throw new PriceFileError(
      'FILE_IS_HTML',
      'The file is a web page, perhaps an error or a consent page; download it again from its direct address.',
    )
  if (text.startsWith('<') && /^<(\?xml|!--|[A-Za-z_][\w:.-]*[\s>/])/.test(text)) return 'xml'
  if (/^\{\s*("|\})/.test(text) || /^\[\s*(\{|\[|\])/.test(text)) return 'json'
  return 'text'
}
