/** Owns opening the file: where it may lie, how it is set up, and what is refused. */
import Database from 'better-sqlite3'
import { closeSync, existsSync, mkdirSync, openSync, statSync, statfsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { monotonicNow, systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { BullmqSqliteError, isBusy } from './errors.ts'
import { APPLICATION_ID, SCHEMA_VERSION, migrations } from './schema.ts'

/** Where the queues are kept, and how. */
export interface SqliteConnectionOptions {
  /** Path of the file; it and its folder are made if missing. `:memory:` keeps nothing. */
  file: string
  /**
   * `FULL` (default): what was acknowledged survives a power cut. `NORMAL`: it survives the death
   * of any process, but a power cut may take the last commits.
   */
  synchronous?: 'FULL' | 'NORMAL'
  /** How long to go on trying while another process holds the file, in milliseconds (30,000). */
  busyTimeout?: number
  /** Opens the file on a network file system all the same, where its locks may not hold. */
  allowNetworkFilesystem?: boolean
  /** Another clock, for tests. */
  clock?: Clock
}

/** The path of the file, or the path with settings. */
export type SqliteConnection = string | SqliteConnectionOptions

/** The file that lives in memory only. */
export const IN_MEMORY = ':memory:'

// The bug that could corrupt a WAL file shared by two connections was fixed in this release.
const OLDEST_SQLITE = [3, 51, 3]

// Blocking on another process's lock stops the event loop, so it is kept to a hiccup; the rest of
// the waiting is done by retrying.
const BLOCKING_WAIT_MS = 4
const OPENING_WAIT_MS = 5000

// From linux/magic.h: file systems whose locks or shared memory do not reach other machines.
const networkFilesystems = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x65735546, 'FUSE'],
  [0x01021997, '9P'],
  [0x5346414f, 'AFS'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x786f4256, 'VirtualBox shared folder'],
  [0xbacbacbc, 'VMware shared folder'],
])

/** Reads a connection as a user gives it; the path becomes absolute. */
export function readConnection(connection: unknown): SqliteConnectionOptions {
  const options = typeof connection === 'string' ? { file: connection } : connection
  const given = (options ?? {}) as SqliteConnectionOptions
  if (typeof given.file !== 'string' || given.file === '') {
    throw new BullmqSqliteError(
      'BULLMQ_SQLITE_BAD_CONNECTION',
      "No file was named. Pass `connection: 'path/to/queues.db'` or `connection: { file }`.",
    )
  }
  if (given.synchronous && !['FULL', 'NORMAL'].includes(given.synchronous)) {
    throw new BullmqSqliteError(
      'BULLMQ_SQLITE_BAD_CONNECTION',
      "The setting `synchronous` takes 'FULL' or 'NORMAL'.",
    )
  }
  return { ...given, file: given.file === IN_MEMORY ? IN_MEMORY : resolve(given.file) }
}

/** Opens the file, checks that it is ours, and brings its tables to this release. */
export function openDatabase(options: SqliteConnectionOptions): Database.Database {
  if (options.file !== IN_MEMORY) prepareFile(options)
  try {
    return whileBusy(() => openOnce(options))
  } catch (error) {
    if (error instanceof BullmqSqliteError) throw error
    throw new BullmqSqliteError(
      'BULLMQ_SQLITE_CANNOT_OPEN',
      `${options.file} cannot be opened: ${(error as Error).message}. ` +
        'Check that the path is right, that this user may write there, and that the disk has room.',
      error,
    )
  }
}

function openOnce(options: SqliteConnectionOptions): Database.Database {
  const db = new Database(options.file, { timeout: OPENING_WAIT_MS })
  try {
    checkLibrary(db)
    checkFile(db, options.file)
    configure(db, options)
    migrate(db, options.file)
    db.pragma(`busy_timeout = ${BLOCKING_WAIT_MS}`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

// Where two processes turn to the write-ahead log in one moment, or one opens what the other is the last to close,
// SQLite does not wait for its timeout but refuses at once.
function whileBusy<T>(open: () => T): T {
  const deadline = monotonicNow(systemClock) + OPENING_WAIT_MS
  const nothing = new Int32Array(new SharedArrayBuffer(4))
  for (;;) {
    try {
      return open()
    } catch (error) {
      if (!isBusy(error) || monotonicNow(systemClock) > deadline) throw error
      Atomics.wait(nothing, 0, 0, 1 + Math.random() * BLOCKING_WAIT_MS)
    }
  }
}

/** What throws once the path no longer leads to the file it leads to now. */
export function guardFile(file: string): () => void {
  const opened = statSync(file)
  return () => {
    const found = statSync(file, { throwIfNoEntry: false })
    if (found?.ino === opened.ino && found.dev === opened.dev) return
    throw new BullmqSqliteError(
      'BULLMQ_SQLITE_FILE_GONE',
      `${file} was deleted or replaced while it was open; what is written now would be lost. ` +
        'Put it back, or close all that uses it and open it anew.',
    )
  }
}

function prepareFile({ file, allowNetworkFilesystem }: SqliteConnectionOptions): void {
  const folder = dirname(file)
  try {
    makeFolder(folder)
  } catch (error) {
    throw new BullmqSqliteError(
      'BULLMQ_SQLITE_CANNOT_OPEN',
      `The folder ${folder} cannot be made: ${(error as Error).message}. Name another file.`,
      error,
    )
  }
  const network = networkFilesystemOf(folder)
  if (network && !allowNetworkFilesystem) {
    throw new BullmqSqliteError(
      'BULLMQ_SQLITE_NETWORK_FILESYSTEM',
      `${file} lies on ${network}, where SQLite's locks are not safe. Put it on a local disk.`,
    )
  }
  try {
    // Only a file that nobody can have open yet may be opened and closed beside SQLite: closing a
    // second descriptor drops the locks of the first.
    closeSync(openSync(file, 'wx', 0o600))
  } catch {
    // It exists, or cannot be made; SQLite will tell which.
  }
}

// Node's recursive mkdir never returns where a file system refuses new folders by pretending that
// their parent is missing, as /proc does.
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function networkFilesystemOf(folder: string): string | undefined {
  if (process.platform !== 'linux') return undefined
  return networkFilesystems.get(statfsSync(folder).type >>> 0)
}

function checkLibrary(db: Database.Database): void {
  const version = db.prepare<[], string>('SELECT sqlite_version()').pluck().get() ?? '0'
  const parts = version.split('.').map(Number)
  for (const [index, oldest] of OLDEST_SQLITE.entries()) {
    const part = parts[index] ?? 0
    if (part > oldest) return
    if (part < oldest) {
      throw new BullmqSqliteError(
        'BULLMQ_SQLITE_OLD_SQLITE',
        `SQLite ${version} can corrupt a shared file. Install better-sqlite3 12.11 or later.`,
      )
    }
  }
}

function readPragma(db: Database.Database, name: string): unknown {
  return db.pragma(name, { simple: true })
}

function checkFile(db: Database.Database, file: string): void {
  // In this order: another process may set both between the two looks, and a version has an owner.
  const version = Number(readPragma(db, 'user_version'))
  const applicationId = readPragma(db, 'application_id')
  if (applicationId !== APPLICATION_ID && (applicationId !== 0 || version !== 0)) {
    throw new BullmqSqliteError(
      'BULLMQ_SQLITE_FOREIGN_FILE',
      `${file} belongs to another program (application_id ${String(applicationId)}). ` +
        'Name another file for the queues.',
    )
  }
  if (version > SCHEMA_VERSION) {
    throw new BullmqSqliteError(
      'BULLMQ_SQLITE_NEWER_SCHEMA',
      `${file} was written by a newer bullmq-sqlite (schema ${version}, this one knows ` +
        `${SCHEMA_VERSION}). Upgrade the package in this program too.`,
    )
  }
}

function configure(db: Database.Database, options: SqliteConnectionOptions): void {
  const synchronous = options.synchronous ?? 'FULL'
  if (Number(readPragma(db, 'user_version')) === 0) db.pragma('auto_vacuum = INCREMENTAL')
  const mode = readPragma(db, 'journal_mode = WAL')
  if (mode !== 'wal' && options.file !== IN_MEMORY) {
    throw new BullmqSqliteError(
      'BULLMQ_SQLITE_NO_WAL',
      `${options.file} cannot use write-ahead logging (it stays in ${String(mode)} mode). ` +
        'Put it on a local disk.',
    )
  }
  db.pragma(`synchronous = ${synchronous}`)
  if (readPragma(db, 'synchronous') !== (synchronous === 'FULL' ? 2 : 1)) {
    throw new BullmqSqliteError(
      'BULLMQ_SQLITE_NOT_DURABLE',
      `SQLite did not take synchronous = ${synchronous}; this build of it cannot be used.`,
    )
  }
  // The log starts over after each checkpoint, and writing over it syncs faster than making it
  // longer; a small one gets there soon, and its checkpoints are short. Where only checkpoints sync,
  // fewer of them are better.
  db.pragma(`wal_autocheckpoint = ${synchronous === 'FULL' ? 1000 : 4000}`)
  db.pragma('journal_size_limit = 67108864')
  db.pragma('cache_size = -65536')
  db.pragma('temp_store = MEMORY')
  db.pragma('trusted_schema = OFF')
  db.pragma('cell_size_check = ON')
}

function migrate(db: Database.Database, file: string): void {
  if (Number(readPragma(db, 'user_version')) === SCHEMA_VERSION) return
  const upgrade = db.transaction(() => {
    // Another process may have been first while this one waited for the lock.
    checkFile(db, file)
    const from = Number(readPragma(db, 'user_version'))
    for (const migration of migrations.slice(from)) db.exec(migration)
    db.pragma(`application_id = ${APPLICATION_ID}`)
    db.pragma(`user_version = ${SCHEMA_VERSION}`)
  })
  upgrade.immediate()
}
