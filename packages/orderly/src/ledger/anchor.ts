// Anchors: places that hold checkpoints apart from the database, so that whoever owns the database cannot take back
// what it once said. A log cannot prove its own end; its anchors can.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { OrderlyError } from '../primitives/errors.ts'
import { makeFolder } from '../primitives/folder.ts'
import { readHead } from './read.ts'
import type { LedgerDatabase } from './tables.ts'

/** A place for checkpoints: a file, a bucket that forgets nothing, a mailbox, a witness. */
export interface Anchor {
  /** For people: which place it is. */
  readonly name: string
  /** Keeps a signed checkpoint for good. It may be called twice with one. */
  publish(note: string, at: number): Promise<void>
  /** The checkpoints it holds, where it can tell. */
  list(): Promise<readonly string[]>
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
    async list() {
      if (!existsSync(path)) return []
      return readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line, at) => noteIn(line, at, path))
    },
  }
}

function noteIn(line: string, at: number, path: string): string {
  try {
    const { note } = JSON.parse(line) as { note?: unknown }
    if (typeof note === 'string') return note
  } catch {
    // Told below.
  }
  throw new OrderlyError(
    'ORDERLY_LEDGER_BROKEN',
    `line ${at + 1} of ${path} holds no checkpoint; restore the file from its copy`,
  )
}

/**
 * Keeps the checkpoint of now, in the database and in every anchor, if the ledger has grown since the last one.
 *
 * @param onError is told of anchors that could not be reached; the next checkpoint goes there again
 */
export async function keepCheckpoint(
  database: LedgerDatabase,
  anchors: readonly Anchor[],
  now: number,
  onError: (anchor: string, error: Error) => void = () => undefined,
): Promise<boolean> {
  const head = await readHead(database)
  if (!head || head.size === 0) return false
  const done = await database.query
    .insertInto('orderly_ledger_checkpoints')
    .values({ size: head.size, note: head.note, at: now })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  // Another process, or an earlier turn, has kept this one.
  if ((done.numInsertedOrUpdatedRows ?? 0n) === 0n) return false
  for (const anchor of anchors)
    await anchor.publish(head.note, now).catch((error: Error) => onError(anchor.name, error))
  return true
}
