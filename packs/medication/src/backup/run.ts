// One run of the backup: write, restore what was written, compare, and only then say that it passed.
import type { PackRooms } from 'orderly'
import type { Store } from '../store/store.ts'
import { differs } from './error.ts'
import { readManifest, testBackup } from './read.ts'
import { forgetBackups, writeBackup, type Manifest } from './write.ts'

export interface BackedUp {
  readonly manifest: Manifest
  readonly bytes: number
  readonly rows: number
  /** Rows that were compared with the tables and were the same. */
  readonly compared: number
  readonly removed: number
}

/** Backups that stay; older ones go, but for the parts that newer ones refer to. */
const KEEP = 14
/** Looked at in each run for what is too old. */
const MOST_KNOWN = 100

export async function runBackup(
  store: Store,
  objects: PackRooms['objects'],
  kind: Manifest['kind'],
  id: string,
  signal: AbortSignal,
): Promise<BackedUp> {
  const earlier = await store.db.query
    .selectFrom('med_backups')
    .select('backup_id')
    .where('validation', '=', 'passed')
    .orderBy('at', 'desc')
    .limit(MOST_KNOWN)
    .execute()
  const [last] = earlier
  const before = last
    ? await readManifest(store, objects, last.backup_id).catch(() => undefined)
    : undefined
  const { compared, manifest: written } = await writeBackup(
    store,
    objects,
    { id, kind, before },
    signal,
  )
  const read = await readManifest(store, objects, id)
  const tested = await testBackup(store, objects, read, signal)
  const rows = written.chunks.reduce((sum, chunk) => sum + chunk.rows, 0)
  if (tested.rows !== rows || tested.chunks !== written.chunks.length) throw differs()
  const row = {
    kind,
    at: written.at,
    since: before?.at ?? 0,
    bytes: tested.bytes,
    key: id,
    validation: 'passed',
  }
  await store.db.query
    .insertInto('med_backups')
    .values({ backup_id: id, ...row })
    .onConflict((on) => on.column('backup_id').doUpdateSet(row))
    .execute()
  const removed = await forgetOld(store, objects, [id, ...earlier.map((each) => each.backup_id)])
  return { manifest: written, bytes: tested.bytes, rows: tested.rows, compared, removed }
}

/**
 * Removes what this installation knows to be beyond the newest. A backup that it does not know is from before a loss, or
 * another's, or being written: it stays. Nothing is removed while one of those that stay cannot be read.
 */
async function forgetOld(
  store: Store,
  objects: PackRooms['objects'],
  known: readonly string[],
): Promise<number> {
  const newestFirst = [...new Set(known)]
  const manifests: Manifest[] = []
  for (const id of newestFirst.slice(0, KEEP)) {
    const manifest = await readManifest(store, objects, id).catch(() => undefined)
    if (!manifest) return 0
    manifests.push(manifest)
  }
  return forgetBackups(objects, newestFirst.slice(KEEP), manifests)
}
