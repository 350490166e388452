/** Owns group commit: all that is asked for in one turn of the event loop shares one transaction. */
import type Database from 'better-sqlite3'
import { timers } from './clock.ts'
import { BullmqSqliteError, connectionClosed, isBusy } from './errors.ts'
import type { Transaction } from './transaction.ts'

// Long enough to share one sync among many, short enough not to starve timers and sockets.
const TURN_BUDGET_MS = 8
// Behind, it takes as long as all else took since its last turn, up to this: a program that adds without a pause would
// otherwise leave its own workers and their locks a hundredth of the time.
const LONGEST_TURN_MS = 100
const CHECK_EVERY = 16
const MAX_RETRY_MS = 25
// A handler that brings the machine down is still found to have been started, unless it was this fast.
const SYNC_SOON_MS = 100

/**
 * When what an operation wrote must be on the disk: before anybody sees it; before it is acknowledged,
 * but after it was shown to whoever waits for it here; or at the latest a moment later, so that a
 * power cut may undo it. The death of a process undoes none of them.
 */
export type Sync = 'first' | 'shown' | 'soon'

interface Entry {
  work: (tx: Transaction) => unknown
  sync: Sync
  resolve: (value: never) => void
  reject: (error: unknown) => void
  since: number
  value: unknown
}

interface CommitterOptions {
  db: Database.Database
  tx: Transaction
  /** Throws when the file is no longer where it was. */
  guard: () => void
  /** Called before anything is read: brings what is remembered up to date. */
  refresh: () => void
  /** Called after a commit with the names of the queues it changed. */
  committed: (queues: string[]) => void
  /** Writes what was not there before: a commit that changes no byte is not synced. */
  touch: (tx: Transaction) => void
  synchronous: 'FULL' | 'NORMAL'
  busyTimeout: number
}

/** Runs operations and resolves them once they are on the disk. */
export class Committer {
  readonly #options: CommitterOptions
  readonly #begin: Database.Statement
  readonly #beginRead: Database.Statement
  readonly #commit: Database.Statement
  readonly #rollback: Database.Statement
  #pending: Entry[] = []
  /** When the last turn ended, if it left something pending. */
  #leftAt: number | undefined
  /** Operations that failed together and are each tried alone. */
  #alone = 0
  #scheduled = false
  #retries = 0
  #closed = false
  #idle: (() => void)[] = []
  /** How the running transaction will be committed. */
  #synchronous: 'FULL' | 'NORMAL'
  #soon: NodeJS.Timeout | undefined
  /** Committed and shown, and acknowledged once they are on the disk. */
  #owed: Entry[] = []
  #owing = false

  constructor(options: CommitterOptions) {
    this.#options = options
    this.#synchronous = options.synchronous
    this.#begin = options.db.prepare('BEGIN IMMEDIATE')
    this.#beginRead = options.db.prepare('BEGIN')
    this.#commit = options.db.prepare('COMMIT')
    this.#rollback = options.db.prepare('ROLLBACK')
  }

  /** Runs an operation that may write. */
  run<T>(work: (tx: Transaction) => T, sync: Sync = 'first'): Promise<T> {
    if (this.#closed) return Promise.reject(connectionClosed())
    return new Promise<T>((resolve, reject) => {
      const since = performance.now()
      this.#pending.push({ work, sync, resolve, reject, since, value: undefined })
      this.#schedule()
    })
  }

  /** Runs an operation that only reads, at once unless writes asked for before it still wait. */
  read<T>(work: (tx: Transaction) => T): Promise<T> {
    if (this.#closed) return Promise.reject(connectionClosed())
    if (this.#pending.length > 0) return this.run(work)
    try {
      this.#options.guard()
      return Promise.resolve(this.readNow(work))
    } catch (error) {
      return isBusy(error) ? this.run(work) : Promise.reject(error)
    }
  }

  /** Reads one consistent state of the file, without waiting for what is pending. */
  readNow<T>(work: (tx: Transaction) => T): T {
    const { tx, refresh } = this.#options
    this.#beginRead.run()
    try {
      refresh()
      tx.tick()
      return work(tx)
    } finally {
      this.#commit.run()
    }
  }

  /** Resolves when nothing is pending. */
  idle(): Promise<void> {
    if (this.#pending.length === 0 && this.#owed.length === 0) return Promise.resolve()
    this.#syncOwed()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  /** Refuses everything from now on. */
  close(): void {
    this.#closed = true
    timers.clearTimeout(this.#soon)
    this.#rejectAll([...this.#pending.splice(0), ...this.#owed.splice(0)], connectionClosed())
  }

  #schedule(delay = 0): void {
    if (this.#scheduled) return
    this.#scheduled = true
    const turn = (): void => {
      this.#scheduled = false
      this.#turn()
    }
    if (delay > 0) timers.setTimeout(turn, delay)
    else timers.setImmediate(turn)
  }

  #turn(): void {
    if (this.#pending.length === 0) return
    try {
      this.#options.guard()
      this.#chooseSync()
      this.#begin.run()
    } catch (error) {
      if (isBusy(error)) this.#waitForLock(error)
      else {
        this.#rejectAll(this.#pending.splice(0), error)
        this.#rest()
      }
      return
    }
    this.#retries = 0
    this.#runBatch()
    this.#leftAt = this.#pending.length > 0 ? performance.now() : undefined
    if (this.#pending.length > 0) this.#schedule()
    else this.#rest()
  }

  /** Nothing is pending: tells whoever waits for that, once nothing is owed either. */
  #rest(): void {
    if (this.#owed.length > 0 && this.#idle.length > 0) this.#syncOwed()
    else for (const resolve of this.#idle.splice(0)) resolve()
  }

  /**
   * In a write-ahead log FULL syncs at each commit and NORMAL does not, but before each checkpoint
   * and when the log starts over. A commit with FULL syncs all that lies before it in the log too.
   */
  #chooseSync(): void {
    const { db, synchronous } = this.#options
    const later = this.#pending.every(({ sync }) => sync !== 'first')
    const wanted = later ? 'NORMAL' : synchronous
    if (wanted === this.#synchronous) return
    // Not a prepared statement: SQLite carries out this pragma when it is compiled.
    db.exec(`PRAGMA synchronous = ${wanted}`)
    this.#synchronous = wanted
  }

  /** Has what was committed without a sync follow to the disk. */
  #syncSoon(): void {
    if (this.#synchronous === this.#options.synchronous) {
      timers.clearTimeout(this.#soon)
      this.#soon = undefined
      return
    }
    this.#soon ??= timers.setTimeout(() => {
      this.#soon = undefined
      // What could not be synced now is synced by the next commit that must be.
      void this.run(this.#options.touch).catch(() => undefined)
    }, SYNC_SOON_MS)
    this.#soon.unref()
  }

  #runBatch(): void {
    const { tx, refresh, committed, touch } = this.#options
    const synced = this.#synchronous === this.#options.synchronous
    const batch: Entry[] = []
    let changed: string[]
    try {
      refresh()
      this.#runWithin(batch)
      if (synced && this.#owed.length > 0) touch(tx)
      changed = tx.flush()
    } catch (error) {
      this.#undo()
      if (batch.length === 1) {
        batch[0]!.reject(error)
      } else {
        // One of them is at fault; alone, each answers for itself. None has been told anything yet.
        this.#pending.unshift(...batch)
        this.#alone = batch.length
      }
      return
    }
    try {
      this.#commit.run()
    } catch (error) {
      this.#undo()
      this.#rejectAll(batch, error)
      return
    }
    const settled = synced ? this.#owed.splice(0) : []
    for (const entry of settled) entry.resolve(entry.value as never)
    for (const entry of batch) {
      if (entry.sync === 'shown' && !synced) this.#owed.push(entry)
      else entry.resolve(entry.value as never)
    }
    if (this.#owed.length > 0) this.#syncAfterStart()
    if (changed.length === 0) return
    this.#syncSoon()
    // Who has added a job learns of it before anybody here learns of its end.
    if (settled.length > 0) timers.setImmediate(() => committed(changed))
    else committed(changed)
  }

  /** Whoever was shown what is owed takes it in the next turn and begins; the one after is for the disk. */
  #syncAfterStart(): void {
    if (this.#owing) return
    this.#owing = true
    timers.setImmediate(() =>
      timers.setImmediate(() => {
        this.#owing = false
        this.#syncOwed()
      }),
    )
  }

  #syncOwed(): void {
    if (this.#owed.length === 0) return
    this.run(() => undefined).catch((error: unknown) => {
      // They are committed; whoever is in the way holds up their sync alone.
      if (isBusy(error) || isBusy((error as Error).cause)) this.#syncAfterStart()
      else this.#rejectAll(this.#owed.splice(0), error)
    })
  }

  #runWithin(batch: Entry[]): void {
    const { tx } = this.#options
    const pending = this.#pending
    const limit = this.#alone > 0 ? 1 : pending.length
    const now = performance.now()
    const elsewhere = this.#leftAt === undefined ? 0 : now - this.#leftAt
    const until = now + Math.min(Math.max(TURN_BUDGET_MS, elsewhere), LONGEST_TURN_MS)
    try {
      while (batch.length < limit) {
        if (batch.length % CHECK_EVERY === 0 && performance.now() > until) break
        const entry = pending[batch.length]!
        batch.push(entry)
        tx.tick()
        entry.value = entry.work(tx)
      }
    } finally {
      pending.splice(0, batch.length)
      if (this.#alone > 0) this.#alone--
    }
  }

  #undo(): void {
    // An error such as a full disk makes SQLite roll back by itself.
    if (this.#options.db.inTransaction) this.#rollback.run()
    this.#options.tx.forget()
  }

  #waitForLock(error: unknown): void {
    const now = performance.now()
    const { busyTimeout } = this.#options
    const expired = this.#pending.filter((entry) => now - entry.since > busyTimeout)
    if (expired.length > 0) {
      this.#pending = this.#pending.filter((entry) => now - entry.since <= busyTimeout)
      this.#alone = 0
      const message =
        `Another process held the file for more than ${busyTimeout} ms. ` +
        'Look for a program that keeps a transaction open on it.'
      this.#rejectAll(expired, new BullmqSqliteError('BULLMQ_SQLITE_BUSY', message, error))
    }
    if (this.#pending.length === 0) {
      for (const resolve of this.#idle.splice(0)) resolve()
      return
    }
    // Two processes that wait for each other's turn must not come back in step.
    const ceiling = Math.min(2 ** ++this.#retries, MAX_RETRY_MS)
    this.#schedule(1 + Math.random() * ceiling)
  }

  #rejectAll(entries: Entry[], error: unknown): void {
    for (const entry of entries) entry.reject(error)
  }
}
