// The outbox: jobs that a caller's own transaction enqueued, until the relay has handed them over.
import type { Transaction } from 'kysely'
import type { CallerTransaction } from '../job/enqueue-options.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { HistoryDatabase } from './record.ts'
import type { HistoryTables, OutboxRow } from './tables.ts'

const INSERT = 'insert into orderly_outbox (id, queue, job, created_at) values'

const AT_ONCE = 200

/**
 * Puts a row into the outbox through whatever client the caller's transaction is of.
 *
 * @throws OrderlyError `ORDERLY_TRANSACTION_INVALID` when it is none of the three, or not in a transaction
 */
export async function insertOutbox(transaction: CallerTransaction, row: OutboxRow): Promise<void> {
  const values = [row.id, row.queue, row.job, row.created_at]
  if ('executeQuery' in transaction) {
    if (!('isTransaction' in transaction) || transaction.isTransaction !== true) throw notOpen()
    const query = transaction as unknown as Transaction<HistoryTables>
    await query.insertInto('orderly_outbox').values(row).execute()
  } else if ('prepare' in transaction) {
    if (!transaction.inTransaction) throw notOpen()
    transaction.prepare(`${INSERT} (?, ?, ?, ?)`).run(...(values as never[]))
  } else if ('query' in transaction) {
    await transaction.query(`${INSERT} ($1, $2, $3, $4)`, values as never)
  } else {
    throw notOpen()
  }
}

function notOpen(): OrderlyError {
  return new OrderlyError(
    'ORDERLY_TRANSACTION_INVALID',
    'transaction must be an open transaction of Kysely, a better-sqlite3 database inside a transaction, or a pg client inside one',
  )
}

/** The oldest rows, in the order they were written. */
export async function readOutbox(database: HistoryDatabase): Promise<OutboxRow[]> {
  return database.query
    .selectFrom('orderly_outbox')
    .selectAll()
    .orderBy('created_at')
    .orderBy('id')
    .limit(AT_ONCE)
    .execute()
}

/** Takes rows out whose jobs are in the record by now. */
export async function clearOutbox(
  database: HistoryDatabase,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  await database.query
    .deleteFrom('orderly_outbox')
    .where('id', 'in', [...ids])
    .execute()
}
