// What a caller may say about one job at the moment of enqueueing, and is told.
import type { Duration } from '../primitives/duration.ts'
import type { UniqueOptions } from './keyed-options.ts'
import type { Priority } from './options.ts'

/** A job that has been accepted: it is in the store when a caller gets this. */
export interface EnqueuedJob {
  readonly id: string
  /** Set when it is not a new job: one of the same key, or of the same request, was there already. */
  readonly duplicate?: true
}

export interface EnqueueOptions {
  /**
   * What makes this job the same as another of its kind: a second one is not added while the first has not finished, or
   * for as long as `for` says. Where the job's queue holds PHI, the key is stored as a blind index. It wins over what
   * the definition says.
   */
  readonly unique?: string | UniqueKey
  /**
   * Names the request, not the job: whoever asks again with the same key gets the id of the job that was made for it,
   * even after that has finished and is gone, for as long as `idempotencyFor` says. With another input it is
   * refused (`ORDERLY_IDEMPOTENCY_CONFLICT`).
   */
  readonly idempotencyKey?: string
  /** 24 h unless told. */
  readonly idempotencyFor?: Duration
  /** Run no sooner than after this long. */
  readonly delay?: Duration
  /** Run no sooner than at this time. */
  readonly at?: Date
  /** How long it may wait for its first attempt once it is due. It wins over what the definition says. */
  readonly ttl?: Duration
  /** How long all of its attempts may take from the moment it is due. It wins over what the definition says. */
  readonly deadline?: Duration
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

/** A unique key with its window. */
export interface UniqueKey extends Omit<UniqueOptions, 'key'> {
  readonly key: unknown
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
  prepare(sql: string): { run(...values: never[]): unknown; all(...values: never[]): unknown[] }
  readonly inTransaction: boolean
}

/** A client of pg. */
export interface PgLike {
  query(sql: string, values?: never): Promise<unknown>
}
