// Two-person approval: somebody asks to see PHI, somebody else consents within a time, and the consent is used once.
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import type { Actor } from './actor.ts'
import type { ApprovalRow } from './approval-tables.ts'
import { can, reaches } from './can.ts'
import { ledgerActorOf, openSecret, sealSecret, type AccessRoom } from './room.ts'
import type { AccessTransaction } from './tables.ts'

/** What somebody wants to see. */
export interface ApprovalSpec {
  readonly job: string
  readonly queue: string
  readonly part: 'input' | 'output' | 'error' | 'log'
  /** Which attempt threw it, for the part `error`. */
  readonly attempt?: number | undefined
  readonly pointers: readonly string[]
  /** The same as whoever may not see the job may know them. */
  readonly told: readonly string[]
  readonly purpose: string
  readonly text: string
  readonly ticket?: string | undefined
}

export interface Approval extends Omit<ApprovalSpec, 'text' | 'told'> {
  readonly id: string
  readonly ticket: string | undefined
  readonly requestedBy: string
  readonly requestedAt: number
  readonly expiresAt: number
  readonly decidedBy: string | null
  readonly decidedAt: number | null
  readonly state: 'waiting' | 'approved' | 'refused' | 'used' | 'expired'
}

/** Whoever is asked answers within a day; what was allowed is looked at within the hour. */
const WAITS_MS = 24 * 3_600_000
const VALID_MS = 3_600_000
const KEPT_MS = 90 * 86_400_000
const MOST_WAITING = 50

function anchorOf(id: string): string {
  return `approval/${id}`
}

function approvalOf(row: ApprovalRow, now: number, pointers = storedIn(row).told): Approval {
  return {
    id: row.id,
    job: row.job_id,
    queue: row.queue,
    ...partAt(row.part),
    pointers,
    purpose: row.purpose,
    ticket: row.ticket ?? undefined,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at,
    expiresAt: row.valid_until ?? row.expires_at,
    decidedBy: row.decided_by,
    decidedAt: row.decided_at,
    state: stateOf(row, now),
  }
}

/** What a request says of its fields: as they may be told, and sealed where that is not as they were typed. */
interface StoredPointers {
  readonly told: readonly string[]
  readonly sealed?: string
}

function storedIn({ pointers }: Pick<ApprovalRow, 'pointers'>): StoredPointers {
  const stored = JSON.parse(pointers) as string[] | StoredPointers
  return 'told' in stored ? stored : { told: stored }
}

async function storePointers(
  room: AccessRoom,
  id: string,
  { pointers, told }: ApprovalSpec,
): Promise<string> {
  const typed = JSON.stringify(pointers)
  if (typed === JSON.stringify(told)) return typed
  const sealed = await sealSecret(room, typed, `${anchorOf(id)}/pointers`)
  return JSON.stringify({ told, sealed } satisfies StoredPointers)
}

async function openPointersOf(room: AccessRoom, row: ApprovalRow): Promise<readonly string[]> {
  const { told, sealed } = storedIn(row)
  if (sealed === undefined) return told
  return JSON.parse(await openSecret(room, sealed, `${anchorOf(row.id)}/pointers`)) as string[]
}

/** The fields of a request as they were typed, which never change. None where there is no such request. */
export async function openPointers(room: AccessRoom, id: string): Promise<readonly string[]> {
  const row = await findRow(room, id)
  return row ? openPointersOf(room, row) : []
}

function findRow({ database }: AccessRoom, id: string): Promise<ApprovalRow | undefined> {
  return database.query
    .selectFrom('orderly_approvals')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
}

function stateOf(row: ApprovalRow, now: number): Approval['state'] {
  if (row.verdict === 'refused') return 'refused'
  if (row.used_at !== null) return 'used'
  if ((row.valid_until ?? row.expires_at) <= now) return 'expired'
  return row.verdict === 'approved' ? 'approved' : 'waiting'
}

/**
 * Asks for the consent of somebody else.
 *
 * @throws OrderlyError `ORDERLY_TOO_MANY_REQUESTS` when too many of one's own wait, `ORDERLY_LEDGER_UNAVAILABLE`
 */
export async function requestApproval(
  room: AccessRoom,
  actor: Actor,
  spec: ApprovalSpec,
): Promise<Approval> {
  const now = room.clock.now()
  const id = `ap_${newId(now)}`
  const row: ApprovalRow = {
    id,
    job_id: spec.job,
    queue: spec.queue,
    part: placeOf(spec.part, spec.attempt),
    pointers: await storePointers(room, id, spec),
    purpose: spec.purpose,
    reason: await sealSecret(room, spec.text, anchorOf(id)),
    ticket: spec.ticket ?? null,
    requested_by: actor.id,
    requested_at: now,
    expires_at: now + WAITS_MS,
    decided_by: null,
    decided_at: null,
    verdict: null,
    valid_until: null,
    used_at: null,
  }
  await room.database.transaction(async (tx) => {
    const { n } = await tx.query
      .selectFrom('orderly_approvals')
      .select(({ fn }) => fn.countAll<number>().as('n'))
      .where('requested_by', '=', actor.id)
      .where('verdict', 'is', null)
      .where('expires_at', '>', now)
      .executeTakeFirstOrThrow()
    if (n >= MOST_WAITING)
      throw new OrderlyError(
        'ORDERLY_TOO_MANY_REQUESTS',
        `${MOST_WAITING} requests of yours wait for somebody; let them be decided first`,
      )
    const { purpose, text, ticket } = spec
    await room.ledger.recordIn(tx, {
      op: 'phi.request',
      action: 'C',
      actor: ledgerActorOf(actor),
      resource: { kind: 'job', id: spec.job, queue: spec.queue, fields: fieldsOf(spec) },
      why: { purpose, text, ...(ticket === undefined ? {} : { ticket }) },
      detail: { approval: id },
    })
    await tx.query.insertInto('orderly_approvals').values(row).execute()
  })
  return approvalOf(row, now, spec.pointers)
}

function fieldsOf({ part, attempt, told }: ApprovalSpec): string[] {
  return told.map((pointer) => `/${placeOf(part, attempt)}${pointer}`)
}

/** A part of a job as it is named on record: what an attempt threw is `error/2`. */
export function placeOf(part: ApprovalSpec['part'], attempt: number | undefined): string {
  return attempt === undefined ? part : `${part}/${attempt}`
}

function partAt(place: string): Pick<ApprovalSpec, 'part' | 'attempt'> {
  const [part, attempt] = place.split('/')
  return {
    part: PARTS.find((each) => each === part) ?? 'input',
    ...(attempt === undefined ? {} : { attempt: Number(attempt) }),
  }
}

const PARTS = ['input', 'output', 'error', 'log'] as const

/**
 * What was asked for of queues within reach, the newest first; one's own always, with its fields as they were typed. Of
 * what others ask the names that may be PHI are hidden: `readApproval` shows them.
 */
export async function listApprovals(room: AccessRoom, actor: Actor): Promise<Approval[]> {
  const now = room.clock.now()
  const rows = await room.database.query
    .selectFrom('orderly_approvals')
    .selectAll()
    .orderBy('requested_at', 'desc')
    .orderBy('id', 'desc')
    .limit(200)
    .execute()
  const seen = rows.filter(
    (row) =>
      row.requested_by === actor.id || (can(actor, 'phi:approve') && reaches(actor, row.queue)),
  )
  return Promise.all(
    seen.map(async (row) =>
      row.requested_by === actor.id
        ? approvalOf(row, now, await openPointersOf(room, row))
        : approvalOf(row, now),
    ),
  )
}

/** Why somebody asks, for whoever is to consent; that it was read is on the ledger. */
export async function readApproval(
  room: AccessRoom,
  actor: Actor,
  id: string,
): Promise<Approval & { readonly text: string }> {
  const row = await mustFind(room, actor, id)
  await room.ledger.record({
    op: 'phi.request-read',
    action: 'R',
    actor: ledgerActorOf(actor),
    resource: { kind: 'approval', id },
  })
  const text = await openSecret(room, row.reason, anchorOf(id))
  return { ...approvalOf(row, room.clock.now(), await openPointersOf(room, row)), text }
}

/**
 * Consents to what somebody else asked for, or refuses it.
 *
 * @throws OrderlyError `ORDERLY_CONFLICT` for a request of one's own and for one that is decided or too old,
 *   `ORDERLY_NOT_FOUND`, `ORDERLY_LEDGER_UNAVAILABLE`
 */
export async function decideApproval(
  room: AccessRoom,
  actor: Actor,
  id: string,
  { approve, text }: { readonly approve: boolean; readonly text?: string | undefined },
): Promise<Approval> {
  const row = await mustFind(room, actor, id)
  const now = room.clock.now()
  const entry = {
    op: approve ? 'phi.approve' : 'phi.refuse',
    action: 'U' as const,
    actor: ledgerActorOf(actor),
    resource: { kind: 'job', id: row.job_id, queue: row.queue },
    detail: { approval: id, requestedBy: row.requested_by },
  }
  const refuse = async (message: string): Promise<never> => {
    await room.ledger.record({ ...entry, outcome: 'denied', code: 'ORDERLY_CONFLICT' })
    throw new OrderlyError('ORDERLY_CONFLICT', message)
  }
  if (row.requested_by === actor.id)
    return refuse('nobody consents to a request of their own; ask somebody else')
  if (stateOf(row, now) !== 'waiting') return refuse('it is decided already, or too old to be')
  const decided = {
    decided_by: actor.id,
    decided_at: now,
    verdict: approve ? ('approved' as const) : ('refused' as const),
    valid_until: approve ? now + VALID_MS : null,
  }
  await room.database.transaction(async (tx) => {
    await room.ledger.recordIn(tx, { ...entry, ...(text === undefined ? {} : { why: { text } }) })
    const done = await tx.query
      .updateTable('orderly_approvals')
      .set(decided)
      .where('id', '=', id)
      .where('verdict', 'is', null)
      .executeTakeFirst()
    if (done.numUpdatedRows === 0n)
      throw new OrderlyError('ORDERLY_CONFLICT', 'somebody else was faster; read it again')
  })
  return approvalOf({ ...row, ...decided }, now)
}

/** What is out of reach is as if it were not there. */
async function mustFind(room: AccessRoom, actor: Actor, id: string): Promise<ApprovalRow> {
  const row = await findRow(room, id)
  if (row && reaches(actor, row.queue)) return row
  throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no such request')
}

/**
 * Uses a consent up, in the transaction of what it allows.
 *
 * @returns who consented
 * @throws OrderlyError `ORDERLY_FORBIDDEN` unless it is of this person, for exactly this, in force and unused
 */
export async function useApproval(
  { query }: AccessTransaction,
  actor: Actor,
  id: string,
  wanted: Pick<ApprovalSpec, 'job' | 'part' | 'attempt' | 'pointers'> & {
    /** The fields of the request, as `openPointers` gave them. */
    readonly asked: readonly string[]
  },
  now: number,
): Promise<string> {
  const row = await query
    .selectFrom('orderly_approvals')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
  const fits =
    row?.requested_by === actor.id &&
    stateOf(row, now) === 'approved' &&
    row.job_id === wanted.job &&
    row.part === placeOf(wanted.part, wanted.attempt) &&
    JSON.stringify(wanted.asked) === JSON.stringify(wanted.pointers)
  const done = fits
    ? await query
        .updateTable('orderly_approvals')
        .set({ used_at: now })
        .where('id', '=', id)
        .where('used_at', 'is', null)
        .executeTakeFirst()
    : undefined
  if (done?.numUpdatedRows === 1n) return row!.decided_by!
  throw new OrderlyError(
    'ORDERLY_FORBIDDEN',
    'this consent is not for this, was used, or is over; ask for a new one',
  )
}

/** Drops requests of long ago: the ledger has them. */
export async function dropApprovals(room: AccessRoom, now: number): Promise<void> {
  await room.database.query
    .deleteFrom('orderly_approvals')
    .where('requested_at', '<', now - KEPT_MS)
    .execute()
}
