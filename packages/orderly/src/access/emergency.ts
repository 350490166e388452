// Emergency access: for an hour somebody sees PHI without the permission, on record, and somebody else reviews it.
import type { LedgerEntry } from '../ledger/entry.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import type { Actor } from './actor.ts'
import { isLedgerAway, isSpooledEmergency } from './emergency-spool.ts'
import { demandFresh } from './fresh.ts'
import { change, ledgerActorOf, type AccessRoom } from './room.ts'
import type { EmergencyRow } from './tables.ts'

const LASTS_MS = 60 * 60_000
const REVIEW_WITHIN_MS = 72 * 3_600_000

export interface Emergency {
  readonly id: string
  readonly userId: string
  readonly purpose: string
  readonly startedAt: number
  readonly until: number
  readonly endedAt: number | null
  readonly reviewDue: number
  readonly reviewedBy: string | null
  readonly reviewedAt: number | null
  readonly verdict: string | null
}

function emergencyOf(row: EmergencyRow): Emergency {
  return {
    id: row.id,
    userId: row.user_id,
    purpose: row.purpose,
    startedAt: row.started_at,
    until: row.until,
    endedAt: row.ended_at,
    reviewDue: row.review_due,
    reviewedBy: row.reviewed_by,
    reviewedAt: row.reviewed_at,
    verdict: row.verdict,
  }
}

/** Whether an emergency access of this user is open. */
export async function isInEmergency(room: AccessRoom, userId: string): Promise<boolean> {
  const row = await room.database.query
    .selectFrom('orderly_emergencies')
    .select('id')
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .where('until', '>', room.clock.now())
    .limit(1)
    .executeTakeFirst()
  return row !== undefined || isSpooledEmergency(room, userId)
}

/**
 * Begins one, for sixty minutes. Whoever has one open gets no second. Where the ledger cannot be written it is taken
 * down in the spool of this machine, and a sign-in of the last five minutes cannot be asked for either.
 *
 * @throws OrderlyError `ORDERLY_CONFLICT`, `ORDERLY_STEP_UP_NEEDED`, `ORDERLY_LEDGER_UNAVAILABLE` when the spool cannot
 *   be written either
 */
export async function beginEmergency(
  room: AccessRoom,
  actor: Actor,
  { purpose, text }: { readonly purpose: string; readonly text: string },
): Promise<Emergency> {
  if (await isInEmergency(room, actor.id))
    throw new OrderlyError('ORDERLY_CONFLICT', 'your emergency access is open already')
  const now = room.clock.now()
  const row: EmergencyRow = {
    id: `e_${newId(now)}`,
    user_id: actor.id,
    purpose,
    started_at: now,
    until: now + LASTS_MS,
    ended_at: null,
    review_due: now + REVIEW_WITHIN_MS,
    reviewed_by: null,
    reviewed_at: null,
    verdict: null,
  }
  const source = room.ledger.context()?.source
  const entry: LedgerEntry = {
    op: 'emergency.begin',
    action: 'E',
    actor: ledgerActorOf(actor),
    ...(source ? { source } : {}),
    resource: { kind: 'emergency', id: row.id },
    why: { purpose, text },
    detail: { until: new Date(row.until).toISOString() },
  }
  try {
    await room.ledger.ready()
    demandFresh(actor, now)
    await change(
      room,
      entry,
      async ({ query }) =>
        void (await query.insertInto('orderly_emergencies').values(row).execute()),
    )
  } catch (error) {
    if (!room.spool || !actor.session || !isLedgerAway(error)) throw error
    await room.spool.append(entry, row)
  }
  return emergencyOf(row)
}

/** @throws OrderlyError `ORDERLY_NOT_FOUND` */
export async function endEmergency(room: AccessRoom, actor: Actor, id: string): Promise<void> {
  const now = room.clock.now()
  await change(
    room,
    { op: 'emergency.end', action: 'E', resource: { kind: 'emergency', id } },
    async ({ query }) => {
      const done = await query
        .updateTable('orderly_emergencies')
        .set({ ended_at: now })
        .where('id', '=', id)
        .where('user_id', '=', actor.id)
        .where('ended_at', 'is', null)
        .executeTakeFirst()
      if (done.numUpdatedRows === 0n)
        throw new OrderlyError('ORDERLY_NOT_FOUND', 'you have no such emergency access open')
    },
  )
}

/** Emergencies, newest first. */
export async function listEmergencies({ database }: AccessRoom): Promise<Emergency[]> {
  const rows = await database.query
    .selectFrom('orderly_emergencies')
    .selectAll()
    .orderBy('started_at', 'desc')
    .limit(500)
    .execute()
  return rows.map(emergencyOf)
}

/** @throws OrderlyError `ORDERLY_FORBIDDEN` for one's own, `ORDERLY_NOT_FOUND`, `ORDERLY_CONFLICT` when it is reviewed or open */
export async function reviewEmergency(
  room: AccessRoom,
  actor: Actor,
  id: string,
  { verdict, text }: { readonly verdict: 'justified' | 'not-justified'; readonly text: string },
): Promise<Emergency> {
  const now = room.clock.now()
  const row = await room.database.query
    .selectFrom('orderly_emergencies')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no such emergency access')
  if (row.user_id === actor.id)
    throw new OrderlyError('ORDERLY_FORBIDDEN', 'nobody reviews an emergency access of their own')
  if (row.reviewed_at !== null || (row.ended_at === null && row.until > now))
    throw new OrderlyError('ORDERLY_CONFLICT', 'it is still open, or reviewed already')
  await change(
    room,
    {
      op: 'emergency.review',
      action: 'U',
      resource: { kind: 'emergency', id },
      why: { text },
      detail: { verdict },
    },
    async ({ query }) =>
      void (await query
        .updateTable('orderly_emergencies')
        .set({ reviewed_by: actor.id, reviewed_at: now, verdict })
        .where('id', '=', id)
        .where('reviewed_at', 'is', null)
        .execute()),
  )
  return emergencyOf({ ...row, reviewed_by: actor.id, reviewed_at: now, verdict })
}
