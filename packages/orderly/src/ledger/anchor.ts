// Anchors: places that hold checkpoints apart from the database, so that whoever owns the database cannot take back
// what it once said. A log cannot prove its own end; its anchors can.
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { makeFolder } from '../primitives/folder.ts'
import { parseCheckpoint } from './note.ts'
import { readHead } from './read.ts'
import type { LedgerDatabase } from './tables.ts'

/** A place for checkpoints: a file, a bucket that forgets nothing, a mailbox, a witness. */
export interface Anchor {
  /** For people: which place it is. */
  readonly name: string
  /** Keeps a signed checkpoint for good. It may be called twice with one. */
  publish(note: string, at: number): Promise<void>
  /** The checkpoints it holds, the newest last, where it can tell. */
  list(): Promise<readonly string[]>
  /**
   * The last of `list()`, where that is told for less: it is asked every minute, so that a place that several processes
   * share gets each checkpoint once, and one that lost some gets them again.
   */
  newest?(): Promise<string | undefined>
}

/**
 * Keeps checkpoints in a file, a line of JSON each. It anchors against those who own the database and not this file:
 * put it on another machine, or copy it there.
 */
export function fileAnchor(path: string): Anchor {
  return {
    name: path,
    async publish(note, at) {
      makeFolder(dirname(path))
      const descriptor = openSync(path, 'a', 0o600)
      try {
        writeSync(descriptor, `${JSON.stringify({ at: new Date(at).toISOString(), note })}\n`)
        fsyncSync(descriptor)
      } finally {
        closeSync(descriptor)
      }
    },
    list: async () =>
      readAnchorFile(path).map((read) => {
        if (typeof read === 'string') return read
        throw read
      }),
    newest: async () => (existsSync(path) ? lastNote(path) : undefined),
  }
}

/** Longer than any line of it. */
const TAIL_BYTES = 16_384

/** Undefined too where the end of the file is no checkpoint: `list` tells of that, and the next one is written. */
function lastNote(path: string): string | undefined {
  const descriptor = openSync(path, 'r')
  try {
    const { size } = fstatSync(descriptor)
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES))
    readSync(descriptor, tail, 0, tail.length, size - tail.length)
    const { note } = JSON.parse(tail.toString().trimEnd().split('\n').at(-1)!) as { note?: string }
    return note
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  } finally {
    closeSync(descriptor)
  }
}

/** The checkpoints of a file, and in the place of each line that holds none what is wrong with it. */
export function readAnchorFile(path: string): (string | OrderlyError)[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line, at) => noteIn(line) ?? brokenLine(at, path))
}

function noteIn(line: string): string | undefined {
  try {
    const { note } = JSON.parse(line) as { note?: unknown }
    return typeof note === 'string' ? note : undefined
  } catch {
    return undefined
  }
}

function brokenLine(at: number, path: string): OrderlyError {
  return new OrderlyError(
    'ORDERLY_LEDGER_BROKEN',
    `line ${at + 1} of ${path} holds no checkpoint; restore the file from its copy`,
  )
}

/** As many as one turn brings to an anchor that was away: the newest of them says everything the others say. */
const MOST_AT_ONCE = 100
const LONGEST_MS = 30_000
/** What this process gave to each place last. */
const given = new WeakMap<Anchor, string>()

/**
 * Keeps the checkpoint of now in the database, if the ledger has grown, and brings every anchor what it lacks of those
 * that are kept, whoever kept them. One anchor that is away or slow holds up no other.
 *
 * @param onError is told of anchors that could not be reached; the next turn tries again
 */
export async function keepCheckpoint(
  database: LedgerDatabase,
  anchors: readonly Anchor[],
  clock: Clock,
  onError: (anchor: string, error: Error) => void = () => undefined,
): Promise<void> {
  const head = await readHead(database)
  if (!head || head.size === 0) return
  const now = clock.now()
  await database.query
    .insertInto('orderly_ledger_checkpoints')
    .values({ size: head.size, note: head.note, at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await Promise.all(
    anchors.map((anchor) =>
      inTime(clock, bring(database, anchor, now)).catch((error: Error) =>
        onError(anchor.name, error),
      ),
    ),
  )
}

async function bring({ query }: LedgerDatabase, anchor: Anchor, now: number): Promise<void> {
  const kept = query.selectFrom('orderly_ledger_checkpoints').select('note').orderBy('size', 'desc')
  const newest = (await kept.executeTakeFirstOrThrow()).note
  const held = await heldBy(anchor, newest)
  if (held === newest) return
  const size = (held === undefined ? undefined : parseCheckpoint(held)?.size) ?? -1
  const lacking = await kept.where('size', '>', size).limit(MOST_AT_ONCE).execute()
  // One that says more than there is hears all the same what is there now.
  const notes = lacking.length === 0 ? [newest] : lacking.map(({ note }) => note).toReversed()
  for (const note of notes) {
    await anchor.publish(note, now)
    given.set(anchor, note)
  }
}

async function heldBy(anchor: Anchor, newest: string): Promise<string | undefined> {
  if (anchor.newest) return anchor.newest()
  const last = given.get(anchor)
  return last === newest ? last : ((await anchor.list()).at(-1) ?? last)
}

/** A place that never answers is tried again like one that is away. */
async function inTime(clock: Clock, work: Promise<void>): Promise<void> {
  let disarm = (): void => undefined
  const late = new Promise<never>((_resolve, reject) => {
    disarm = clock.after(LONGEST_MS, () =>
      reject(new Error(`no answer within ${LONGEST_MS / 1_000} seconds`)),
    )
  })
  await Promise.race([work, late]).finally(disarm)
}
