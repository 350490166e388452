// The ledger: takes entries down, one after the other over all processes, and signs what it has become.
import { AsyncLocalStorage } from 'node:async_hooks'
import { sql } from 'kysely'
import type { DatabaseTransaction } from '../database/open.ts'
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import type { DataKeys } from '../vault/data-keys.ts'
import {
  columnsIn,
  formatEntry,
  SYSTEM_ACTOR,
  type LedgerActor,
  type LedgerEntry,
  type LedgerSource,
} from './entry.ts'
import { formatCheckpoint, signNote } from './note.ts'
import { ledgerKey, type LedgerKey } from './seal.ts'
import type { LedgerDatabase, LedgerTables } from './tables.ts'
import { EMPTY, grow, isKept, leafHash, rootOf, type Frontier, type Hash } from './tree.ts'

/** Who the code that runs now runs for. */
export interface LedgerContext {
  readonly actor: LedgerActor
  readonly source?: LedgerSource
  /** What is done here has its entry already: the rooms below write no second one. */
  readonly isRecorded?: boolean
}

export interface Recorded {
  readonly id: string
  readonly index: number
}

export interface Ledger {
  readonly database: LedgerDatabase
  readonly keys: DataKeys
  /** Names this process in its entries. */
  readonly writer: string
  /**
   * Takes an entry down. Once this resolves it is in the tree, and in the signed checkpoint.
   *
   * @throws OrderlyError `ORDERLY_LEDGER_UNAVAILABLE`: then what it is about must not happen
   */
  record(entry: LedgerEntry): Promise<Recorded>
  /** Takes an entry down unless `check` throws, which sees the ledger as no other writer changes it meanwhile. */
  recordIf(
    entry: LedgerEntry,
    check: (tx: DatabaseTransaction<LedgerTables>) => Promise<void>,
  ): Promise<Recorded>
  /**
   * Takes down what has happened already, or was refused by whoever cannot wait for an entry. One that cannot be
   * written is told to the log of the program.
   */
  note(entry: LedgerEntry): void
  /** Resolves once all that was noted is written, or told. */
  settled(): Promise<void>
  /** Throws unless entries can be written now: `ORDERLY_LEDGER_UNAVAILABLE`. */
  ready(): Promise<void>
  /** The same within a transaction of the same database: both happen, or neither. */
  recordIn(tx: DatabaseTransaction<any>, entry: LedgerEntry): Promise<Recorded>
  /** Runs `work` on behalf of somebody: entries below say who it was. */
  as<T>(context: LedgerContext, work: () => T): T
  /** Who the code that runs now runs for, if anybody said so. */
  context(): LedgerContext | undefined
}

/** The largest number of entries that share a transaction. */
const MOST_AT_ONCE = 500
const LONGEST_BODY = 16_384

interface Prepared {
  readonly entry: LedgerEntry & { readonly actor: LedgerActor }
  readonly id: string
  readonly at: number
}

interface Waiting extends Prepared {
  resolve(recorded: Recorded): void
  reject(error: Error): void
}

export interface LedgerOptions {
  readonly database: LedgerDatabase
  readonly keys: DataKeys
  readonly clock: Clock
  /** The program and its release, for entries. */
  readonly app: string
  /** Told of what was noted and could not be written. */
  readonly onLost?: (op: string, error: Error) => void
}

export function openLedger({ database, keys, clock, app, onLost }: LedgerOptions): Ledger {
  const writer = `w_${newId(clock.now())}`
  const contexts = new AsyncLocalStorage<LedgerContext>()
  let waiting: Waiting[] = []
  let isFlushing = false
  const noted = new Set<Promise<unknown>>()

  const prepare = (entry: LedgerEntry, key: LedgerKey): Prepared => {
    const context = contexts.getStore()
    const at = clock.now()
    const id = newId(at)
    const source = entry.source ?? context?.source
    const why =
      entry.why?.text === undefined
        ? entry.why
        : { ...entry.why, text: key.seal(entry.why.text, id) }
    return {
      id,
      at,
      entry: {
        ...entry,
        actor: entry.actor ?? context?.actor ?? SYSTEM_ACTOR,
        ...(source ? { source } : {}),
        ...(why ? { why } : {}),
      },
    }
  }

  /** Whoever is here first decides which entry comes next. */
  const takeTurn = async ({ query }: DatabaseTransaction<LedgerTables>): Promise<void> => {
    if (database.dialect === 'postgres')
      await sql`select pg_advisory_xact_lock(hashtextextended('orderly/ledger', 0))`.execute(query)
  }

  const append = async (
    tx: DatabaseTransaction<LedgerTables>,
    prepared: readonly Prepared[],
    key: LedgerKey,
  ): Promise<Recorded[]> => {
    await takeTurn(tx)
    const head = await readHead(tx, key)
    const last = await tx.query
      .selectFrom('orderly_ledger')
      .select(['seq', 'leaf'])
      .where('writer', '=', writer)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst()
    let tree = head.tree
    let [seq, previous] = last ? [last.seq + 1, last.leaf] : [0, '']
    const rows: (string | number | null)[][] = []
    const nodes: (string | number)[][] = []
    const keep = (level: number, index: number, hash: Hash): void => {
      if (isKept(level)) nodes.push([level, index, hash.toString('base64')])
    }
    const recorded = prepared.map(({ id, at, entry }) => {
      const body = formatEntry(entry, { id, at, writer, seq, previous, app })
      if (Buffer.byteLength(body) > LONGEST_BODY) throw tooLarge()
      const leaf = leafHash(body)
      const index = tree.size
      const { actor, op, kind, resource, queue, outcome } = columnsIn(body)
      previous = leaf.toString('base64')
      rows.push([
        index,
        id,
        at,
        writer,
        seq,
        actor,
        op,
        kind,
        resource,
        queue,
        outcome,
        previous,
        body,
      ])
      seq++
      tree = grow(tree, leaf, keep)
      return { id, index }
    })
    await tx.many(
      'insert into orderly_ledger (i, id, at, writer, seq, actor, op, kind, resource, queue, outcome, leaf, body) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      rows,
    )
    await tx.many('insert into orderly_ledger_nodes (level, i, hash) values (?, ?, ?)', nodes)
    await tx.query
      .updateTable('orderly_ledger_head')
      .set({
        size: tree.size,
        roots: JSON.stringify(tree.roots.map((root) => root.toString('base64'))),
        note: signHead(head.origin, tree, key),
      })
      .where('one', '=', 1)
      .execute()
    return recorded
  }

  const flush = async (): Promise<void> => {
    isFlushing = true
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MOST_AT_ONCE)
      waiting = waiting.slice(MOST_AT_ONCE)
      try {
        const key = await ledgerKey(keys)
        const recorded = await database.transaction((tx) => append(tx, batch, key))
        batch.forEach(({ resolve }, at) => resolve(recorded[at]!))
      } catch (cause) {
        for (const { reject } of batch) reject(unavailable(cause))
      }
    }
    isFlushing = false
  }

  const record: Ledger['record'] = async (entry) => {
    const prepared = await ready(entry)
    return new Promise((resolve, reject) => {
      waiting.push({ ...prepared, resolve, reject })
      if (!isFlushing) void flush()
    })
  }

  return {
    database,
    keys,
    writer,
    record,
    note(entry) {
      const writing = record(entry)
        .catch((error: Error) => onLost?.(entry.op, error))
        .finally(() => noted.delete(writing))
      noted.add(writing)
    },
    async settled() {
      while (noted.size > 0) await Promise.all(noted)
    },
    async recordIf(entry, check) {
      const prepared = await ready(entry)
      let refusal: unknown
      try {
        const key = await ledgerKey(keys)
        return await database.transaction(async (tx) => {
          await takeTurn(tx)
          await check(tx).catch((error: unknown) => {
            refusal = error
            throw error
          })
          return (await append(tx, [prepared], key))[0]!
        })
      } catch (cause) {
        throw refusal ?? unavailable(cause)
      }
    },
    async ready() {
      try {
        const key = await ledgerKey(keys)
        await database.transaction(async (tx) => {
          await readHead(tx, key)
          await tx.query
            .updateTable('orderly_ledger_head')
            .set({ one: 1 })
            .where('one', '=', 1)
            .execute()
        }, 'written')
      } catch (cause) {
        throw unavailable(cause)
      }
    },
    async recordIn(tx, entry) {
      const prepared = await ready(entry)
      try {
        return (await append(tx, [prepared], await ledgerKey(keys)))[0]!
      } catch (cause) {
        throw unavailable(cause)
      }
    },
    as: (context, work) => contexts.run(context, work),
    context: () => contexts.getStore(),
  }

  async function ready(entry: LedgerEntry): Promise<Prepared> {
    try {
      const prepared = prepare(entry, await ledgerKey(keys))
      // What cannot be written is the fault of its writer alone, and must not take others along.
      const body = formatEntry(prepared.entry, { ...prepared, writer, seq: 0, previous: '', app })
      if (Buffer.byteLength(body) > LONGEST_BODY - 200) throw tooLarge()
      return prepared
    } catch (cause) {
      throw unavailable(cause)
    }
  }
}

async function readHead(
  tx: DatabaseTransaction<LedgerTables>,
  key: LedgerKey,
): Promise<{ origin: string; tree: Frontier }> {
  const { query } = tx
  const row = await query
    .selectFrom('orderly_ledger_head')
    .select(['origin', 'size', 'roots'])
    .where('one', '=', 1)
    .executeTakeFirst()
  if (row) {
    const roots = (JSON.parse(row.roots) as string[]).map((root) => Buffer.from(root, 'base64'))
    return { origin: row.origin, tree: { size: row.size, roots } }
  }
  const origin = `orderly/ledger/${key.id}`
  const made = await query
    .insertInto('orderly_ledger_head')
    .values({ one: 1, origin, size: 0, roots: '[]', note: signHead(origin, EMPTY, key) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  // Another process that starts at the same moment may have been faster.
  if ((made.numInsertedOrUpdatedRows ?? 0n) === 0n) return readHead(tx, key)
  return { origin, tree: EMPTY }
}

function signHead(origin: string, tree: Frontier, { signer }: LedgerKey): string {
  return signNote(formatCheckpoint({ origin, size: tree.size, root: rootOf(tree) }), signer)
}

function tooLarge(): OrderlyError {
  return new OrderlyError(
    'ORDERLY_INPUT_INVALID',
    `an entry of the audit log is larger than ${LONGEST_BODY} bytes; name less in it`,
  )
}

function unavailable(cause: unknown): Error {
  if (cause instanceof OrderlyError && cause.code === 'ORDERLY_INPUT_INVALID') return cause
  return new OrderlyError(
    'ORDERLY_LEDGER_UNAVAILABLE',
    'the audit log cannot be written, so this is refused; see that the database and the keyring can be reached, then try again',
    { cause },
  )
}
