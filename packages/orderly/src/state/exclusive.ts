// One at a time, over all processes: what is read in such a transaction stays as it is until it ends.
import { sql, type Transaction } from 'kysely'
import type { Commit } from '../database/open.ts'
import type { StateDatabase, StateTables } from './tables.ts'

export type StateTransaction = Transaction<StateTables>

/**
 * Runs `work` in a transaction that no other of this `name` overlaps. On SQLite no transaction overlaps another anyway.
 */
export function exclusively<T>(
  database: StateDatabase,
  name: string,
  work: (query: StateTransaction) => Promise<T>,
  commit?: Commit,
): Promise<T> {
  return database.transaction(async ({ query }) => {
    if (database.dialect === 'postgres')
      await sql`select pg_advisory_xact_lock(hashtextextended(${`orderly/${name}`}, 0))`.execute(
        query,
      )
    return work(query)
  }, commit)
}
