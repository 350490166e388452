// The pack's own tables, with what is sealed in them sealed and opened.
import { createHash } from 'node:crypto'
import type { Clock, Database, PackRooms, PackVault } from 'orderly'
import type { MedicationTables } from './tables.ts'

export interface Store {
  readonly db: Database<MedicationTables>
  readonly vault: PackVault
  readonly clock: Clock
}

export function openStore({ clock, database, vault }: PackRooms): Store {
  return { db: database.withTables<MedicationTables>(), vault, clock }
}

/** An id that is the same each time for the same parts. Parts must be opaque: the id stands in the clear. */
export function idOf(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join('\u0000')).digest('base64url').slice(0, 22)
}

/** An id for a value that may be PHI: a keyed name that tells nothing. */
export async function blindId(vault: PackVault, kind: string, value: string): Promise<string> {
  const found = await vault.blindIndex(kind, value)
  return `${kind.slice(0, 1)}${found.slice(found.indexOf('.') + 1)}`
}
