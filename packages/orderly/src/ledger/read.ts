// Looking into the ledger: its head, its entries, the hashes that proofs are made of.
import { OrderlyError } from '../primitives/errors.ts'
import { readEntry, type LedgerRecord } from './entry.ts'
import { formatProof, parseCheckpoint, type Checkpoint } from './note.ts'
import type { LedgerDatabase } from './tables.ts'
import {
  consistencyProof,
  inclusionProof,
  KEPT_LEVELS,
  nodeHash,
  type Hash,
  type ReadNodes,
} from './tree.ts'

export interface LedgerHead extends Checkpoint {
  /** The signed checkpoint. */
  readonly note: string
}

/** What the ledger says it is. Undefined before its first entry. */
export async function readHead({ query }: LedgerDatabase): Promise<LedgerHead | undefined> {
  const row = await query
    .selectFrom('orderly_ledger_head')
    .select('note')
    .where('one', '=', 1)
    .executeTakeFirst()
  const checkpoint = row && parseCheckpoint(row.note)
  return checkpoint && { ...checkpoint, note: row.note }
}

/** Checkpoints that the database kept, of `size` entries at most, the oldest first. */
export async function keptCheckpoints({ query }: LedgerDatabase, size: number): Promise<string[]> {
  const kept = await query
    .selectFrom('orderly_ledger_checkpoints')
    .select('note')
    .where('size', '<=', size)
    .orderBy('size')
    .execute()
  return kept.map(({ note }) => note)
}

export interface LedgerQuery {
  readonly actor?: string
  /** An operation, or the beginning of one with a star: `phi.*`. */
  readonly op?: string
  readonly kind?: string
  readonly resource?: string
  readonly queue?: string
  readonly outcome?: string
  /** Milliseconds since 1970 UTC, the first inclusive, the second not. */
  readonly from?: number
  readonly to?: number
  /** Only entries older than this index. */
  readonly before?: number
  /** 100 unless told, 1,000 at most. */
  readonly limit?: number
}

const MOST_PER_PAGE = 1_000

/** Entries, the newest first. Those whose text is past its time are left out. */
export async function findEntries(
  { query }: LedgerDatabase,
  filter: LedgerQuery = {},
): Promise<LedgerRecord[]> {
  let found = query
    .selectFrom('orderly_ledger')
    .select(['i', 'body'])
    .where('body', 'is not', null)
    .orderBy('i', 'desc')
    .limit(Math.min(filter.limit ?? 100, MOST_PER_PAGE))
  for (const column of ['actor', 'kind', 'resource', 'queue', 'outcome'] as const)
    if (filter[column] !== undefined) found = found.where(column, '=', filter[column])
  const { op } = filter
  if (op?.endsWith('*')) {
    const start = op.slice(0, -1)
    found = found.where('op', '>=', start).where('op', '<', `${start}\uffff`)
  } else if (op !== undefined) found = found.where('op', '=', op)
  if (filter.from !== undefined) found = found.where('at', '>=', filter.from)
  if (filter.to !== undefined) found = found.where('at', '<', filter.to)
  if (filter.before !== undefined) found = found.where('i', '<', filter.before)
  return (await found.execute()).map(({ i, body }) => readEntry(i, body!))
}

/** One entry by its id. Undefined when there is none, or its text is past its time. */
export async function findEntry(
  { query }: LedgerDatabase,
  id: string,
): Promise<LedgerRecord | undefined> {
  const row = await query
    .selectFrom('orderly_ledger')
    .select(['i', 'body'])
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.body ? readEntry(row.i, row.body) : undefined
}

/** What one writer has written since its entry `after`, oldest first. */
export async function readWritten(
  { query }: LedgerDatabase,
  writer: string,
  after: number,
  limit: number,
): Promise<{ seq: number; record: LedgerRecord }[]> {
  const rows = await query
    .selectFrom('orderly_ledger')
    .select(['i', 'seq', 'body'])
    .where('writer', '=', writer)
    .where('seq', '>', after)
    .where('body', 'is not', null)
    .orderBy('seq')
    .limit(limit)
    .execute()
  return rows.map(({ i, seq, body }) => ({ seq, record: readEntry(i, body!) }))
}

/** Entries as they were hashed, oldest first. */
export async function readLeaves(
  { query }: LedgerDatabase,
  from: number,
  limit: number,
): Promise<{ index: number; leaf: string; body: string | null }[]> {
  return query
    .selectFrom('orderly_ledger')
    .select(['i as index', 'leaf', 'body'])
    .where('i', '>=', from)
    .orderBy('i')
    .limit(limit)
    .execute()
}

/** Reads hashes of subtrees: leaves and every eighth level are stored, those between are worked out. */
export function nodeReader({ query }: LedgerDatabase): ReadNodes {
  const stored = async (level: number, from: number, count: number): Promise<Hash[]> => {
    const rows =
      level === 0
        ? await query
            .selectFrom('orderly_ledger')
            .select('leaf as hash')
            .where('i', '>=', from)
            .where('i', '<', from + count)
            .orderBy('i')
            .execute()
        : await query
            .selectFrom('orderly_ledger_nodes')
            .select('hash')
            .where('level', '=', level)
            .where('i', '>=', from)
            .where('i', '<', from + count)
            .orderBy('i')
            .execute()
    if (rows.length === count) return rows.map(({ hash }) => Buffer.from(hash, 'base64'))
    throw new OrderlyError(
      'ORDERLY_LEDGER_BROKEN',
      'entries of the audit log are missing, so nothing can be proved; run "orderly audit verify" to see which',
    )
  }
  return async (level, index, count) => {
    const above = level % KEPT_LEVELS
    let hashes = await stored(level - above, index * 2 ** above, count * 2 ** above)
    for (let step = 0; step < above; step++)
      hashes = hashes.flatMap((hash, at) => (at % 2 === 0 ? [nodeHash(hash, hashes[at + 1]!)] : []))
    return hashes
  }
}

/**
 * A proof that an entry is in the ledger, in the form of c2sp.org/tlog-proof: with the entry and the public key it
 * can be checked by anyone, offline.
 *
 * @returns undefined when there is no such entry
 */
export async function proveEntry(
  database: LedgerDatabase,
  id: string,
): Promise<{ proof: string; body: string | null; index: number } | undefined> {
  const head = await readHead(database)
  const row = await database.query
    .selectFrom('orderly_ledger')
    .select(['i', 'body'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row || !head || row.i >= head.size) return undefined
  const path = await inclusionProof(nodeReader(database), row.i, head.size)
  return { proof: formatProof(row.i, path, head.note), body: row.body, index: row.i }
}

/** The hashes that show that the ledger of `older` entries is the beginning of the one of today. */
export async function proveConsistency(
  database: LedgerDatabase,
  older: number,
): Promise<{ from: number; to: number; hashes: string[]; checkpoint: string } | undefined> {
  const head = await readHead(database)
  if (!head || older < 0 || older > head.size) return undefined
  const hashes = await consistencyProof(nodeReader(database), older, head.size)
  return {
    from: older,
    to: head.size,
    hashes: hashes.map((hash) => hash.toString('base64')),
    checkpoint: head.note,
  }
}
