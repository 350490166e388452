// The ledger outside its database: as lines that verify offline, and read back; and what is dropped when its time is over.
import { milliseconds } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { Ledger } from './open.ts'
import type { Verifier } from './note.ts'
import { readHead } from './read.ts'
import type { LedgerDatabase } from './tables.ts'
import type { VerifiableLedger, VerifiableRow } from './verify.ts'

const AT_ONCE = 5_000

/** Every entry of the database as it stands, in pages. */
export async function* readRows(
  { query }: LedgerDatabase,
  below: number = Number.MAX_SAFE_INTEGER,
  size: number = AT_ONCE,
  from: number = 0,
): AsyncGenerator<VerifiableRow[]> {
  for (let after = from - 1; ;) {
    const rows = await query
      .selectFrom('orderly_ledger')
      .selectAll()
      .where('i', '>', after)
      .where('i', '<', below)
      .orderBy('i')
      .limit(size)
      .execute()
    // What finds a pruned entry went with its text.
    yield rows.map((row) =>
      row.body === null
        ? {
            i: row.i,
            id: row.id,
            at: row.at,
            writer: row.writer,
            seq: row.seq,
            leaf: row.leaf,
            body: null,
          }
        : row,
    )
    if (rows.length < size) return
    after = rows.at(-1)!.i
  }
}

/** The ledger of a database, ready to be verified. Entries that are written meanwhile are left to the next time. */
export async function ledgerIn(
  database: LedgerDatabase,
  anchored: readonly string[],
  trusted: readonly Verifier[],
  size?: number,
): Promise<VerifiableLedger> {
  const head = await readHead(database)
  const kept = await database.query
    .selectFrom('orderly_ledger_checkpoints')
    .select('note')
    .where('size', '<=', head?.size ?? 0)
    .orderBy('size')
    .execute()
  return {
    rows: rowsUntil(database, head?.size ?? 0, size),
    head: head?.note,
    checkpoints: kept.map(({ note }) => note),
    anchored,
    trusted,
  }
}

/**
 * The rows below `end`; and where there are some that no head counts, those too. A writer moves the head with its entries,
 * so a row that was there before a head was read, and is behind it, is nobody's.
 */
async function* rowsUntil(
  database: LedgerDatabase,
  end: number,
  size?: number,
): AsyncGenerator<VerifiableRow[]> {
  yield* readRows(database, end, size)
  const { last } = await database.query
    .selectFrom('orderly_ledger')
    .select(({ fn }) => fn.max('i').as('last'))
    .executeTakeFirstOrThrow()
  const now = await readHead(database)
  if (last !== null && last >= (now?.size ?? 0)) yield* readRows(database, undefined, size, end)
}

export interface LedgerManifest {
  readonly v: 1
  readonly kind: 'orderly-ledger'
  /** Milliseconds since 1970 UTC: entries outside are there by their hash alone. */
  readonly from: number | null
  readonly to: number | null
  readonly entries: number
  readonly exported: string
  readonly checkpoint: string
  readonly checkpoints: readonly string[]
}

/**
 * Writes the ledger as lines of JSON: first what it is, then every entry. Entries outside of a range are written as
 * their hash alone, so that a part can be verified like the whole.
 *
 * @returns how many entries were written with their text
 */
export async function exportLedger(
  database: LedgerDatabase,
  range: { readonly from?: number; readonly to?: number },
  now: number,
  write: (line: string) => Promise<void>,
): Promise<number> {
  const ledger = await ledgerIn(database, [], [])
  const head = await readHead(database)
  if (!head || ledger.head === undefined) return 0
  const size = Number(ledger.head.split('\n')[1])
  const manifest: LedgerManifest = {
    v: 1,
    kind: 'orderly-ledger',
    from: range.from ?? null,
    to: range.to ?? null,
    entries: size,
    exported: new Date(now).toISOString(),
    checkpoint: ledger.head,
    checkpoints: ledger.checkpoints,
  }
  await write(`${JSON.stringify(manifest)}\n`)
  let written = 0
  for await (const rows of readRows(database, size))
    for (const { i, id, at, writer, seq, leaf, body } of rows) {
      const isIn = at >= (range.from ?? 0) && at < (range.to ?? Infinity)
      if (isIn && body !== null) written++
      const line = { i, id, at, writer, seq, leaf, body: isIn ? body : null }
      await write(`${JSON.stringify(isIn ? line : { ...line, out: 1 })}\n`)
    }
  return written
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
  const first = await iterator.next()
  const manifest = first.done ? undefined : parse<LedgerManifest>(first.value)
  if (manifest?.kind !== 'orderly-ledger' || manifest.v !== 1)
    throw new OrderlyError(
      'ORDERLY_INPUT_INVALID',
      'this is no export of an audit log; give a file that "orderly audit export" wrote',
    )
  const leftOut = new Set<number>()
  async function* rows(): AsyncGenerator<VerifiableRow[]> {
    let page: VerifiableRow[] = []
    for (;;) {
      const { done, value } = await iterator.next()
      const row = done || value === '' ? undefined : parse<VerifiableRow & { out?: 1 }>(value)
      if (row?.out === 1) leftOut.add(row.i)
      if (row) page.push(row)
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
    isLeftOut: (index) => leftOut.has(index),
  }
}

function parse<T>(line: string): T {
  try {
    return JSON.parse(line) as T
  } catch {
    throw new OrderlyError('ORDERLY_INPUT_INVALID', 'a line of the export is no JSON; export anew')
  }
}

/** 45 CFR 164.316(b)(2)(i): six years. */
export const LEAST_KEPT_MS: number = milliseconds('2192d')

export interface Pruned {
  /** Indexes, the second not included. */
  readonly from: number
  readonly to: number
  readonly count: number
}

/**
 * Drops the text of entries older than `before`. Their hashes stay, so that everything else can still be verified, and
 * an entry says who dropped them.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` for entries that are not six years old
 */
export async function pruneLedger(ledger: Ledger, before: number, now: number): Promise<Pruned> {
  if (before > now - LEAST_KEPT_MS)
    throw new OrderlyError(
      'ORDERLY_INPUT_INVALID',
      'entries of the audit log are kept for six years (2192 days) at least; give an earlier time',
    )
  const { database } = ledger
  const last = await database.query
    .selectFrom('orderly_ledger')
    .select((select) => [
      select.fn.min('i').as('from'),
      select.fn.max('i').as('last'),
      select.fn.countAll<number>().as('count'),
    ])
    .where('at', '<', before)
    .where('body', 'is not', null)
    .executeTakeFirst()
  if (!last || last.count === 0) return { from: 0, to: 0, count: 0 }
  const pruned = { from: last.from, to: last.last + 1, count: last.count }
  await database.transaction(async (tx) => {
    await ledger.recordIn(tx, {
      op: 'audit.prune',
      action: 'D',
      resource: { kind: 'ledger' },
      detail: { ...pruned, before: new Date(before).toISOString() },
    })
    await tx.query
      .updateTable('orderly_ledger')
      .set({ body: null, actor: null, kind: null, resource: null, queue: null })
      .where('i', '>=', pruned.from)
      .where('i', '<', pruned.to)
      .where('at', '<', before)
      .execute()
  })
  await database.scrub()
  return pruned
}
