// What is done with keys while jobs go on: rewrapping, sealing anew, and proving that everything opens.
import { listDataKeys, replaceWrapping, setDataKeyState } from '../history/data-keys.ts'
import type { HistoryDatabase } from '../history/record.ts'
import { readSealedJobs, writeSealedJob } from '../history/sealed-values.ts'
import { ACCESS_SCOPE } from '../access/room.ts'
import { LEDGER_SCOPE } from '../ledger/seal.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { dataKeyOf, suiteOf } from '../vault/envelope.ts'
import type { KeyProvider } from '../vault/key-provider.ts'
import { readSealedState } from '../state/sealed-values.ts'
import type { SealedPlace, Vault } from '../vault/vault.ts'

const AT_ONCE = 200

/**
 * Wraps every data key under the provider's active key. What the data keys sealed is not touched, so this takes
 * moments however much there is.
 *
 * @returns how many were wrapped anew
 */
export async function rewrap(database: HistoryDatabase, provider: KeyProvider): Promise<number> {
  const active = await provider.active()
  let count = 0
  for (const key of await listDataKeys(database)) {
    if (key.state === 'destroyed' || key.wrappedBy === active) continue
    const bytes = await provider.unwrap(key, key.id)
    await replaceWrapping(database, key.id, await provider.wrap(bytes, key.id))
    count++
  }
  return count
}

export interface Progress {
  readonly jobs: number
  readonly values: number
}

export interface Reencryption {
  /** Values of the record that were sealed anew. */
  readonly values: number
  /** Values still sealed by the old key: jobs that changed meanwhile, and what queues hold. */
  readonly left: number
  /** Whether the old key is gone for good. */
  readonly destroyed: boolean
}

/**
 * Seals everything anew that the data key `id` sealed. It can be stopped at any point and begun again: what is done
 * is passed over. The old key is destroyed only when nothing at all needs it any more.
 *
 * @param queueReferences counts what queues still hold under a data key
 * @throws OrderlyError `ORDERLY_KEY_MISSING` when there is no such key
 */
export async function reencrypt(
  database: HistoryDatabase,
  vault: Vault,
  id: string,
  queueReferences: (dataKey: string) => Promise<number>,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<Reencryption> {
  const key = (await listDataKeys(database)).find((candidate) => candidate.id === id)
  if (!key || key.state === 'destroyed')
    throw new OrderlyError(
      'ORDERLY_KEY_MISSING',
      `there is no data key ${id} to replace; "orderly keys list" shows those there are`,
    )
  if (key.scope === LEDGER_SCOPE || key.scope === ACCESS_SCOPE)
    throw new OrderlyError(
      'ORDERLY_FORBIDDEN',
      `data key ${id} signs the audit log, or seals secrets of users, for good; rotate the keyring instead, which wraps it anew`,
    )
  // From here on the scope seals with a new key, so what is found below is all there is.
  if (key.state === 'active') await setDataKeyState(database, id, 'decrypt')
  vault.forgetKeys()
  const values =
    (await resealAll(database, vault, id, onProgress)) + (await resealState(database, vault, id))
  const left =
    (await countReferences(database, id)) +
    (await countStateReferences(database, id)) +
    (await queueReferences(id))
  if (left === 0) await setDataKeyState(database, id, 'destroyed')
  vault.forgetKeys()
  return { values, left, destroyed: left === 0 }
}

async function resealAll(
  database: HistoryDatabase,
  vault: Vault,
  id: string,
  onProgress: (progress: Progress) => void,
): Promise<number> {
  let [jobs, values, after] = [0, 0, '']
  for (;;) {
    const found = await readSealedJobs(database, after, AT_ONCE)
    if (found.length === 0) return values
    after = found.at(-1)!.job.id
    for (const sealed of found) {
      const before = { ...sealed.job }
      const old = sealed.values.filter(({ envelope }) => dataKeyOf(envelope) === id)
      if (old.length === 0) continue
      for (const { envelope, place, replace } of old)
        replace(await vault.seal(await vault.open(envelope, place), place, suiteOf(envelope)!))
      if (await writeSealedJob(database, sealed, before)) values += old.length
    }
    jobs += found.length
    onProgress({ jobs, values })
  }
}

/** Seals anew what stands beside the record. */
async function resealState(database: HistoryDatabase, vault: Vault, id: string): Promise<number> {
  let values = 0
  for await (const { envelope, place, write } of readSealedState(database.withTables())) {
    if (dataKeyOf(envelope) !== id) continue
    const text = await vault.open(envelope, place)
    if (await write(await vault.seal(text, place, suiteOf(envelope)!))) values++
  }
  return values
}

async function countStateReferences(database: HistoryDatabase, id: string): Promise<number> {
  let count = 0
  for await (const { envelope } of readSealedState(database.withTables()))
    if (dataKeyOf(envelope) === id) count++
  return count
}

async function countReferences(database: HistoryDatabase, id: string): Promise<number> {
  let [count, after] = [0, '']
  for (;;) {
    const found = await readSealedJobs(database, after, AT_ONCE)
    if (found.length === 0) return count
    after = found.at(-1)!.job.id
    for (const { values } of found)
      count += values.filter(({ envelope }) => dataKeyOf(envelope) === id).length
  }
}

export interface Verification {
  readonly jobs: number
  readonly values: number
  /** What does not open: which job, which slot, and why. Never a value. */
  readonly broken: readonly { readonly job: string; readonly slot: string; readonly code: string }[]
}

const MOST_LISTED = 1_000

/** Opens every sealed value of the record and beside it. */
export async function verifySeals(
  database: HistoryDatabase,
  vault: Vault,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<Verification> {
  const broken: { job: string; slot: string; code: string }[] = []
  let [jobs, values, after] = [0, 0, '']
  const look = async (job: string, envelope: string, place: SealedPlace): Promise<void> => {
    values++
    try {
      await vault.open(envelope, place)
    } catch (error) {
      const code = error instanceof OrderlyError ? error.code : 'ORDERLY_SEAL_BROKEN'
      // Shredded on purpose is no damage.
      if (code !== 'ORDERLY_SHREDDED' && broken.length < MOST_LISTED)
        broken.push({ job, slot: place.slot, code })
    }
  }
  for (;;) {
    const found = await readSealedJobs(database, after, AT_ONCE)
    if (found.length === 0) break
    after = found.at(-1)!.job.id
    for (const sealed of found)
      for (const { envelope, place } of sealed.values) await look(sealed.job.id, envelope, place)
    jobs += found.length
    onProgress({ jobs, values })
  }
  for await (const { envelope, place, job } of readSealedState(database.withTables()))
    await look(job, envelope, place)
  return { jobs, values, broken }
}
