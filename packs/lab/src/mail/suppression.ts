// Addresses that get no more mail: one that came back, one whose owner said so. Kept as digests.
import type { LabRooms } from '../store/rooms.ts'
import { digest } from './digest.ts'

/** Sends no more mail to an address, such as after it bounced or its owner said so. */
export async function suppress(
  { db, clock }: LabRooms,
  address: string,
  reason: string,
): Promise<void> {
  const row = { address_digest: addressDigest(address), reason, at: clock.now() }
  await db.query
    .insertInto('lab_suppressions')
    .values(row)
    .onConflict((conflict) => conflict.column('address_digest').doUpdateSet(row))
    .execute()
}

/** Sends mail to an address again. @returns whether there was none sent to it */
export async function liftSuppression({ db }: LabRooms, address: string): Promise<boolean> {
  const gone = await db.query
    .deleteFrom('lab_suppressions')
    .where('address_digest', '=', addressDigest(address))
    .executeTakeFirst()
  return gone.numDeletedRows > 0n
}

export async function isSuppressed(
  { db }: Pick<LabRooms, 'db'>,
  address: string,
): Promise<boolean> {
  const found = await db.query
    .selectFrom('lab_suppressions')
    .select('at')
    .where('address_digest', '=', addressDigest(address))
    .executeTakeFirst()
  return found !== undefined
}

/** The same for an address however it is written, with or without a name. */
export function addressDigest(address: string): string {
  const bare = /<([^<>]+)>\s*$/.exec(address)?.[1] ?? address
  return digest(bare.trim().toLowerCase())
}
