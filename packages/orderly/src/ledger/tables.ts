// The tables of the ledger, and the step that makes them.
import { sql, type Kysely } from 'kysely'
import type { MigrationStep } from '../database/migrate.ts'
import type { Database, Dialect } from '../database/open.ts'

/** One entry. The columns beside `body` and `leaf` only find it: what counts is in the body, and `verify` compares. */
export interface LedgerRow {
  /** Dense from 0: its leaf in the tree. */
  i: number
  id: string
  at: number
  /** The process that wrote it, and how many it had written before. */
  writer: string
  seq: number
  actor: string | null
  op: string
  kind: string | null
  resource: string | null
  queue: string | null
  outcome: string
  /** RFC 6962 leaf hash of `body`, base64. */
  leaf: string
  /** The exact bytes that were hashed. Null once their time is over. */
  body: string | null
}

/** Roots of complete subtrees of 256, 65536 … leaves: proofs need no walk over all leaves. */
export interface LedgerNodeRow {
  level: number
  i: number
  hash: string
}

/** How large the ledger is. One row. */
export interface LedgerHeadRow {
  one: number
  origin: string
  size: number
  /** JSON: roots of the complete subtrees, base64. */
  roots: string
  /** The signed checkpoint of this size. */
  note: string
}

/** Checkpoints that are kept: what the ledger said at a time. */
export interface LedgerCheckpointRow {
  size: number
  note: string
  at: number
}

export interface LedgerTables {
  orderly_ledger: LedgerRow
  orderly_ledger_nodes: LedgerNodeRow
  orderly_ledger_head: LedgerHeadRow
  orderly_ledger_checkpoints: LedgerCheckpointRow
}

export type LedgerDatabase = Database<LedgerTables>

export const LEDGER_STEP: MigrationStep = {
  name: '0012-ledger',
  async up(db, dialect) {
    await db.schema
      .createTable('orderly_ledger')
      .addColumn('i', 'bigint', (column) => column.primaryKey().notNull())
      .addColumn('id', 'text', (column) => column.notNull().unique())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('writer', 'text', (column) => column.notNull())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('actor', 'text')
      .addColumn('op', 'text', (column) => column.notNull())
      .addColumn('kind', 'text')
      .addColumn('resource', 'text')
      .addColumn('queue', 'text')
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('leaf', 'text', (column) => column.notNull())
      .addColumn('body', 'text')
      .addUniqueConstraint('orderly_ledger_writer', ['writer', 'seq'])
      .execute()
    for (const column of ['actor', 'op', 'resource', 'at'])
      await db.schema
        .createIndex(`orderly_ledger_by_${column}`)
        .on('orderly_ledger')
        .columns([column, 'i'])
        .execute()
    await db.schema
      .createTable('orderly_ledger_nodes')
      .addColumn('level', 'integer', (column) => column.notNull())
      .addColumn('i', 'bigint', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('orderly_ledger_nodes_key', ['level', 'i'])
      .execute()
    await db.schema
      .createTable('orderly_ledger_head')
      .addColumn('one', 'integer', (column) => column.primaryKey().notNull())
      .addColumn('origin', 'text', (column) => column.notNull())
      .addColumn('size', 'bigint', (column) => column.notNull())
      .addColumn('roots', 'text', (column) => column.notNull())
      .addColumn('note', 'text', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('orderly_ledger_checkpoints')
      .addColumn('size', 'bigint', (column) => column.primaryKey().notNull())
      .addColumn('note', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .execute()
    await guard(db, dialect)
  },
}

/**
 * The database itself refuses to change or delete an entry; only its text may go. Whoever owns the database can lift
 * this, and then it is the tree that tells.
 */
async function guard(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const refused = 'the audit log is append-only'
  const isChange =
    'new.body is not null or old.i <> new.i or old.leaf <> new.leaf or old.id <> new.id or old.writer <> new.writer or old.seq <> new.seq'
  if (dialect === 'sqlite') {
    await sql`create trigger orderly_ledger_kept before delete on orderly_ledger begin select raise(abort, ${sql.lit(refused)}); end`.execute(
      db,
    )
    await sql`create trigger orderly_ledger_fixed before update on orderly_ledger when ${sql.raw(isChange)} begin select raise(abort, ${sql.lit(refused)}); end`.execute(
      db,
    )
    return
  }
  await sql`create function orderly_ledger_refuse() returns trigger language plpgsql as ${sql.lit(
    `begin raise exception '${refused}'; end`,
  )}`.execute(db)
  await sql`create trigger orderly_ledger_kept before delete or truncate on orderly_ledger for each statement execute function orderly_ledger_refuse()`.execute(
    db,
  )
  await sql`create trigger orderly_ledger_fixed before update on orderly_ledger for each row when (${sql.raw(isChange)}) execute function orderly_ledger_refuse()`.execute(
    db,
  )
}
