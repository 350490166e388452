// What is done to an installation from outside its programs: keys, seals, moving jobs. No handlers, no workers.
import { existsSync } from 'node:fs'
import { openDatabase } from './database/open.ts'
import { listDataKeys } from './history/data-keys.ts'
import { exportJobs, importJobs, type Imported, type TransferFilter } from './history/transfer.ts'
import { buildRegistry } from './job/registry.ts'
import { lostKeyring } from './keyring-source.ts'
import { openRooms } from './open-rooms.ts'
import { systemClock } from './primitives/clock.ts'
import { OrderlyError } from './primitives/errors.ts'
import { fileOf } from './primitives/store-url.ts'
import {
  reencrypt,
  rewrap,
  verifySeals,
  type Progress,
  type Reencryption,
  type Verification,
} from './runtime/keys.ts'
import { countQueueReferences, resealQueues } from './runtime/queue-keys.ts'
import { resolveSettings, type SettingOptions } from './settings.ts'
import type { StoredDataKey } from './vault/data-keys.ts'
import { readKeyFile, writeKeyFile } from './vault/key-file.ts'
import { createKeyring, parseKeyring, rotateKeyring, type Keyring } from './vault/keyring.ts'

export interface KeyList {
  /** The keys of the keyring, without their bytes. */
  readonly ring: readonly {
    readonly id: string
    readonly created: string
    readonly state: string
  }[]
  readonly dataKeys: readonly Omit<StoredDataKey, 'blob'>[]
}

const silent = { debug() {}, info() {}, warn() {}, error() {} }

/**
 * Makes the keyring of an installation.
 *
 * @throws OrderlyError `ORDERLY_KEYRING_INVALID` when there is one, or was one that the database still needs
 */
export async function initKeys(options: SettingOptions): Promise<{ file: string; active: string }> {
  const { keyringFile, databaseUrl } = resolveSettings(options)
  if (await holdsDataKeys(databaseUrl)) {
    if (!readKeyFile(keyringFile)) throw lostKeyring(keyringFile)
  }
  const keyring = createKeyring(systemClock.now())
  writeKeyFile(keyringFile, keyring, true)
  return { file: keyringFile, active: keyring.active.id }
}

async function holdsDataKeys(databaseUrl: string): Promise<boolean> {
  if (
    databaseUrl.startsWith('sqlite:') &&
    !existsSync(fileOf(databaseUrl, 'databaseUrl', 'orderly.db'))
  )
    return false
  const database = openDatabase(databaseUrl)
  try {
    return (await listDataKeys(database.withTables())).length > 0
  } catch {
    // No tables of ours: nothing was ever sealed there.
    return false
  } finally {
    await database.close()
  }
}

/** The keyring an installation has. @throws OrderlyError `ORDERLY_KEYRING_INVALID` when it has none */
function loadKeyring(options: SettingOptions): { keyring: Keyring; file: string | undefined } {
  const settings = resolveSettings(options)
  if (settings.keyring !== undefined)
    return { keyring: parseKeyring(settings.keyring, 'ORDERLY_KEYRING'), file: undefined }
  const keyring = readKeyFile(settings.keyringFile)
  if (keyring) return { keyring, file: settings.keyringFile }
  throw new OrderlyError(
    'ORDERLY_KEYRING_INVALID',
    `there is no keyring in ${settings.keyringFile}; make one with "orderly keys init"`,
  )
}

/** Opens an installation for maintenance, runs `work`, and closes it. */
async function withInstallation<T>(
  options: SettingOptions,
  work: (opened: Awaited<ReturnType<typeof openRooms>>) => Promise<T>,
): Promise<T> {
  loadKeyring(options)
  const settings = resolveSettings(options)
  const database = openDatabase(settings.databaseUrl)
  try {
    const registry = buildRegistry({ jobs: [], queues: [], handlers: [] })
    const opened = await openRooms(registry, { database, keys: database }, settings, {
      clock: systemClock,
      log: silent,
      historyRetention: '2192d',
    })
    try {
      return await work(opened)
    } finally {
      await opened.rooms.engines.close()
      await opened.rooms.recorder.close()
    }
  } finally {
    await database.close()
  }
}

/** Adds a key to the keyring, makes it the active one, and wraps every data key under it. */
export async function rotateKeys(
  options: SettingOptions,
): Promise<{ active: string; rewrapped: number }> {
  const { keyring, file } = loadKeyring(options)
  if (file === undefined)
    throw new OrderlyError(
      'ORDERLY_KEYRING_INVALID',
      'the keyring is in ORDERLY_KEYRING, which a command cannot change; add a key there, or move the keyring to a file',
    )
  const rotated = rotateKeyring(keyring, systemClock.now())
  writeKeyFile(file, rotated, false)
  const rewrapped = await withInstallation(options, ({ rooms, provider }) =>
    rewrap(rooms.history, provider),
  )
  return { active: rotated.active.id, rewrapped }
}

export async function listKeys(options: SettingOptions): Promise<KeyList> {
  const { keyring } = loadKeyring(options)
  const dataKeys = await withInstallation(options, ({ rooms }) => listDataKeys(rooms.history))
  return {
    ring: keyring.keys.map(({ id, created, state }) => ({ id, created, state })),
    dataKeys: dataKeys.map(({ blob: _blob, ...key }) => key),
  }
}

/** Seals anew what a data key sealed, in the record and in the queues, and destroys the key when nothing needs it. */
export function reencryptKey(
  options: SettingOptions,
  dataKey: string,
  onProgress?: (progress: Progress) => void,
): Promise<Reencryption> {
  return withInstallation(options, ({ rooms }) =>
    reencrypt(
      rooms.history,
      rooms.vault,
      dataKey,
      async (id) => {
        await resealQueues(rooms, id)
        return countQueueReferences(rooms, id)
      },
      onProgress,
    ),
  )
}

/** Opens every sealed value of the record, and tells which do not open. */
export function verifyKeys(
  options: SettingOptions,
  onProgress?: (progress: Progress) => void,
): Promise<Verification> {
  return withInstallation(options, ({ rooms }) =>
    verifySeals(rooms.history, rooms.vault, onProgress),
  )
}

/** Writes the jobs of the record as lines of JSON. */
export function exportRecord(
  options: SettingOptions,
  filter: TransferFilter,
  write: (line: string) => Promise<void>,
): Promise<number> {
  return withInstallation(options, async ({ rooms }) => {
    let lines = 0
    for await (const line of exportJobs(rooms.history, filter)) {
      await write(line)
      lines++
    }
    return lines
  })
}

/** Takes in what `exportRecord` wrote. */
export function importRecord(
  options: SettingOptions,
  lines: AsyncIterable<string>,
): Promise<Imported> {
  return withInstallation(options, ({ rooms }) => importJobs(rooms.history, lines))
}
