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

function addressDigest(address: string): string {
  return digest(address.trim().toLowerCase())
}
