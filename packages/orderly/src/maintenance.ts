// What is done to an installation from outside its programs: keys, seals, moving jobs. No handlers, no workers.
import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { openDatabase } from './database/open.ts'
import { listDataKeys } from './history/data-keys.ts'
import { listQueues } from './history/find.ts'
import type { HistoryDatabase } from './history/record.ts'
import { exportJobs, importJobs, type Imported, type TransferFilter } from './history/transfer.ts'
import { buildRegistry } from './job/registry.ts'
import { lostKeyring } from './keyring-source.ts'
import { keepCheckpoint } from './ledger/anchor.ts'
import type { LedgerActor } from './ledger/entry.ts'
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
import type { KeyProvider } from './vault/key-provider.ts'
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
export function loadKeyring(options: SettingOptions): {
  keyring: Keyring
  file: string | undefined
} {
  const settings = resolveSettings(options)
  if (settings.keyring !== undefined)
    return { keyring: parseKeyring(settings.keyring, 'ORDERLY_KEYRING'), file: undefined }
  const keyring = readKeyFile(settings.keyringFile)
  if (keyring) return { keyring, file: settings.keyringFile }
  const unused = settings.ignored.includes('ORDERLY_KEYRING')
    ? '; ORDERLY_KEYRING is set, and not used because the home was given'
    : ''
  throw new OrderlyError(
    'ORDERLY_KEYRING_INVALID',
    `there is no keyring in ${settings.keyringFile}; make one with "orderly keys init"${unused}`,
  )
}

/** Opens an installation for maintenance, runs `work`, and closes it. */
export async function withInstallation<T>(
  options: SettingOptions,
  work: (opened: Awaited<ReturnType<typeof openRooms>>) => Promise<T>,
): Promise<T> {
  loadKeyring(options)
  const settings = resolveSettings(options)
  const database = openDatabase(settings.databaseUrl)
  // Keys are needed inside transactions of the first.
  const keys = openDatabase(settings.databaseUrl)
  try {
    const registry = buildRegistry({ jobs: [], queues: [], handlers: [] })
    const opened = await openRooms(registry, { database, keys }, settings, {
      clock: systemClock,
      log: silent,
      historyRetention: '2192d',
    })
    const { engines, ledger, anchors, clock, recorder } = opened.rooms
    try {
      return await ledger.as({ actor: operator() }, () => work(opened))
    } finally {
      await keepCheckpoint(ledger.database, anchors, clock).catch(() => undefined)
      await engines.close()
      await recorder.close()
    }
  } finally {
    await Promise.all([database.close(), keys.close()])
  }
}

/** Whoever has the command line of this machine, by the name the machine knows them by. */
function operator(): LedgerActor {
  return { kind: 'program', id: 'command-line', name: userInfo().username.slice(0, 100) }
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
  const rewrapped = await withInstallation(options, async ({ rooms, provider }) => {
    await rooms.ledger.record({
      op: 'keys.rotate',
      action: 'C',
      resource: { kind: 'key', id: rotated.active.id },
    })
    return rewrap(rooms.history, provider)
  })
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
  return withInstallation(options, async ({ rooms }) => {
    const entry = {
      op: 'keys.reencrypt',
      action: 'U' as const,
      resource: { kind: 'data-key', id: dataKey.slice(0, 64) },
    }
    const asked = await rooms.ledger.record({ ...entry, outcome: 'asked' })
    const done = await reencrypt(
      rooms.history,
      rooms.vault,
      dataKey,
      async (id) => {
        await resealQueues(rooms, id)
        return countQueueReferences(rooms, id)
      },
      onProgress,
    )
    await rooms.ledger.record({
      ...entry,
      follows: asked.id,
      detail: { values: done.values, left: done.left, destroyed: done.destroyed },
    })
    return done
  })
}

/** Opens every sealed value of the record, and tells which do not open. */
export function verifyKeys(
  options: SettingOptions,
  onProgress?: (progress: Progress) => void,
): Promise<Verification> {
  return withInstallation(options, async ({ rooms }) => {
    // Every sealed value is opened for it, if only to see that it opens.
    await rooms.ledger.record({ op: 'keys.verify', action: 'R', resource: { kind: 'record' } })
    return verifySeals(rooms.history, rooms.vault, onProgress)
  })
}

/**
 * Writes the jobs of the record as lines of JSON.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` for a queue that the record does not know
 */
export function exportRecord(
  options: SettingOptions,
  filter: TransferFilter,
  write: (line: string) => Promise<void>,
): Promise<number> {
  return withInstallation(options, async ({ rooms }) => {
    await rooms.ledger.record({ op: 'record.export', action: 'R', resource: { kind: 'record' } })
    if (filter.queue !== undefined) await mustKnowQueue(rooms.history, filter.queue)
    let lines = 0
    for await (const line of exportJobs(rooms.history, filter)) {
      await write(line)
      lines++
    }
    return lines
  })
}

async function mustKnowQueue(history: HistoryDatabase, queue: string): Promise<void> {
  const known = await listQueues(history)
  if (known.includes(queue)) return
  throw new OrderlyError(
    'ORDERLY_INPUT_INVALID',
    known.length === 0
      ? `there is no queue "${queue}": the record is empty; check --home`
      : `there is no queue "${queue}" in the record; it has ${known.map((name) => `"${name}"`).join(', ')}`,
  )
}

/**
 * Takes in what `exportRecord` wrote.
 *
 * @throws OrderlyError `ORDERLY_KEY_MISSING` when the keyring does not open the keys that come along,
 *   `ORDERLY_INPUT_INVALID`
 */
export function importRecord(
  options: SettingOptions,
  lines: AsyncIterable<string>,
): Promise<Imported> {
  return withInstallation(options, async ({ rooms, provider }) => {
    await rooms.ledger.record({ op: 'record.import', action: 'C', resource: { kind: 'record' } })
    const known = new Set((await listDataKeys(rooms.history)).map(({ id }) => id))
    return importJobs(rooms.history, openable(lines, provider, known))
  })
}

/** The lines of an export, as long as the keyring opens their keys; those come first, so nothing is taken in before. */
async function* openable(
  lines: AsyncIterable<string>,
  provider: KeyProvider,
  known: ReadonlySet<string>,
): AsyncGenerator<string> {
  for await (const text of lines) {
    const key = text.startsWith('{"v":1,"key":') ? wrappedKeyIn(text) : undefined
    if (key && !known.has(key.id)) await mustUnwrap(key, provider)
    yield text
  }
}

interface WrappedKeyLine {
  readonly id: string
  readonly state: string
  readonly wrapped_by: string
  readonly blob: string
}

function wrappedKeyIn(text: string): WrappedKeyLine | undefined {
  try {
    return (JSON.parse(text) as { key: WrappedKeyLine }).key
  } catch {
    // Who reads the lines says what is wrong with them.
    return undefined
  }
}

async function mustUnwrap(key: WrappedKeyLine, provider: KeyProvider): Promise<void> {
  if (key.state === 'destroyed') return
  try {
    await provider.unwrap({ blob: key.blob, wrappedBy: key.wrapped_by }, key.id)
  } catch (cause) {
    throw new OrderlyError(
      'ORDERLY_KEY_MISSING',
      `the keyring here does not open data key ${key.id} of the export, so nothing was taken in; import into a new home that has a copy of the keyring of the installation it comes from`,
      { cause },
    )
  }
}
