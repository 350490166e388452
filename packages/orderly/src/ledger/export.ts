// The ledger as lines of JSON that verify offline, whole or in part, and those lines read back.
import { createHash, type Hash as Digest } from 'node:crypto'
import { OrderlyError } from '../primitives/errors.ts'
import { readRows } from './dump.ts'
import { stampOf } from './entry.ts'
import { openNote, signNote, type Verifier } from './note.ts'
import type { Ledger } from './open.ts'
import { keptCheckpoints, readHead } from './read.ts'
import { ledgerKey } from './seal.ts'
import { leafHash } from './tree.ts'
import {
  isWithin,
  PRUNE,
  type LedgerRange,
  type VerifiableLedger,
  type VerifiableRow,
} from './verify.ts'

const AT_ONCE = 5_000

/** What the first line says that verifying needs. */
interface Manifest extends LedgerRange {
  readonly checkpoint: string
  readonly checkpoints: readonly string[]
}

/** The last line: every line above it, signed by the key of the ledger. */
interface End {
  readonly kind: 'orderly-ledger-end'
  readonly note: string
}

/**
 * Writes the ledger as lines of JSON: what it is, every entry, and a signature over all of it. Entries outside of a
 * range are written as their hash alone, so that a part can be verified like the whole; entries that say what was pruned
 * are always written out, since without them nobody could tell a text that was dropped from one that was taken away.
 *
 * @returns how many entries were written with their text
 */
export async function exportLedger(
  { database, keys }: Pick<Ledger, 'database' | 'keys'>,
  range: { readonly from?: number; readonly to?: number },
  now: number,
  write: (line: string) => Promise<void>,
): Promise<number> {
  const head = await readHead(database)
  if (!head) return 0
  const { signer } = await ledgerKey(keys)
  const sum = sumOfLines()
  const put = (value: unknown): Promise<void> => {
    const line = JSON.stringify(value)
    sum.add(line)
    return write(`${line}\n`)
  }
  const { from = null, to = null } = range
  const manifest: Manifest = {
    from,
    to,
    checkpoint: head.note,
    checkpoints: await keptCheckpoints(database, head.size),
  }
  const exported = new Date(now).toISOString()
  await put({ v: 1, kind: 'orderly-ledger', ...manifest, entries: head.size, exported })
  let written = 0
  for await (const rows of readRows(database, head.size))
    for (const row of rows) {
      const line = lineOf(row, { from, to })
      if (line.body !== null) written++
      await put(line)
    }
  const end: End = { kind: 'orderly-ledger-end', note: signNote(sum.text(), signer) }
  await write(`${JSON.stringify(end)}\n`)
  return written
}

/** Only a text that is there, and is what was written, is left out: the rest is for whoever verifies to see. */
function lineOf(row: VerifiableRow, range: LedgerRange): VerifiableRow {
  const { i, id, at, writer, seq, leaf, body } = row
  const line = { i, id, at, writer, seq, leaf, body }
  if (body === null || isWithin(at, range)) return line
  if (leafHash(body).toString('base64') !== leaf) return line
  const said = tryToRead(body)
  if (!said || said.stamp.at !== at || said.columns.op === PRUNE) return line
  return { ...line, body: null, out: 1 }
}

/** What cannot be read goes out as it is: whoever put it there must not keep the rest from being taken out. */
function tryToRead(body: string): ReturnType<typeof stampOf> | undefined {
  try {
    return stampOf(body)
  } catch {
    return undefined
  }
}

/**
 * An export, ready to be verified.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` when it is none
 */
export async function ledgerOf(
  lines: AsyncIterable<string>,
  anchored: readonly string[],
  trusted: readonly Verifier[],
): Promise<VerifiableLedger> {
  const iterator = lines[Symbol.asyncIterator]()
  const sum = sumOfLines()
  const first = await iterator.next()
  const manifest = first.done ? undefined : manifestOf(first.value)
  if (first.done || !manifest)
    throw unfit('this is no export of an audit log; give a file that "orderly audit export" wrote')
  sum.add(first.value)
  let isSigned = false
  async function* rows(): AsyncGenerator<VerifiableRow[]> {
    let page: VerifiableRow[] = []
    for (;;) {
      const { done, value } = await iterator.next()
      if (!done && value !== '') {
        const line = parse(value)
        // Whatever follows the signature is under none.
        if (line['kind'] === 'orderly-ledger-end') isSigned = sum.isSigned(line, trusted)
        else {
          isSigned = false
          sum.add(value)
          page.push(rowOf(line))
        }
      }
      if (page.length >= AT_ONCE || done) {
        yield page
        page = []
      }
      if (done) return
    }
  }
  return {
    rows: rows(),
    head: manifest.checkpoint,
    checkpoints: manifest.checkpoints,
    anchored,
    trusted,
    part: { from: manifest.from, to: manifest.to, isSigned: () => isSigned },
  }
}

interface LineSum {
  add(line: string): void
  /** What is signed. Its second line is no number, so it never passes for a checkpoint. */
  text(): string
  isSigned(end: { readonly note?: unknown }, trusted: readonly Verifier[]): boolean
}

function sumOfLines(): LineSum {
  const digest: Digest = createHash('sha256')
  let lines = 0
  const text = (): string =>
    `orderly/ledger-export/1\n${lines} lines\nsha256 ${digest.copy().digest('base64')}\n`
  return {
    add(line) {
      digest.update(line).update('\n')
      lines++
    },
    text,
    isSigned: ({ note }, trusted) => typeof note === 'string' && openNote(note, trusted) === text(),
  }
}

function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Told below.
  }
  throw unfit('a line of the export is no JSON object; export anew')
}

function manifestOf(line: string): Manifest | undefined {
  const { kind, v, from, to, checkpoint, checkpoints } = parse(line)
  if (kind !== 'orderly-ledger' || v !== 1) return undefined
  if (!isTime(from) || !isTime(to) || typeof checkpoint !== 'string') return undefined
  if (!Array.isArray(checkpoints) || !checkpoints.every(isText)) return undefined
  return { from, to, checkpoint, checkpoints }
}

/** Only what an export writes is taken from a line: nothing else of it is looked at. */
function rowOf(line: Readonly<Record<string, unknown>>): VerifiableRow {
  const { i, id, at, writer, seq, leaf, body, out } = line
  if (isWhole(i) && isWhole(at) && isWhole(seq) && isText(id) && isText(writer) && isText(leaf))
    if (body === null || isText(body))
      return { i, id, at, writer, seq, leaf, body, ...(out === 1 ? { out } : {}) }
  throw unfit('a line of the export is no entry of an audit log; export anew')
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isTime(value: unknown): value is number | null {
  return value === null || typeof value === 'number'
}

function unfit(message: string): OrderlyError {
  return new OrderlyError('ORDERLY_INPUT_INVALID', message)
}
