// The whole ledger as it stands in its database, for whoever verifies it; and what is dropped of it when its time is over.
import { milliseconds } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { Ledger } from './open.ts'
import { parseCheckpoint, type Verifier } from './note.ts'
import { keptCheckpoints, readHead } from './read.ts'
import type { LedgerDatabase, LedgerHeadRow } from './tables.ts'
import { PRUNE, type DerivedHashes, type VerifiableLedger, type VerifiableRow } from './verify.ts'

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
  const row = await database.query
    .selectFrom('orderly_ledger_head')
    .selectAll()
    .where('one', '=', 1)
    .executeTakeFirst()
  const end = (row && parseCheckpoint(row.note)?.size) ?? 0
  return {
    rows: rowsUntil(database, end, size),
    head: row?.note,
    checkpoints: await keptCheckpoints(database, end),
    anchored,
    trusted,
    ...(row ? { derived: await derivedIn(database, row) } : {}),
  }
}

/** A writer keeps a node with the last of its entries: those read after a head are at least those of its entries. */
async function derivedIn(
  database: LedgerDatabase,
  { size, roots }: LedgerHeadRow,
): Promise<DerivedHashes> {
  const nodes = await database.query.selectFrom('orderly_ledger_nodes').selectAll().execute()
  return {
    nodes: new Map(nodes.map(({ level, i, hash }) => [`${level}/${i}`, hash])),
    size,
    roots: rootsIn(roots),
    end: (await readHead(database))?.size ?? 0,
  }
}

function rootsIn(json: string): string[] {
  try {
    const roots: unknown = JSON.parse(json)
    return Array.isArray(roots) ? roots.map(String) : []
  } catch {
    return []
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
 * an entry says who dropped them. Such entries stay for good: who drops them leaves gaps that nobody accounts for.
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
    .where('op', '!=', PRUNE)
    .executeTakeFirst()
  if (!last || last.count === 0) return { from: 0, to: 0, count: 0 }
  const pruned = { from: last.from, to: last.last + 1, count: last.count }
  await database.transaction(async (tx) => {
    await ledger.recordIn(tx, {
      op: PRUNE,
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
      .where('op', '!=', PRUNE)
      .execute()
  })
  await database.scrub()
  return pruned
}
