// Reads a backup again: proves that all of it is there and whole, and puts it back.
import { sql } from 'kysely'
import type { PackRooms } from 'orderly'
import type { Store } from '../store/store.ts'
import { damaged, keyOfBackup, openWith, readChunk, textOf } from './chunk.ts'
import { keyOf, sealRow, staysAsItIs, type Table } from './parts.ts'
import { manifestKey, type Manifest } from './write.ts'

type Objects = PackRooms['objects']

/** @throws BackupError `BACKUP_MISSING`, `BACKUP_DAMAGED` */
export async function readManifest(store: Store, objects: Objects, id: string): Promise<Manifest> {
  const text = await textOf(objects, manifestKey(id))
  const [wrapped, sealed] = text.split('\n')
  if (wrapped === undefined || sealed === undefined) throw damaged('its manifest')
  const key = await keyOfBackup(store, wrapped)
  const manifest = JSON.parse(openWith(key, sealed, `manifest/${id}`, 'its manifest')) as Manifest
  if (manifest.format !== 1 || manifest.id !== id) throw damaged('its manifest')
  return manifest
}

export interface Tested {
  readonly rows: number
  readonly bytes: number
  readonly chunks: number
  /** Rows by table. */
  readonly tables: Readonly<Record<string, number>>
}

/**
 * Opens every chunk and compares it with what the manifest says it must be: bytes, digest, rows, keys that are in order
 * and occur once, and references that lead somewhere.
 *
 * @throws BackupError `BACKUP_MISSING`, `BACKUP_DAMAGED`
 */
export async function testBackup(
  store: Store,
  objects: Objects,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<Tested> {
  const tables: Record<string, number> = {}
  const keys = new Map<Table, Set<string>>()
  let [rows, bytes] = [0, 0]
  for (const chunk of manifest.chunks) {
    signal.throwIfAborted()
    await store.clock.turn()
    const own = keys.get(chunk.table) ?? new Set()
    keys.set(chunk.table, own)
    for (const row of await readChunk(store, objects, chunk)) {
      const key = String(row[keyOf(chunk.table)])
      if (own.has(key)) throw damaged(`a row of ${chunk.table} that is there twice`)
      own.add(key)
      rows++
    }
    tables[chunk.table] = own.size
    bytes += chunk.bytes
  }
  return { rows, bytes, chunks: manifest.chunks.length, tables }
}

/**
 * Puts the rows of a backup back, over those that are there; rows the backup does not have stay, and so do messages.
 *
 * @throws BackupError `BACKUP_MISSING`, `BACKUP_DAMAGED`; nothing is written then
 */
export async function restoreBackup(
  store: Store,
  objects: Objects,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<Tested> {
  const tested = await testBackup(store, objects, manifest, signal)
  for (const chunk of manifest.chunks) {
    signal.throwIfAborted()
    await store.clock.turn()
    const rows = await Promise.all(
      (await readChunk(store, objects, chunk)).map((row) => sealRow(store, chunk.table, row)),
    )
    const [first] = rows
    if (!first) continue
    const columns = Object.keys(first)
    const key = keyOf(chunk.table)
    const names = sql.join(columns.map((column) => sql.ref(column)))
    const changes = sql.join(
      columns
        .filter((column) => column !== key)
        .map((column) => sql`${sql.ref(column)} = ${sql.ref(`excluded.${column}`)}`),
    )
    const onConflict = staysAsItIs(chunk.table) ? sql`do nothing` : sql`do update set ${changes}`
    await store.db.transaction(async ({ query }) => {
      for (const row of rows)
        await sql`insert into ${sql.table(chunk.table)} (${names})
          values (${sql.join(columns.map((column) => row[column] ?? null))})
          on conflict (${sql.ref(key)}) ${onConflict}`.execute(query)
    })
  }
  store.forgetSecret()
  return tested
}
