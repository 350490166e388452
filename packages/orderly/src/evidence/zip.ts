// Archives of evidence: ZIP files without compression and without times, so that the same content has the same bytes.
import { crc32 } from 'node:zlib'
import { OrderlyError } from '../primitives/errors.ts'

/** File names with `/` between folders, and what each holds. */
export type Files = ReadonlyMap<string, Buffer>

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const VERSION = 20
/** General purpose bit 11: names are UTF-8. */
const UTF8 = 0x0800
/** 1980-01-01, the first day a ZIP knows. */
const DAY = 0x0021
const MOST_FILES = 10_000
const MOST_BYTES = 1_073_741_824
const NAME = /^(?!.*(^|\/)\.\.?(\/|$))[\w.-]{1,100}(\/[\w.-]{1,100}){0,7}$/

/** Whether a file of a bundle may have this name: one that leads nowhere but down. */
export function isFileName(name: string): boolean {
  return NAME.test(name)
}

/** @throws OrderlyError `ORDERLY_PAYLOAD_TOO_LARGE` */
export function writeZip(files: Files): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, content] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const label = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(VERSION, 0)
    common.writeUInt16LE(UTF8, 2)
    common.writeUInt16LE(DAY, 8)
    common.writeUInt32LE(crc32(content), 10)
    common.writeUInt32LE(content.length, 14)
    common.writeUInt32LE(content.length, 18)
    common.writeUInt16LE(label.length, 22)
    parts.push(u32(LOCAL), common, label, content)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(offset, 10)
    directory.push(u32(CENTRAL), u16(VERSION), common, rest, label)
    offset += 30 + label.length + content.length
    if (offset > MOST_BYTES) throw tooLarge()
  }
  if (files.size > MOST_FILES) throw tooLarge()
  const entries = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(END, 0)
  end.writeUInt16LE(files.size, 8)
  end.writeUInt16LE(files.size, 10)
  end.writeUInt32LE(entries.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, entries, end])
}

/**
 * The files of an archive that `writeZip` wrote. Nothing else is read: an archive that can be read in two ways proves
 * nothing.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID`
 */
export function readZip(archive: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  let at = 0
  while (at + 30 <= archive.length && archive.readUInt32LE(at) === LOCAL) {
    const size = archive.readUInt32LE(at + 22)
    const nameLength = archive.readUInt16LE(at + 26)
    const start = at + 30 + nameLength
    if (archive.readUInt16LE(at + 8) !== 0 || start + size > archive.length) throw unreadable()
    const name = archive.toString('utf8', at + 30, start)
    if (!isFileName(name) || files.has(name) || files.size >= MOST_FILES) throw unreadable()
    files.set(name, archive.subarray(start, start + size))
    at = start + size
  }
  // Whatever else the bytes say, such as another list of files at their end, is not looked at but compared.
  if (files.size === 0 || !isAsWritten(archive, files)) throw unreadable()
  return files
}

/** Checksums aside, which are of no use against anybody: digests under a signature stand for the content. */
function isAsWritten(archive: Buffer, files: Files): boolean {
  const again = writeZip(files)
  return again.length === archive.length && withoutSums(again).equals(withoutSums(archive))
}

function withoutSums(archive: Buffer): Buffer {
  const copy = Buffer.from(archive)
  for (let at = 0; at + 30 <= copy.length && copy.readUInt32LE(at) === LOCAL;) {
    const next = at + 30 + copy.readUInt16LE(at + 26) + copy.readUInt32LE(at + 22)
    copy.fill(0, at + 14, at + 18)
    at = next
  }
  const end = copy.length - 22
  for (let at = copy.readUInt32LE(end + 16); at + 46 <= end;) {
    copy.fill(0, at + 16, at + 20)
    at += 46 + copy.readUInt16LE(at + 28)
  }
  return copy
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

function tooLarge(): OrderlyError {
  return new OrderlyError(
    'ORDERLY_PAYLOAD_TOO_LARGE',
    `a bundle holds ${MOST_FILES} files and a gibibyte at most; choose a shorter period`,
  )
}

function unreadable(): OrderlyError {
  return new OrderlyError(
    'ORDERLY_INPUT_INVALID',
    'this is no bundle as "orderly evidence export" writes them; get the file anew, or unpack it and give the folder',
  )
}
