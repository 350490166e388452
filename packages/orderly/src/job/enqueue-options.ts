// What a caller may say about one job at the moment of enqueueing.
import type { Duration } from '../primitives/duration.ts'
import type { Priority } from './options.ts'

export interface EnqueueOptions {
  /**
   * While a job of the same kind and key has not finished, no second one is added: the first one's id comes back.
   * Where the job's queue holds PHI, the key is stored as a blind index.
   */
  readonly unique?: string
  /** Run no sooner than after this long. */
  readonly delay?: Duration
  readonly priority?: Priority
  /** Words by which the job can be found. They are stored in the clear and must not hold PHI. */
  readonly tags?: readonly string[]
  /**
   * An open transaction on Orderly's database: a Kysely transaction, a better-sqlite3 database inside one, or a client
   * of pg inside one. The job exists if and when that transaction commits; a relay hands it to its queue soon after.
   * `unique` does its work when the job reaches its queue.
   */
  readonly transaction?: CallerTransaction
}

/** What Orderly can write through. Which of the three it is, is found out by its methods. */
export type CallerTransaction = KyselyLike | BetterSqlite3Like | PgLike

/** A transaction of Kysely. */
export interface KyselyLike {
  executeQuery(query: never): Promise<unknown>
  getExecutor(): unknown
}

/** A database of better-sqlite3. */
export interface BetterSqlite3Like {
  prepare(sql: string): { run(...values: never[]): unknown }
  readonly inTransaction: boolean
}

/** A client of pg. */
export interface PgLike {
  query(sql: string, values?: never): Promise<unknown>
}
