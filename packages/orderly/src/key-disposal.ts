// Ends keys on purpose: what a destroyed data key sealed is forgotten everywhere, in copies and backups too.
import { listDataKeys, setDataKeyState } from './history/data-keys.ts'
import { loadKeyring, withInstallation } from './maintenance.ts'
import { OrderlyError } from './primitives/errors.ts'
import type { SettingOptions } from './settings.ts'
import { writeKeyFile } from './vault/key-file.ts'

/** Months of jobs can be forgotten; the keys of the log, of accounts and of what is found by PHI cannot. */
const SHREDDABLE = /^epoch\//

/**
 * Destroys a data key. What it sealed can be read by nobody from then on; the log says that it was so, and verifies.
 *
 * @throws OrderlyError `ORDERLY_KEY_MISSING`, `ORDERLY_FORBIDDEN` for a key that seals no jobs, `ORDERLY_SHREDDED` when
 *   it is done already
 */
export function shredKey(
  options: SettingOptions,
  id: string,
): Promise<{ readonly id: string; readonly scope: string }> {
  return withInstallation(options, async ({ rooms }) => {
    const key = (await listDataKeys(rooms.history)).find((each) => each.id === id)
    if (!key)
      throw new OrderlyError(
        'ORDERLY_KEY_MISSING',
        'there is no such data key; "orderly keys list" shows those there are',
      )
    if (!SHREDDABLE.test(key.scope))
      throw new OrderlyError(
        'ORDERLY_FORBIDDEN',
        'only the key of a month of jobs can be destroyed; this one seals the log, accounts or indexes',
      )
    if (key.state === 'destroyed')
      throw new OrderlyError('ORDERLY_SHREDDED', 'this data key is destroyed already')
    const entry = {
      op: 'keys.shred',
      action: 'D' as const,
      resource: { kind: 'data-key', id },
      detail: { scope: key.scope },
    }
    const asked = await rooms.ledger.record({ ...entry, outcome: 'asked' })
    await setDataKeyState(rooms.history, id, 'destroyed')
    rooms.vault.forgetKeys()
    await rooms.history.scrub()
    await rooms.ledger.record({ ...entry, follows: asked.id })
    return { id, scope: key.scope }
  })
}

/**
 * Takes a key that was rotated out of the keyring. Backups of before, which hold data keys that it wraps, open no more.
 *
 * @throws OrderlyError `ORDERLY_KEY_MISSING`, `ORDERLY_CONFLICT` while it is active or wraps a data key that is needed
 */
export async function retireKey(options: SettingOptions, id: string): Promise<void> {
  const { keyring, file } = loadKeyring(options)
  if (file === undefined)
    throw new OrderlyError(
      'ORDERLY_KEYRING_INVALID',
      'the keyring is in ORDERLY_KEYRING, which a command cannot change; take the key out there',
    )
  if (!keyring.keys.some((key) => key.id === id))
    throw new OrderlyError('ORDERLY_KEY_MISSING', 'the keyring has no such key')
  if (keyring.active.id === id)
    throw new OrderlyError('ORDERLY_CONFLICT', 'this key is active; "orderly keys rotate" first')
  await withInstallation(options, async ({ rooms }) => {
    const needed = (await listDataKeys(rooms.history)).some(
      ({ state, wrappedBy }) => state !== 'destroyed' && wrappedBy === id,
    )
    if (needed)
      throw new OrderlyError(
        'ORDERLY_CONFLICT',
        'data keys are still wrapped by this key; "orderly keys rotate" wraps them anew',
      )
    await rooms.ledger.record({
      op: 'keys.retire',
      action: 'D',
      resource: { kind: 'key', id },
    })
  })
  writeKeyFile(file, { ...keyring, keys: keyring.keys.filter((key) => key.id !== id) }, false)
}
