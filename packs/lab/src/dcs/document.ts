// Reads and writes data files of optical machines (OMA/VCA DCS) so that what is not changed stays the same to the byte.

/** One record: a label, its value as it stands, and the whole line with its ending. */
export interface DcsRecord {
  readonly label: string
  readonly value: string
  /** The line as it came, ending included. */
  readonly line: string
}

/** A line that is no record: blank, a comment, framing bytes. It is kept as it is. */
export interface DcsOther {
  readonly label: null
  readonly line: string
}

export type DcsLine = DcsRecord | DcsOther

export interface DcsDocument {
  readonly lines: readonly DcsLine[]
  /** The line ending new records get. */
  readonly ending: string
}

/** What a file may hold: a tracing has a few hundred lines. */
const MOST_BYTES = 4 * 1024 * 1024
const MOST_LINES = 50_000
const LABEL = /^(_?[A-Za-z][A-Za-z0-9_]{0,31})=([\s\S]*)$/
const LINE = /[^\r\n]*(?:\r\n|\n|\r|$)/g

/**
 * Reads a file. Every byte is kept: bytes are read as Latin-1, one character each.
 *
 * @throws RangeError when it is larger than a data file can be
 */
export function readDcs(bytes: Uint8Array): DcsDocument {
  if (bytes.byteLength > MOST_BYTES)
    throw new RangeError(
      `a data file has at most ${MOST_BYTES} bytes; this is another kind of file`,
    )
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const lines = (text.match(LINE) ?? []).filter((line) => line !== '')
  if (lines.length > MOST_LINES)
    throw new RangeError(
      `a data file has at most ${MOST_LINES} lines; this is another kind of file`,
    )
  return { lines: lines.map(readLine), ending: /\r\n|\n|\r/.exec(text)?.[0] ?? '\r\n' }
}

function readLine(line: string): DcsLine {
  const [, label, rest] = LABEL.exec(line) ?? []
  if (label === undefined || rest === undefined) return { label: null, line }
  return { label, value: rest.replace(/[\r\n]+$/, ''), line }
}

export function writeDcs(document: DcsDocument): Uint8Array {
  return Buffer.from(document.lines.map(({ line }) => line).join(''), 'latin1')
}

/** The value of the first record of a label; undefined when there is none. */
export function valueOf(document: DcsDocument, label: string): string | undefined {
  return recordsOf(document, label)[0]?.value
}

export function recordsOf(document: DcsDocument, label: string): DcsRecord[] {
  return document.lines.filter((line): line is DcsRecord => line.label === label)
}

/** The fields of a value, split at `;`. */
export function fieldsOf(value: string): string[] {
  return value.split(';')
}

/** A value of both sides, `right;left`; an empty side is null. A single value holds for both. */
export function chiral(value: string): { od: string | null; os: string | null } {
  const [right = '', left = value.includes(';') ? '' : right] = fieldsOf(value)
  return { od: right === '' ? null : right, os: left === '' ? null : left }
}

/** What a text may be to stand in a value: one line of Latin-1. */
const SAFE = /^[\u0020-\u007e\u00a0-\u00ff]*$/

/**
 * The document with a record set: its first record of this label changed in place, or a new one at the end of the records.
 *
 * @throws RangeError for a label or value that no data file can hold
 */
export function setRecord(document: DcsDocument, label: string, value: string): DcsDocument {
  if (!/^_?[A-Za-z][A-Za-z0-9_]{0,31}$/.test(label))
    throw new RangeError('a label is a letter and up to 31 letters, digits and underscores')
  if (!SAFE.test(value))
    throw new RangeError(`the value of ${label} must be one line of Latin-1 text`)
  const at = document.lines.findIndex((line) => line.label === label)
  const known = document.lines[at]
  const ending = known ? (/[\r\n]*$/.exec(known.line)?.[0] ?? '') : document.ending
  const record: DcsRecord = { label, value, line: `${label}=${value}${ending}` }
  const lines = [...document.lines]
  if (known) lines[at] = record
  else lines.splice(endOfRecords(lines), 0, record)
  return { ...document, lines: closed(lines, document.ending) }
}

function endOfRecords(lines: readonly DcsLine[]): number {
  const last = lines.findLastIndex(({ label }) => label !== null)
  return last + 1
}

/** A line in the middle needs its ending. */
function closed(lines: readonly DcsLine[], ending: string): DcsLine[] {
  return lines.map((line, at) =>
    at < lines.length - 1 && !/[\r\n]$/.test(line.line)
      ? { ...line, line: line.line + ending }
      : line,
  )
}

/** A new document of these records, in order. */
export function dcsOf(records: readonly (readonly [label: string, value: string])[]): DcsDocument {
  const empty: DcsDocument = { lines: [], ending: '\r\n' }
  return {
    ...empty,
    lines: records.flatMap(([label, value]) => setRecord(empty, label, value).lines),
  }
}
