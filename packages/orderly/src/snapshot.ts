// An installation copied into a folder while it runs, such a copy checked, and put back. For a record in SQLite; a
// database server has tools of its own for this.
import { existsSync, readFileSync } from 'node:fs'
import { lstat, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { copySqlite, openStill } from './database/sqlite-copy.ts'
import { OPEN_STATES } from './job/states.ts'
import { loadKeyring, withInstallation } from './maintenance.ts'
import { openFolderStore } from './objects/folder-store.ts'
import type { ObjectStore } from './objects/object-store.ts'
import { openObjects } from './objects/open.ts'
import { systemClock } from './primitives/clock.ts'
import { OrderlyError } from './primitives/errors.ts'
import { makeFolder } from './primitives/folder.ts'
import { fileOf } from './primitives/store-url.ts'
import { resolveSettings, type SettingOptions } from './settings.ts'
import {
  copyOne,
  filesBelow,
  mustBeEmpty,
  readSums,
  sha256Of,
  SUMS,
  writeLines,
  type SnapshotProgress,
} from './snapshot-files.ts'
import { keyringProvider } from './vault/key-provider.ts'

/** What `manifest.json` says. */
export interface Snapshot {
  readonly format: 1
  /** ISO 8601, UTC. */
  readonly takenAt: string
  /** Jobs on record, and those of them that have not ended. */
  readonly jobs: number
  readonly unfinished: number
  /** Objects of the object store. */
  readonly files: number
  /** Of the database and the objects. */
  readonly bytes: number
}

export interface SnapshotCheck {
  /** What the manifest says; undefined where that is one of the faults. */
  readonly snapshot: Snapshot | undefined
  /** What is wrong, a sentence each; empty for a snapshot that can be put back. */
  readonly faults: readonly string[]
}

type Tell = (progress: SnapshotProgress) => void

const DATABASE = 'orderly.db'
const FILES = 'objects'
const MANIFEST = 'manifest.json'
const FORMAT = 1
const MOST_FAULTS = 20

/**
 * Copies the record, with the tables of packs, and the files of the object store into the new folder `to`. Programs may
 * go on working. Sealed values stay sealed. The keyring is not copied: whoever has both reads everything. Queues are
 * not copied: the record puts back into an empty queue what has not ended.
 *
 * @throws OrderlyError `ORDERLY_CONFLICT` when there is something in the folder, `ORDERLY_NOT_FOUND` when there is no
 *   installation, `ORDERLY_NOT_SUPPORTED` for PostgreSQL, `ORDERLY_DATABASE_UNAVAILABLE`
 */
export async function saveSnapshot(
  options: SettingOptions,
  to: string,
  tell?: Tell,
): Promise<Snapshot> {
  const { settings, database } = placesOf(options)
  if (!existsSync(database))
    throw new OrderlyError(
      'ORDERLY_NOT_FOUND',
      `there is no database ${database} to copy; name the installation with --home or ORDERLY_HOME`,
    )
  await mustBeEmpty(to)
  // Before the copy, so that the copy knows of itself.
  await withInstallation(options, async ({ rooms }) => {
    await rooms.recorder.flush()
    await rooms.ledger.record({ op: 'snapshot.save', action: 'R', resource: { kind: 'record' } })
  })
  makeFolder(to)
  const copy = join(to, DATABASE)
  copySqlite(database, copy)
  // After the database, so that what it names is there, unless it was deleted in between.
  const files = await copyObjects(
    await openObjects(settings.objectsUrl, settings.home),
    openFolderStore(join(to, FILES)),
    tell,
  )
  const snapshot: Snapshot = {
    format: FORMAT,
    takenAt: new Date(systemClock.now()).toISOString(),
    ...countJobs(copy),
    files: files.files,
    bytes: files.bytes + (await lstat(copy)).size,
  }
  await writeLines(join(to, MANIFEST), [JSON.stringify(snapshot, null, 2)])
  const sums: string[] = []
  for await (const path of filesBelow(to)) sums.push(`${await sha256Of(join(to, path))}  ${path}`)
  await writeLines(join(to, SUMS), sums)
  return snapshot
}

/**
 * Compares a snapshot with its list, has SQLite look through the database, and opens every data key with the keyring of
 * this installation. Nothing is changed.
 *
 * @throws OrderlyError `ORDERLY_NOT_FOUND` when there is no finished snapshot, `ORDERLY_INPUT_INVALID` for a list, or a
 *   manifest of another version, that cannot be read, `ORDERLY_KEYRING_INVALID` when there is no keyring
 */
export async function checkSnapshot(
  options: SettingOptions,
  from: string,
  tell?: Tell,
): Promise<SnapshotCheck> {
  if (!existsSync(join(from, SUMS)))
    throw new OrderlyError(
      'ORDERLY_NOT_FOUND',
      `there is no snapshot in ${from}, or it was not finished; take another one`,
    )
  const { keyring } = loadKeyring(options)
  const faults: string[] = []
  const listed = new Set([SUMS])
  let bytes = 0
  for await (const { sha256, path } of readSums(from)) {
    listed.add(path)
    const file = join(from, path)
    const found = existsSync(file) ? await sha256Of(file) : undefined
    if (found === undefined) faults.push(`${path} is missing.`)
    else if (found !== sha256) faults.push(`${path} is not what was copied.`)
    if (found !== undefined) bytes += (await lstat(file)).size
    tell?.({ files: listed.size - 1, bytes })
  }
  for (const path of [DATABASE, MANIFEST])
    if (!listed.has(path)) faults.push(`${path} is not on the list.`)
  for await (const path of filesBelow(from))
    if (!listed.has(path)) faults.push(`${path} was added.`)
  if (faults.length === 0) {
    const database = openStill(join(from, DATABASE))
    try {
      faults.push(...database.faults().map((fault) => `${DATABASE}: ${fault}.`))
      const provider = keyringProvider(() => keyring)
      for (const key of database.all<KeyRow>(
        `select id, wrapped_by, blob from orderly_keys where state <> 'destroyed' order by id`,
      ))
        await provider
          .unwrap({ blob: key.blob, wrappedBy: key.wrapped_by }, key.id)
          .catch(() =>
            faults.push(
              `The keyring here does not open data key ${key.id}, which ${key.wrapped_by} wrapped.`,
            ),
          )
    } finally {
      database.close()
    }
  }
  const isSound = !faults.some((fault) => fault.startsWith(MANIFEST))
  const snapshot = isSound ? readManifest(from) : undefined
  return { snapshot, faults: faults.slice(0, MOST_FAULTS) }
}

interface KeyRow {
  readonly id: string
  readonly wrapped_by: string
  readonly blob: string
}

/**
 * Puts a snapshot into an installation that has nothing but its keyring. The next program that starts there puts what
 * had not ended back into its queues.
 *
 * @throws OrderlyError `ORDERLY_CONFLICT` when there is a database, a queue or a file already; all that `checkSnapshot`
 *   throws, and `ORDERLY_INPUT_INVALID` with its first fault
 */
export async function restoreSnapshot(
  options: SettingOptions,
  from: string,
  tell?: Tell,
): Promise<Snapshot> {
  const { settings, database, taken } = placesOf(options)
  const present = taken.find((path) => existsSync(path))
  if (present !== undefined)
    throw new OrderlyError(
      'ORDERLY_CONFLICT',
      `${present} is there already; move everything but the keyring out of ${settings.home} first, and keep it until all is well`,
    )
  const objects = await openObjects(settings.objectsUrl, settings.home)
  await mustHoldNothing(objects)
  const { snapshot, faults } = await checkSnapshot(options, from, tell)
  if (faults[0] !== undefined || !snapshot)
    throw new OrderlyError(
      'ORDERLY_INPUT_INVALID',
      `the snapshot in ${from} cannot be put back: ${faults[0] ?? ''} Take an earlier one`,
    )
  await copyObjects(openFolderStore(join(from, FILES)), objects, undefined)
  makeFolder(dirname(database))
  const arriving = `${database}.arriving`
  await rm(arriving, { force: true })
  await copyOne(join(from, DATABASE), arriving)
  // Last and whole: an installation with half a database would be begun.
  await rename(arriving, database)
  await withInstallation(options, async ({ rooms }) => {
    await rooms.ledger.record({
      op: 'snapshot.restore',
      action: 'U',
      resource: { kind: 'record' },
      detail: { takenAt: snapshot.takenAt },
    })
  })
  return snapshot
}

/** What was stored or replaced meanwhile is copied as one or the other, and whole. */
async function copyObjects(
  from: ObjectStore,
  to: ObjectStore,
  tell: Tell | undefined,
): Promise<SnapshotProgress> {
  let files = 0
  let bytes = 0
  try {
    for await (const { key } of from.list('')) {
      const object = await from.get(key)
      if (!object) continue
      const { body, contentType, metadata } = object
      bytes += (await to.put(key, body, { contentType, metadata })).size
      files++
      tell?.({ files, bytes })
    }
    return { files, bytes }
  } finally {
    await Promise.all([from.close(), to.close()])
  }
}

async function mustHoldNothing(objects: ObjectStore): Promise<void> {
  for await (const _ of objects.list(''))
    throw new OrderlyError(
      'ORDERLY_CONFLICT',
      `there are files in the object store ${objects.place} already; name one that is empty with ORDERLY_OBJECTS_URL`,
    )
}

function placesOf(options: SettingOptions) {
  const settings = resolveSettings(options)
  if (!settings.databaseUrl.startsWith('sqlite:'))
    throw new OrderlyError(
      'ORDERLY_NOT_SUPPORTED',
      'the record is in PostgreSQL; copy it with pg_dump, and the object store with its own tools',
    )
  const database = fileOf(settings.databaseUrl, 'databaseUrl (ORDERLY_DATABASE_URL)', DATABASE)
  const queue = settings.queueUrl.startsWith('sqlite:')
    ? [fileOf(settings.queueUrl, 'queueUrl (ORDERLY_QUEUE_URL)', 'queue.db')]
    : []
  return {
    settings,
    database,
    /** What must not be there when a snapshot comes: it is of another time. */
    taken: [
      database,
      ...queue,
      fileOf(settings.embeddedUrl, 'home', 'embedded.db'),
      settings.ledgerAnchor,
    ],
  }
}

function countJobs(copy: string): { jobs: number; unfinished: number } {
  const database = openStill(copy)
  try {
    const rows = database.all<{ state: string; n: number }>(
      'select state, sum(n) as n from orderly_counts group by state',
    )
    const sum = (states: (state: string) => boolean): number =>
      rows.reduce((all, { state, n }) => (states(state) ? all + n : all), 0)
    return {
      jobs: sum(() => true),
      unfinished: sum((state) => OPEN_STATES.some((open) => open === state)),
    }
  } finally {
    database.close()
  }
}

function readManifest(folder: string): Snapshot {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')) as Snapshot
    if (manifest.format === FORMAT) return manifest
  } catch {
    // Told below.
  }
  throw new OrderlyError(
    'ORDERLY_INPUT_INVALID',
    `${MANIFEST} in ${folder} cannot be read, or is of a newer version; take the snapshot from its copy`,
  )
}
