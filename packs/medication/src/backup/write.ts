// Writes a backup: chunks of rows under a key of its own, and a manifest that says what each must be.
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { PackRooms, TravelKey } from 'orderly'
import type { Store } from '../store/store.ts'
import { DATA_TYPES, keyOf, openRow, TABLES, type Row, type Table } from './parts.ts'

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

export interface Manifest {
  readonly format: 1
  readonly id: string
  readonly kind: 'full' | 'incremental'
  readonly at: number
  readonly dataTypes: readonly string[]
  readonly chunks: readonly Chunk[]
}

const PREFIX = 'medication/backups'
const ROWS_AT_ONCE = 500
const MOST_ROWS_OF_A_CHUNK = 4_000

export function manifestKey(id: string): string {
  return `${PREFIX}/${id}/manifest`
}

/** One view of the whole: rows that change meanwhile are in the next backup. */
export async function writeBackup(
  store: Store,
  objects: Objects,
  { before, id, kind }: { id: string; kind: Manifest['kind']; before: Manifest | undefined },
  signal: AbortSignal,
): Promise<Manifest> {
  const key = await store.vault.newTravelKey()
  const known = new Map(
    kind === 'incremental'
      ? before?.chunks.map((chunk) => [`${chunk.table}/${chunk.digest}`, chunk])
      : [],
  )
  const chunks: Chunk[] = []
  for (const table of TABLES)
    for await (const lines of chunksOf(store, table, signal)) {
      const text = lines.join('\n')
      const digest = createHash('sha256').update(text).digest('hex')
      // An object that is there and whole need not be written again.
      const same = known.get(`${table}/${digest}`)
      if (same && (await objects.head(same.object))) {
        chunks.push(same)
        continue
      }
      const object = `${PREFIX}/${id}/${table}.${chunks.length}`
      const sealed = key.seal(text, `${table}/${digest}`)
      const { size } = await objects.put(object, Buffer.from(sealed))
      chunks.push({ table, rows: lines.length, digest, bytes: size, object, key: key.wrapped })
    }
  const manifest: Manifest = {
    format: 1,
    id,
    kind,
    at: store.clock.now(),
    dataTypes: Object.keys(DATA_TYPES),
    chunks,
  }
  await objects.put(manifestKey(id), Buffer.from(sealManifest(manifest, key)))
  return manifest
}

function sealManifest(manifest: Manifest, key: TravelKey): string {
  return `${key.wrapped}\n${key.seal(JSON.stringify(manifest), `manifest/${manifest.id}`)}`
}

/**
 * Rows of a table as lines, in chunks. Where one ends is decided by the keys of its rows, so that a row that comes or goes
 * changes one chunk and not all that follow.
 */
async function* chunksOf(
  store: Store,
  table: Table,
  signal: AbortSignal,
): AsyncGenerator<string[]> {
  let lines: string[] = []
  const key = keyOf(table)
  for (let after = ''; ;) {
    signal.throwIfAborted()
    await store.clock.turn()
    const { rows } = await sql<Row>`select * from ${sql.table(table)}
      where ${sql.ref(key)} > ${after} order by ${sql.ref(key)} limit ${ROWS_AT_ONCE}`.execute(
      store.db.query,
    )
    for (const row of rows) {
      lines.push(JSON.stringify(await openRow(store, table, row)))
      const isEdge = createHash('sha256').update(String(row[key])).digest()[0] === 0
      if (!(isEdge && lines.length > 50) && lines.length < MOST_ROWS_OF_A_CHUNK) continue
      yield lines
      lines = []
    }
    if (rows.length < ROWS_AT_ONCE) break
    after = String(rows.at(-1)![key])
  }
  if (lines.length > 0) yield lines
}

/** Removes some backups, but nothing that one of those that stay refers to. */
export async function forgetBackups(
  objects: Objects,
  old: readonly string[],
  manifests: readonly Manifest[],
): Promise<number> {
  const kept = new Set(
    manifests.flatMap(({ chunks, id }) => [manifestKey(id), ...chunks.map(({ object }) => object)]),
  )
  let removed = 0
  for (const id of old)
    for await (const { key } of objects.list(`${PREFIX}/${id}/`)) {
      if (kept.has(key)) continue
      await objects.delete(key)
      removed++
    }
  return removed
}
