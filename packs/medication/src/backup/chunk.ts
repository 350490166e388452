// One part of a backup: rows of one table, sealed under the backup's key.
import { createHash } from 'node:crypto'
import type { PackRooms, TravelKey } from 'orderly'
import type { Store } from '../store/store.ts'
import { BackupError } from './error.ts'
import type { OpenRow, Table } from './parts.ts'

type Objects = PackRooms['objects']

export interface Chunk {
  readonly table: Table
  readonly rows: number
  /** SHA-256 of its lines, before they were sealed. */
  readonly digest: string
  readonly bytes: number
  /** Where it is: in this backup, or in an earlier one it was the same in. */
  readonly object: string
  /** The key it is sealed with, wrapped. */
  readonly key: string
}

/** @throws BackupError `BACKUP_MISSING`, `BACKUP_DAMAGED` */
export async function readChunk(store: Store, objects: Objects, chunk: Chunk): Promise<OpenRow[]> {
  const sealed = await textOf(objects, chunk.object)
  if (Buffer.byteLength(sealed) !== chunk.bytes) throw damaged(`a part of ${chunk.table}`)
  const key = await keyOfBackup(store, chunk.key)
  const text = openWith(key, sealed, `${chunk.table}/${chunk.digest}`, `a part of ${chunk.table}`)
  if (createHash('sha256').update(text).digest('hex') !== chunk.digest)
    throw damaged(`a part of ${chunk.table}`)
  const rows = text.split('\n').map((line) => JSON.parse(line) as OpenRow)
  if (rows.length !== chunk.rows) throw damaged(`a part of ${chunk.table}`)
  return rows
}

/**
 * @throws BackupError `BACKUP_KEY` when this keyring does not open the key that came with it
 * @throws OrderlyError `ORDERLY_KEY_MISSING` when it is wrapped by a key this keyring does not have
 */
export async function keyOfBackup(store: Store, wrapped: string): Promise<TravelKey> {
  try {
    return await store.vault.openTravelKey(wrapped)
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ORDERLY_SEAL_BROKEN') throw cause
    throw new BackupError(
      'BACKUP_KEY',
      'The backup was taken under another keyring, or its key is damaged; put the keyring of the installation that took it in place, or take another backup.',
      { cause },
    )
  }
}

export function openWith(key: TravelKey, sealed: string, place: string, what: string): string {
  try {
    return key.open(sealed, place)
  } catch (cause) {
    throw damaged(what, cause)
  }
}

export async function textOf(objects: Objects, name: string): Promise<string> {
  const found = await objects.get(name)
  if (!found)
    throw new BackupError(
      'BACKUP_MISSING',
      'A part of the backup is not where it should be; restore the store of objects, or take another backup.',
    )
  const parts: Uint8Array[] = []
  for await (const part of found.body) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

export function damaged(what: string, cause?: unknown): BackupError {
  return new BackupError(
    'BACKUP_DAMAGED',
    `The backup is damaged: ${what} is not what was written; take another backup.`,
    { cause },
  )
}
