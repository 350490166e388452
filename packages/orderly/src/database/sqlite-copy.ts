// A SQLite database copied whole while others write to it, and a copy looked at without changing it.
import { chmodSync, closeSync, fsyncSync, openSync } from 'node:fs'
import BetterSqlite3 from 'better-sqlite3'
import { OrderlyError } from '../primitives/errors.ts'

/** As many faults of a damaged file are named. */
const MOST_FAULTS = 20

/**
 * Writes what the database in `from` holds at one moment into the new file `to`, readable by its owner only. Others go
 * on writing meanwhile. Pages that were free are not in the copy, so nothing that was deleted is.
 *
 * @throws OrderlyError `ORDERLY_DATABASE_UNAVAILABLE`
 */
export function copySqlite(from: string, to: string): void {
  try {
    closeSync(openSync(to, 'wx', 0o600))
    const source = new BetterSqlite3(from, { readonly: true, fileMustExist: true })
    try {
      // An online backup page by page would begin anew with every commit of another process.
      source.prepare('vacuum into ?').run(to)
    } finally {
      source.close()
    }
    chmodSync(to, 0o600)
    flush(to)
  } catch (cause) {
    throw new OrderlyError(
      'ORDERLY_DATABASE_UNAVAILABLE',
      `the database ${from} could not be copied to ${to}; check that the target is new, and that its disk has room for it`,
      { cause },
    )
  }
}

/** SQLite leaves it to the system when a copy reaches the disk. */
function flush(file: string): void {
  const descriptor = openSync(file, 'r+')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

export interface StillDatabase {
  /** What SQLite finds wrong with the file; empty for a sound one. */
  faults(): string[]
  all<Row>(sql: string): Row[]
  close(): void
}

/**
 * Opens the copy in `file` for reading. No byte of it changes, nor is a file made beside it.
 *
 * @throws OrderlyError `ORDERLY_DATABASE_UNAVAILABLE` when it is no SQLite database
 */
export function openStill(file: string): StillDatabase {
  const damaged = (cause: unknown): OrderlyError =>
    new OrderlyError(
      'ORDERLY_DATABASE_UNAVAILABLE',
      `${file} cannot be read as a SQLite database; take another copy of it`,
      { cause },
    )
  let connection: BetterSqlite3.Database
  try {
    connection = new BetterSqlite3(file, { readonly: true, fileMustExist: true })
  } catch (cause) {
    throw damaged(cause)
  }
  const all = <Row>(sql: string): Row[] => {
    try {
      return connection.prepare(sql).all() as Row[]
    } catch (cause) {
      throw damaged(cause)
    }
  }
  return {
    faults: () =>
      all<{ integrity_check: string }>(`pragma integrity_check(${MOST_FAULTS})`)
        .map(({ integrity_check: fault }) => fault)
        .filter((fault) => fault !== 'ok'),
    all,
    close: () => connection.close(),
  }
}
