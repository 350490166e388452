// Writes a backup: chunks of rows under a key of its own, and a manifest that says what each must be.
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { PackRooms, TravelKey } from 'orderly'
import type { Store } from '../store/store.ts'
import { readChunk, type Chunk } from './chunk.ts'
import { differs } from './error.ts'
import {
  DATA_TYPES,
  keptOf,
  keyOf,
  openRow,
  staysAsItIs,
  TABLES,
  type Row,
  type Table,
} from './parts.ts'

type Objects = PackRooms['objects']

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
/** Times a part is written while its rows change. */
const MOST_TRIES = 10

export function manifestKey(id: string): string {
  return `${PREFIX}/${id}/manifest`
}

export interface Written {
  readonly manifest: Manifest
  /** Rows that were read back and were what stood in the table at that moment. */
  readonly compared: number
}

/**
 * Table by table, part by part. Each part is read back and compared with its rows as they stand then: what changed
 * meanwhile is written anew. So each part is true to one moment; what changes in a part that is done is in the next backup.
 *
 * @throws BackupError `BACKUP_DIFFERS` when a part is not what the table holds, however often it is written
 */
export async function writeBackup(
  store: Store,
  objects: Objects,
  { before, id, kind }: { id: string; kind: Manifest['kind']; before: Manifest | undefined },
  signal: AbortSignal,
): Promise<Written> {
  const key = await store.vault.newTravelKey()
  const known = new Map(
    kind === 'incremental'
      ? before?.chunks.map((chunk) => [`${chunk.table}/${chunk.digest}`, chunk])
      : [],
  )
  const put = async (table: Table, lines: readonly string[], name: string): Promise<Chunk> => {
    const text = lines.join('\n')
    const digest = createHash('sha256').update(text).digest('hex')
    // An object that is there need not be written again: it is read back like the others.
    const same = known.get(`${table}/${digest}`)
    if (same && (await objects.head(same.object))) return same
    const object = `${PREFIX}/${id}/${name}`
    const { size } = await objects.put(object, Buffer.from(key.seal(text, `${table}/${digest}`)))
    return { table, rows: lines.length, digest, bytes: size, object, key: key.wrapped }
  }
  const chunks: Chunk[] = []
  let compared = 0
  for (const table of TABLES)
    for await (const part of partsOf(store, table, signal)) {
      let { lines } = part
      for (let tries = 1; ; tries++) {
        const chunk = await put(table, lines, `${table}.${chunks.length}`)
        const written = (await readChunk(store, objects, chunk)).map((row) => JSON.stringify(row))
        // Messages go out all the time: what was written is what stood there when it was read.
        if (!staysAsItIs(table)) lines = await linesBetween(store, table, part.first, part.last)
        if (written.join('\n') === lines.join('\n')) {
          chunks.push(chunk)
          compared += written.length
          break
        }
        // All of its rows are gone: there is nothing to keep.
        if (lines.length === 0) break
        if (tries === MOST_TRIES) throw differs()
      }
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
  return { manifest, compared }
}

function sealManifest(manifest: Manifest, key: TravelKey): string {
  return `${key.wrapped}\n${key.seal(JSON.stringify(manifest), `manifest/${manifest.id}`)}`
}

interface Part {
  readonly lines: readonly string[]
  /** The keys of its first and its last row. */
  readonly first: string
  readonly last: string
}

/**
 * Rows of a table as lines, in parts. Where one ends is decided by the keys of its rows, so that a row that comes or goes
 * changes one part and not all that follow.
 */
async function* partsOf(store: Store, table: Table, signal: AbortSignal): AsyncGenerator<Part> {
  let lines: string[] = []
  let first = ''
  const key = keyOf(table)
  let last = ''
  for (let after = ''; ;) {
    signal.throwIfAborted()
    await store.clock.turn()
    const { rows } = await sql<Row>`select * from ${sql.table(table)}
      where ${sql.ref(key)} > ${after} and ${keptOf(table)} order by ${sql.ref(key)} limit ${ROWS_AT_ONCE}`.execute(
      store.db.query,
    )
    for (const row of rows) {
      last = String(row[key])
      if (lines.length === 0) first = last
      lines.push(JSON.stringify(await openRow(store, table, row)))
      const isEdge = createHash('sha256').update(last).digest()[0] === 0
      if (!(isEdge && lines.length > 50) && lines.length < MOST_ROWS_OF_A_CHUNK) continue
      yield { lines, first, last }
      lines = []
    }
    if (rows.length < ROWS_AT_ONCE) break
    after = last
  }
  if (lines.length > 0) yield { lines, first, last }
}

async function linesBetween(
  store: Store,
  table: Table,
  first: string,
  last: string,
): Promise<string[]> {
  const key = sql.ref(keyOf(table))
  const { rows } = await sql<Row>`select * from ${sql.table(table)}
    where ${key} >= ${first} and ${key} <= ${last} order by ${key}`.execute(store.db.query)
  const lines: string[] = []
  for (const row of rows) lines.push(JSON.stringify(await openRow(store, table, row)))
  return lines
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
