// The pack's own tables, and the names it gives to what must not be named.
import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { Clock, Database, PackRooms, PackVault } from 'orderly'
import type { MedicationTables } from './tables.ts'

export interface Store {
  readonly db: Database<MedicationTables>
  readonly vault: PackVault
  readonly clock: Clock
  /**
   * An id for a value that may be PHI: the same each time, and telling nothing to who lacks the secret of this store. The
   * secret is sealed in a table and part of a backup, so that ids outlive the database.
   */
  blindId(kind: string, value: string): Promise<string>
  /** Reads the secret anew: a restored backup has brought its own. */
  forgetSecret(): void
}

const SECRET = 'ids'

export function openStore({ clock, database, vault }: PackRooms): Store {
  const db = database.withTables<MedicationTables>()
  let secret: Promise<string> | undefined
  const load = async (): Promise<string> => {
    const at = { table: 'med_meta', column: 'value', row: SECRET }
    const read = () =>
      db.query.selectFrom('med_meta').select('value').where('name', '=', SECRET).executeTakeFirst()
    let row = await read()
    if (!row) {
      const value = await vault.seal(randomBytes(32).toString('base64url'), at)
      await db.query
        .insertInto('med_meta')
        .values({ name: SECRET, value })
        .onConflict((on) => on.column('name').doNothing())
        .execute()
      // Another process may have been faster; what stands in the table counts.
      row = await read()
    }
    return vault.open<string>(row!.value, at)
  }
  return {
    db,
    vault,
    clock,
    async blindId(kind, value) {
      const loading = (secret ??= load())
      try {
        const mac = createHmac('sha256', Buffer.from(await loading, 'base64url'))
        return `${kind.slice(0, 1)}${mac.update(`${kind}\u0000${value}`).digest('base64url').slice(0, 22)}`
      } catch (error) {
        // Keys that are away now may be back for the next one who asks.
        if (secret === loading) secret = undefined
        throw error
      }
    },
    forgetSecret: () => (secret = undefined),
  }
}

/** An id that is the same each time for the same parts. Parts must be opaque: the id stands in the clear. */
export function idOf(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join('\u0000')).digest('base64url').slice(0, 22)
}
