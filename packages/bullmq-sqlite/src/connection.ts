/** Owns the one connection a process has to a file, shared by all its queues and workers. */
import type Database from 'better-sqlite3'
import { Bell } from './bell.ts'
import { removeOwner, BEAT_EVERY_MS } from './clients.ts'
import { systemClock, timers } from './clock.ts'
import type { Clock } from './clock.ts'
import { Committer } from './commit.ts'
import { BullmqSqliteError, isBusy } from './errors.ts'
import { IN_MEMORY, guardFile, openDatabase, readConnection } from './open.ts'
import type { SqliteConnectionOptions } from './open.ts'
import { beatOwner, registerOwner } from './owner.ts'
import { Statements } from './statements.ts'
import { anyOwnerDead, reapDead } from './sweep.ts'
import { Transaction } from './transaction.ts'
import { Wake } from './wake.ts'

const DATA_VERSION = 'PRAGMA data_version'
const DEFAULT_BUSY_TIMEOUT_MS = 30_000
const REAP_EVERY_MS = 1000
const LOOK_AGAIN_MS = 5

const open = new Map<string, Connection>()

/** The connection to a file, opened for the first who asks. Each who asks must release it. */
export function acquireConnection(connection: unknown): Connection {
  const options = readConnection(connection)
  const found = open.get(options.file)
  if (found) {
    found.checkAgrees(options)
    found.users++
    return found
  }
  const opened = new Connection(options)
  open.set(options.file, opened)
  return opened
}

/** A file, its statements, its committer and its sleepers. */
export class Connection {
  readonly clock: Clock
  readonly committer: Committer
  readonly wake: Wake
  users = 1
  readonly #options: SqliteConnectionOptions
  readonly #db: Database.Database
  readonly #sql: Statements
  readonly #tx: Transaction
  readonly #bell: Bell | undefined
  #version = -1
  #ownerId = 0
  #attended = 0
  #timers: NodeJS.Timeout[] = []
  /** Jobs taken back from dead processes that no worker here has reported yet. */
  readonly #reaped = new Map<string, string[]>()

  constructor(options: SqliteConnectionOptions) {
    this.#options = options
    this.clock = options.clock ?? systemClock
    this.#db = openDatabase(options)
    this.#sql = new Statements(this.#db)
    this.#tx = new Transaction(this.#sql, this.clock, () => this.#ownerId)
    if (options.file !== IN_MEMORY) {
      this.#bell = new Bell(options.file, () => {
        if (this.wake.sleeping) this.#poll()
      })
    }
    this.wake = new Wake(
      this.clock,
      () => this.#poll(),
      () => this.#bell?.hangs === true,
    )
    this.committer = new Committer({
      db: this.#db,
      tx: this.#tx,
      guard: options.file === IN_MEMORY ? () => undefined : guardFile(options.file),
      refresh: () => this.#refresh(),
      committed: (queues) => {
        this.#bell?.ring()
        this.wake.changed(queues)
      },
      touch: (tx) => this.#live(tx),
      synchronous: options.synchronous ?? 'FULL',
      busyTimeout: options.busyTimeout ?? DEFAULT_BUSY_TIMEOUT_MS,
    })
    // First in line, so that whatever comes after it has an owner and finds the dead buried.
    void this.committer.run((tx) => this.#enter(tx)).catch(() => undefined)
  }

  /** Looks at the file now; undefined if another process is in the way. */
  peek<T>(work: (tx: Transaction) => T): T | undefined {
    try {
      return this.committer.readNow(work)
    } catch (error) {
      if (!isBusy(error)) throw error
      // What could not be seen now must be looked for again.
      timers.setTimeout(() => this.wake.foreignChange(), LOOK_AGAIN_MS).unref()
      return undefined
    }
  }

  /** Someone here works or listens: say that we live, and look after the dead. */
  attend(): void {
    if (this.#attended++ > 0) return
    const beat = timers.setInterval(() => this.#beat(), BEAT_EVERY_MS)
    const reap = timers.setInterval(() => this.#reap(), REAP_EVERY_MS)
    this.#timers = [beat.unref(), reap.unref()]
  }

  /** The last who worked or listened is gone. */
  leave(): void {
    if (--this.#attended > 0) return
    for (const timer of this.#timers) timers.clearInterval(timer)
    this.#timers = []
  }

  /** The jobs of a queue that were taken back from dead processes since it was last asked. */
  takeReaped(queue: string): string[] {
    const ids = this.#reaped.get(queue) ?? []
    this.#reaped.delete(queue)
    return ids
  }

  /** Takes back the jobs of dead processes, inside a transaction. */
  reapWithin(tx: Transaction): void {
    for (const [queue, ids] of reapDead(tx)) {
      this.#reaped.set(queue, [...(this.#reaped.get(queue) ?? []), ...ids])
    }
  }

  /** Two users of one file must mean the same by it. */
  checkAgrees(wanted: SqliteConnectionOptions): void {
    const had = this.#options
    const differs =
      (wanted.synchronous !== undefined && wanted.synchronous !== (had.synchronous ?? 'FULL')) ||
      (wanted.clock !== undefined && wanted.clock !== this.clock)
    if (!differs) return
    throw new BullmqSqliteError(
      'BULLMQ_SQLITE_CONFLICTING_OPTIONS',
      `${had.file} is open in this process with other settings. Share one connection object.`,
    )
  }

  /** Gives up one use; the last one closes the file. */
  async release(): Promise<void> {
    if (this.users > 1) {
      this.users--
      return
    }
    await this.committer.run((tx) => removeOwner(tx.sql, tx.ownerId())).catch(() => undefined)
    await this.committer.idle()
    // Somebody may have asked for the file while it was being let go.
    if (--this.users > 0) {
      void this.committer.run((tx) => this.#enter(tx)).catch(() => undefined)
      return
    }
    open.delete(this.#options.file)
    this.committer.close()
    this.wake.close()
    this.#bell?.close()
    this.#db.close()
  }

  #enter(tx: Transaction): void {
    this.#ownerId = registerOwner(tx.sql, tx.now)
    this.reapWithin(tx)
  }

  #refresh(): void {
    const version = this.#sql.get<{ data_version: number }>(DATA_VERSION)?.data_version ?? 0
    if (version === this.#version) return
    const first = this.#version === -1
    this.#version = version
    this.#tx.forget()
    if (!first) this.wake.foreignChange()
  }

  #poll(): void {
    if (this.#options.file === IN_MEMORY) return
    try {
      this.#refresh()
    } catch (error) {
      if (!isBusy(error)) throw error
    }
  }

  #beat(): void {
    void this.committer.run((tx) => this.#live(tx)).catch(() => undefined) // The next beat tells as much.
  }

  /** Says that we live; enters us if that failed, or was undone, when the file was opened. */
  #live(tx: Transaction): void {
    if (beatOwner(tx.sql, tx.ownerId(), tx.now)) return
    this.#ownerId = registerOwner(tx.sql, tx.now)
  }

  #reap(): void {
    if (this.#options.file === IN_MEMORY) return
    if (!this.peek((tx) => anyOwnerDead(tx.sql, tx.ownerId()))) return
    void this.committer.run((tx) => this.reapWithin(tx)).catch(() => undefined) // Tried again in a second.
  }
}
