// The outbox: jobs that a caller's own transaction enqueued, until the relay has handed them over.
import { sql, type Insertable, type Selectable, type Transaction } from 'kysely'
import type { CallerTransaction, PgLike } from '../job/enqueue-options.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { HistoryDatabase } from './record.ts'
import type { HistoryTables, OutboxRow } from './tables.ts'

const INSERT = 'insert into orderly_outbox (id, queue, job, created_at) values'

const AT_ONCE = 200

type NewOutboxRow = Insertable<OutboxRow>

/** PostgreSQL's "no active transaction". */
const NO_TRANSACTION = '25P01'

/**
 * Puts a row into the outbox through whatever client the caller's transaction is of.
 *
 * @throws OrderlyError `ORDERLY_TRANSACTION_INVALID` when it is none of the three, or not in a transaction
 */
export async function insertOutbox(
  transaction: CallerTransaction,
  row: NewOutboxRow,
): Promise<void> {
  const values = [row.id, row.queue, row.job, row.created_at]
  const query = kyselyOf(transaction)
  if (query) {
    await query.insertInto('orderly_outbox').values(row).execute()
  } else if (can(transaction, 'prepare')) {
    if (!transaction.inTransaction) throw notOpen()
    transaction.prepare(`${INSERT} (?, ?, ?, ?)`).run(...(values as never[]))
  } else if (can(transaction, 'query')) {
    await refuseWithoutTransaction(transaction)
    await transaction.query(`${INSERT} ($1, $2, $3, $4)`, values as never)
  } else {
    throw notOpen()
  }
}

/**
 * How many jobs of a queue a transaction sees in the outbox; those above `most` are not counted. It is asked itself, for
 * a database with one writer would let anybody else wait for its end.
 *
 * @throws OrderlyError `ORDERLY_TRANSACTION_INVALID` when it is none of the three
 */
export async function countOutbox(
  transaction: CallerTransaction,
  queue: string,
  most: number,
): Promise<number> {
  const query = kyselyOf(transaction)
  if (query) {
    const { rows } = await sql<Owed>`${sql.raw(OWED)} ${queue} limit ${most}) as owed`.execute(
      query,
    )
    return Number(rows[0]!.n)
  }
  if (can(transaction, 'prepare')) {
    if (!transaction.inTransaction) throw notOpen()
    const rows = transaction
      .prepare(`${OWED} ? limit ?) as owed`)
      .all(...([queue, most] as never[]))
    return Number((rows as Owed[])[0]!.n)
  }
  if (!can(transaction, 'query')) throw notOpen()
  const counted = await transaction.query(`${OWED} $1 limit $2) as owed`, [queue, most] as never)
  return Number((counted as { rows: Owed[] }).rows[0]!.n)
}

const OWED = 'select count(*) as n from (select 1 from orderly_outbox where queue ='

interface Owed {
  readonly n: number | string
}

function can<Name extends string>(
  client: CallerTransaction,
  name: Name,
): client is Extract<CallerTransaction, Record<Name, unknown>> {
  return typeof (client as { [name in Name]?: unknown })[name] === 'function'
}

/** A caller's Kysely transaction; its types know nothing of these tables. */
function kyselyOf(transaction: CallerTransaction): Transaction<HistoryTables> | undefined {
  if (!can(transaction, 'executeQuery')) return undefined
  if (!('isTransaction' in transaction) || transaction.isTransaction !== true) throw notOpen()
  return transaction as unknown as Transaction<HistoryTables>
}

/** What a client of pg is in, only its server knows; and that refuses a savepoint outside a transaction. */
async function refuseWithoutTransaction(client: PgLike): Promise<void> {
  try {
    await client.query('savepoint orderly_outbox')
  } catch (error) {
    if ((error as { code?: string }).code === NO_TRANSACTION) throw notOpen()
    throw error
  }
  await client.query('release savepoint orderly_outbox')
}

function notOpen(): OrderlyError {
  return new OrderlyError(
    'ORDERLY_TRANSACTION_INVALID',
    'transaction must be an open transaction of Kysely, a better-sqlite3 database inside a transaction, or a pg client inside one',
  )
}

/** The oldest rows, in the order they were written. */
export async function readOutbox(database: HistoryDatabase): Promise<Selectable<OutboxRow>[]> {
  return database.query
    .selectFrom('orderly_outbox')
    .selectAll()
    .orderBy('n')
    .limit(AT_ONCE)
    .execute()
}

/** Takes rows out whose jobs are in the record by now. */
export async function clearOutbox(
  database: HistoryDatabase,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  // One that comes back when power fails is handed over once more, and is known then.
  await database.transaction(
    ({ query }) =>
      query
        .deleteFrom('orderly_outbox')
        .where('id', 'in', [...ids])
        .execute(),
    'written',
  )
}

/** Takes one row out, if it is still there. @returns whether it was */
export async function dropFromOutbox(database: HistoryDatabase, id: string): Promise<boolean> {
  const dropped = await database.query
    .deleteFrom('orderly_outbox')
    .where('id', '=', id)
    .executeTakeFirst()
  return dropped.numDeletedRows > 0n
}
