// Keeps to so many mails a minute for each domain: servers put off, and then refuse, who sends them more.
import type { LabRooms } from '../store/rooms.ts'

const MINUTE_MS = 60_000
/** This share of a minute's mails may go at once. */
const BURST = 0.2
const TRIES = 5

/**
 * Takes the turn of one mail to a domain (generic cell rate algorithm), in all processes together.
 *
 * @returns milliseconds to wait when it is not its turn yet; 0 when it may go
 */
export async function takeTurn(
  { clock, db, mailsPerDomain }: Pick<LabRooms, 'clock' | 'db' | 'mailsPerDomain'>,
  address: string,
): Promise<number> {
  if (mailsPerDomain === undefined) return 0
  const domain = /@([^@>]+)>?$/.exec(address.trim().toLowerCase())?.[1] ?? ''
  const step = MINUTE_MS / mailsPerDomain
  const slack = Math.max(1, Math.floor(mailsPerDomain * BURST)) * step
  for (let tries = 0; tries < TRIES; tries++) {
    const now = clock.now()
    const row = await db.query
      .selectFrom('lab_mail_domains')
      .select('free_at')
      .where('domain', '=', domain)
      .executeTakeFirst()
    const next = Math.ceil(Math.max(row?.free_at ?? 0, now) + step)
    if (next - now > slack) return Math.ceil(next - now - slack)
    const taken = row
      ? (
          await db.query
            .updateTable('lab_mail_domains')
            .set({ free_at: next })
            .where('domain', '=', domain)
            .where('free_at', '=', row.free_at)
            .executeTakeFirst()
        ).numUpdatedRows
      : ((
          await db.query
            .insertInto('lab_mail_domains')
            .values({ domain, free_at: next })
            .onConflict((conflict) => conflict.column('domain').doNothing())
            .executeTakeFirst()
        ).numInsertedOrUpdatedRows ?? 0n)
    if (taken > 0n) return 0
  }
  // Many are at it: this one comes back in a moment.
  return Math.ceil(step)
}
