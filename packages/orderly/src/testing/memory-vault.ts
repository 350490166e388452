// A vault for tests, its data keys in memory.
import { systemClock, type Clock } from '../primitives/clock.ts'
import { openDataKeys, type DataKeyTable, type StoredDataKey } from '../vault/data-keys.ts'
import { keyringProvider } from '../vault/key-provider.ts'
import { createKeyring } from '../vault/keyring.ts'
import { openVault, type Vault, type VaultOptions } from '../vault/vault.ts'

/** A table of data keys that lives as long as this object. */
export function memoryDataKeys(): DataKeyTable & { readonly rows: StoredDataKey[] } {
  const rows: StoredDataKey[] = []
  return {
    rows,
    find: async (id) => rows.find((row) => row.id === id),
    findActive: async (scope) => rows.find((row) => row.scope === scope && row.state === 'active'),
    insert: async (key) => {
      if (!rows.some((row) => row.scope === key.scope && row.state === 'active')) rows.push(key)
    },
  }
}

export function memoryVault(clock: Clock = systemClock, options: VaultOptions = {}): Vault {
  const keyring = createKeyring(clock.now())
  return openVault(
    openDataKeys(
      memoryDataKeys(),
      keyringProvider(() => keyring),
      clock,
    ),
    clock,
    options,
  )
}
