// Emergencies while the ledger cannot be written: what they may, and how they come onto it later.
import type { LedgerEntry } from '../ledger/entry.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { valuesIn } from './reveal-policy.ts'
import { change, type AccessRoom } from './room.ts'
import type { SpooledEntry } from './spool.ts'

/** Whether an error says that nothing can be written now, so that an emergency goes on without. */
export function isLedgerAway(error: unknown): boolean {
  return (
    !(error instanceof OrderlyError) ||
    error.code === 'ORDERLY_LEDGER_UNAVAILABLE' ||
    error.code === 'ORDERLY_DATABASE_UNAVAILABLE'
  )
}

/** Values that an emergency may see while nobody can count them anywhere else. */
const MOST_REVEALED = 30

async function openIn(
  { spool, clock }: AccessRoom,
  userId: string,
): Promise<{ began: SpooledEntry; since: readonly SpooledEntry[] } | undefined> {
  if (!spool) return undefined
  // What cannot be read opens nothing.
  const waiting = spool.hasAny() ? await spool.waiting().catch(() => []) : []
  const began = waiting.findLast(({ emergency }) => emergency?.user_id === userId)
  if (!began || began.emergency!.until <= clock.now()) return undefined
  return { began, since: waiting.filter(({ entry }) => entry.follows === began.emergency!.id) }
}

/** Whether an emergency access of this user is open that only the spool knows. */
export async function isSpooledEmergency(room: AccessRoom, userId: string): Promise<boolean> {
  return (await openIn(room, userId)) !== undefined
}

/**
 * Takes down in the spool what somebody sees in an emergency.
 *
 * @returns the id of its entry, or undefined for whoever has none open in the spool
 * @throws OrderlyError `ORDERLY_LEDGER_UNAVAILABLE`, `ORDERLY_TOO_MANY_REQUESTS`
 */
export async function spoolReveal(
  room: AccessRoom,
  userId: string,
  entry: LedgerEntry,
): Promise<string | undefined> {
  const found = await openIn(room, userId)
  if (!found) return undefined
  const seen = found.since.reduce((sum, each) => sum + valuesIn(each.entry), valuesIn(entry))
  if (seen > MOST_REVEALED)
    throw new OrderlyError(
      'ORDERLY_TOO_MANY_REQUESTS',
      `an emergency access sees ${MOST_REVEALED} values at most while the audit log is away`,
    )
  return room.spool!.append({ ...entry, follows: found.began.emergency!.id })
}

/** Puts on the ledger what waits in the spool, each entry once. @returns how many entries waited */
export async function sequenceSpool(room: AccessRoom): Promise<number> {
  const { spool, ledger } = room
  if (!spool?.hasAny()) return 0
  await ledger.ready()
  const { entries, fault } = await spool.drain((waiting) => sequence(room, waiting))
  if (fault)
    await ledger.record({
      op: 'emergency.spool',
      action: 'U',
      outcome: 'failed',
      code: 'ORDERLY_LEDGER_BROKEN',
      resource: { kind: 'spool' },
      detail: { line: fault.line },
    })
  return entries
}

async function sequence(
  room: AccessRoom,
  { id, at, entry, emergency }: SpooledEntry,
): Promise<void> {
  if (await isSequenced(room, id)) return
  const spooled = { ...entry.detail, spooledAt: new Date(at).toISOString(), spooled: id }
  try {
    await change(room, { ...entry, detail: spooled }, async ({ query }) => {
      // Its id keeps a second one out, whoever drains.
      await query.insertInto('orderly_spooled').values({ id, at: room.clock.now() }).execute()
      if (emergency) await query.insertInto('orderly_emergencies').values(emergency).execute()
    })
  } catch (error) {
    if (!(await isSequenced(room, id))) throw error
  }
}

async function isSequenced({ database }: AccessRoom, id: string): Promise<boolean> {
  const row = await database.query
    .selectFrom('orderly_spooled')
    .select('id')
    .where('id', '=', id)
    .executeTakeFirst()
  return row !== undefined
}
