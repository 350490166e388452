// What packs seal with: their own rows, and files that must open where the database is gone.
import { randomBytes } from 'node:crypto'
import { migrate } from './database/migrate.ts'
import type { Database } from './database/open.ts'
import { OrderlyError } from './primitives/errors.ts'
import { keepColumns, PACK_SEAL_STEPS, packPlace, type SealedColumn } from './state/pack-seals.ts'
import { openText, sealText, type DataKey, type Place } from './vault/envelope.ts'
import type { KeyProvider } from './vault/key-provider.ts'
import type { Vault } from './vault/vault.ts'

/** The row and column a value belongs to: it opens there and nowhere else. */
export interface SealedAt {
  readonly table: string
  readonly column: string
  readonly row: string
}

/** A key that seals one file. It travels with the file, wrapped: who has the keyring opens it, with no database. */
export interface TravelKey {
  /** The key under the keyring, as text to be kept beside what it sealed. */
  readonly wrapped: string
  seal(text: string, place: string): string
  /** @throws OrderlyError `ORDERLY_SEAL_BROKEN` */
  open(envelope: string, place: string): string
}

/** The vault as a pack has it. All but `keep` works once the instance is open: in handlers and pages, not in `open`. */
export interface PackVault {
  /**
   * Says which columns hold sealed values, so that `orderly keys` finds them. Called when the pack opens, after its
   * migrations.
   */
  keep(columns: readonly SealedColumn[]): Promise<void>
  /** Seals JSON for one place. */
  seal(value: unknown, at: SealedAt): Promise<string>
  /** @throws OrderlyError `ORDERLY_SEAL_BROKEN`, `ORDERLY_SHREDDED`, `ORDERLY_KEY_UNAVAILABLE` */
  open<T>(envelope: string, at: SealedAt): Promise<T>
  /** A name for a value that is the same each time and tells nothing of it. */
  blindIndex(field: string, value: string): Promise<string>
  newTravelKey(): Promise<TravelKey>
  /** @throws OrderlyError `ORDERLY_KEY_MISSING`, `ORDERLY_SEAL_BROKEN` */
  openTravelKey(wrapped: string): Promise<TravelKey>
}

export interface PackVaultParts {
  readonly vault: Vault
  readonly provider: KeyProvider
}

/** @param parts what it works with; asked for at each use, for packs have it before the instance is open */
export function openPackVault(
  pack: string,
  database: Database,
  parts: () => PackVaultParts,
): PackVault {
  return {
    async keep(columns) {
      await migrate(database, 'orderly_packs', PACK_SEAL_STEPS)
      await keepColumns(database.withTables(), pack, columns)
    },
    seal: (value, at) =>
      parts().vault.seal(JSON.stringify(value), packPlace(pack, at, at.row), 'encrypted'),
    async open<T>(envelope: string, at: SealedAt) {
      return JSON.parse(await parts().vault.open(envelope, packPlace(pack, at, at.row))) as T
    },
    blindIndex: (field, value) => parts().vault.blindIndex(`${pack}/${field}`, value),
    async newTravelKey() {
      const key = { id: randomBytes(16).toString('hex'), bytes: randomBytes(32) }
      const { blob, wrappedBy } = await parts().provider.wrap(key.bytes, key.id)
      return travelKey(pack, key, `${key.id}.${wrappedBy}.${blob}`)
    },
    async openTravelKey(wrapped) {
      const [, id, wrappedBy, blob] = /^([0-9a-f]{32})\.([^.]+)\.(.+)$/.exec(wrapped) ?? []
      if (id === undefined || wrappedBy === undefined || blob === undefined)
        throw new OrderlyError(
          'ORDERLY_SEAL_BROKEN',
          'the key that came with a sealed file is not whole; take another copy of the file',
        )
      const bytes = await parts().provider.unwrap({ blob, wrappedBy }, id)
      return travelKey(pack, { id, bytes }, wrapped)
    },
  }
}

function travelKey(pack: string, key: DataKey, wrapped: string): TravelKey {
  const at = (place: string): Place => ({
    tenant: '',
    queue: `#pack/${pack}/file`,
    slot: 'state',
    anchor: place,
    seq: 0,
  })
  return {
    wrapped,
    seal: (text, place) => sealText(text, at(place), key, 'encrypted'),
    open: (envelope, place) => openText(envelope, at(place), key),
  }
}
