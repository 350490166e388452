// Gathers what happens at one time into one transaction, and tries again while the database is away.
import type { Commit } from '../database/open.ts'
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { takeLease } from './lease.ts'
import type { Entry, HistoryDatabase } from './record.ts'
import type { JobRow } from './tables.ts'

export interface Recorder {
  /**
   * Resolves once `entries` are recorded.
   *
   * @throws OrderlyError `ORDERLY_DATABASE_UNAVAILABLE` when they cannot be
   */
  record(entries: readonly Entry[]): Promise<void>
  /**
   * Records `entries` at once.
   *
   * @returns for each of them whether it changed its job, which a repetition does not
   */
  recordNew(entries: readonly Entry[]): Promise<boolean[]>
  /**
   * Records one entry at once, if the job is then as `condition` wants it (`undefined`: not on record). Of several who
   * decide about one job, the record lets one through.
   *
   * @returns whether it was recorded
   */
  recordIf(entry: Entry, condition: (job: JobRow | undefined) => boolean): Promise<boolean>
  /** Records when it can; what is lost with the process, the reconciler finds again. */
  note(entries: readonly Entry[]): void
  /** Resolves once everything asked for so far is recorded, or could not be at the next try. */
  flush(): Promise<void>
  /** Takes nothing more; what is still noted while the database is away is left to the reconciler. */
  close(): Promise<void>
}

interface Pending {
  readonly entries: readonly Entry[]
  readonly settle?: { resolve: () => void; reject: (error: unknown) => void }
}

const LARGEST_BATCH = 500
/** Notes that wait while the database is away; beyond it the oldest go, and the reconciler has more to do. */
const MOST_NOTES = 50_000
const RETRY_MS = 1_000
const GATHER_MS = 50
/**
 * What nobody waits for needs no sync of its own while there was one this recently: what a power cut takes of it, the
 * reconciler finds again, as it does when the process dies before it was written.
 */
const FLUSH_MS = 250
/** An abort without a reason makes an exception each time. */
const ENOUGH = 'enough'

export interface RecordWriter {
  /** Records entries in one transaction, and tells which changed their job. `flushed` unless told. */
  append(entries: readonly Entry[], commit?: Commit): Promise<boolean[]>
  /** Records an entry if its job is as `condition` wants it, and tells whether it was. */
  appendIf(entry: Entry, condition: (job: JobRow | undefined) => boolean): Promise<boolean>
}

export interface RecorderOptions {
  readonly database: HistoryDatabase
  readonly writer: RecordWriter
  readonly clock: Clock
  readonly onError: (error: Error) => void
}

export function openRecorder(options: RecorderOptions): Recorder {
  const { database, writer, clock, onError } = options
  let pending: Pending[] = []
  /** How many of them nobody waits for. */
  let notes = 0
  let running: Promise<void> | undefined
  const closing = new AbortController()
  /** Ends the gathering: somebody waits, or there is enough. */
  let hurry = new AbortController()

  /** When everything written so far was last on the disk. */
  let flushedAt = -Infinity

  const write = async (batch: readonly Pending[]): Promise<void> => {
    const isDue = clock.elapsed() - flushedAt >= FLUSH_MS
    // Who only wants to see what is noted does not need it on the disk.
    const isAwaited = batch.some((one) => one.settle && one.entries.length > 0)
    const commit = isDue || isAwaited ? 'flushed' : 'written'
    const entries = batch.flatMap((one) => one.entries)
    await writer.append(entries, commit)
    if (commit === 'flushed' && entries.length > 0) flushedAt = clock.elapsed()
  }

  const takeBatch = (): Pending[] => {
    let count = 0
    for (let size = 0; count < pending.length && size < LARGEST_BATCH; count++)
      size += pending[count]!.entries.length
    const batch = pending.splice(0, count)
    notes -= batch.filter(isNote).length
    return batch
  }

  /** Resolves after a turn of the event loop in which nothing more came, or once there is enough. */
  const quiet = async (): Promise<void> => {
    let before: number
    do {
      before = pending.length
      await clock.turn()
    } while (pending.length > before && pending.length < LARGEST_BATCH)
  }

  const work = async (): Promise<void> => {
    while (pending.length > 0) {
      // Reports that come in one after another are brought together: each transaction costs a sync. What nobody waits for may wait a little longer: a job
      // that starts and ends meanwhile is written once.
      if (pending.every(isNote)) await clock.sleep(GATHER_MS, hurry.signal)
      await quiet()
      if (hurry.signal.aborted) hurry = new AbortController()
      const batch = takeBatch()
      try {
        await write(batch)
        for (const { settle } of batch) settle?.resolve()
      } catch (cause) {
        onError(cause as Error)
        const left = (await isWritable(database)) ? await oneByOne(batch) : batch
        // Whoever waits is told; what nobody waits for is tried again.
        for (const { settle } of left) settle?.reject(notRecorded(cause))
        const again = left.filter(isNote)
        pending = again.concat(pending)
        notes += again.length
        if (again.length > 0) await clock.sleep(RETRY_MS, closing.signal)
        if (again.length > 0 && closing.signal.aborted) return
      }
    }
  }

  /** Finds the report that spoils a batch, and lets the others through. Returns what met a database that went away. */
  const oneByOne = async (batch: readonly Pending[]): Promise<readonly Pending[]> => {
    for (const [index, one] of batch.entries()) {
      try {
        await write([one])
        one.settle?.resolve()
      } catch (cause) {
        // What comes after it waits as well: a job's events stay in their order.
        if (!(await isWritable(database))) return batch.slice(index)
        one.settle?.reject(notRecorded(cause))
      }
    }
    return []
  }

  const start = (): void => {
    running ??= work().finally(() => {
      running = undefined
      if (pending.length === 0) return
      if (!closing.signal.aborted) start()
      else for (const { settle } of pending.splice(0)) settle?.reject(notRecorded(closing.signal))
    })
  }

  const record = (entries: readonly Entry[]): Promise<void> =>
    new Promise((resolve, reject) => {
      pending.push({ entries, settle: { resolve, reject } })
      start()
      if (!hurry.signal.aborted) hurry.abort(ENOUGH)
    })

  return {
    record,
    recordNew: (entries) => writer.append(entries),
    recordIf: (entry, condition) => writer.appendIf(entry, condition),
    note(entries) {
      pending.push({ entries })
      if (++notes > MOST_NOTES) {
        pending = withoutOldestNote(pending)
        notes--
      }
      start()
      if (pending.length >= LARGEST_BATCH) hurry.abort(ENOUGH)
    },
    flush: () => record([]).catch(() => undefined),
    async close() {
      // What is ready gets its chance; only the waiting for a database that is away is cut short.
      await clock.turn()
      closing.abort()
      while (running) {
        hurry.abort(ENOUGH)
        await running
      }
    },
  }
}

/** Those who wait are told about their entries and are never left out. */
function withoutOldestNote(pending: Pending[]): Pending[] {
  return pending.toSpliced(pending.findIndex(isNote), 1)
}

function isNote({ settle }: Pending): boolean {
  return !settle
}

function notRecorded(cause: unknown): OrderlyError {
  return new OrderlyError(
    'ORDERLY_DATABASE_UNAVAILABLE',
    'the record cannot be written, so nothing was accepted; check the database',
    { cause },
  )
}

/** A database that can be read may still be full, locked, or a copy for reading only. */
async function isWritable(database: HistoryDatabase): Promise<boolean> {
  try {
    await takeLease(database, 'recorder-probe', '', 0, 0)
    return true
  } catch {
    return false
  }
}
