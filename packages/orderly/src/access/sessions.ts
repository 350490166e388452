// Sessions: kept on the server, held by a random token of which only a hash is stored.
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import type { Actor, ActorSession } from './actor.ts'
import { isInEmergency } from './emergency.ts'
import { change, type AccessRoom } from './room.ts'
import { hashOf, isSame, newToken } from './secrets.ts'
import type { AccessTransaction, SessionRow } from './tables.ts'
import { touch } from './touch.ts'
import { userActor, userOf } from './users.ts'

/** A session that nobody uses ends. */
export const IDLE_MS: number = 15 * 60_000
/** And so does one that is used all day. */
export const ABSOLUTE_MS: number = 12 * 3_600_000
/** A session is not written with each request. */
const SEEN_EVERY_MS = 30_000
const MOST_PER_USER = 20

export interface NewSession {
  readonly id: string
  /** For the cookie. It is shown to nobody else. */
  readonly token: string
  /** For the header of each change. */
  readonly csrf: string
}

function newTokens(): { token: string; csrf: string } {
  const token = newToken()
  return { token, csrf: csrfOf(token) }
}

/**
 * What is sent back with each change, so that another site cannot make a browser do it: that site can make the browser
 * send the cookie, and neither read it nor what follows from it.
 */
export function csrfOf(token: string): string {
  return hashOf(`csrf/${token}`)
}

export interface Device {
  readonly address: string
  readonly agent: string
}

/** Begins a session within a transaction. The oldest ends when a user has too many. */
export async function beginSession(
  { query }: AccessTransaction,
  userId: string,
  { address, agent }: Device,
  factors: { readonly mfa: string | null; readonly authenticatedAt: number },
  now: number,
): Promise<NewSession> {
  const session = { id: `s_${newId(now)}`, ...newTokens() }
  await query
    .insertInto('orderly_sessions')
    .values({
      id: session.id,
      token: hashOf(session.token),
      user_id: userId,
      created_at: now,
      authenticated_at: factors.authenticatedAt,
      seen_at: now,
      mfa: factors.mfa,
      address,
      agent: agent.slice(0, 200),
      ended_at: null,
    })
    .execute()
  const open = await query
    .selectFrom('orderly_sessions')
    .select('id')
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
  const surplus = open.slice(MOST_PER_USER).map(({ id }) => id)
  if (surplus.length > 0)
    await query
      .updateTable('orderly_sessions')
      .set({ ended_at: now })
      .where('id', 'in', surplus)
      .execute()
  return session
}

export interface FoundSession {
  readonly actor: Actor
  readonly row: SessionRow
  /** Whether this is the token for changes that belongs to the session. */
  isCsrf(token: string): boolean
}

/**
 * Whose token it is. Undefined for one that nobody holds any more: ended, idle, too old, or of somebody who was
 * disabled.
 *
 * @param passive a stream that is open says nothing of whether somebody is there
 */
export async function findSession(
  room: AccessRoom,
  token: string,
  { passive = false }: { readonly passive?: boolean } = {},
): Promise<FoundSession | undefined> {
  if (!/^[\w-]{43}$/.test(token)) return undefined
  const { database, clock, production } = room
  const now = clock.now()
  const row = await database.query
    .selectFrom('orderly_sessions')
    .selectAll()
    .where('token', '=', hashOf(token))
    .executeTakeFirst()
  if (!row || !isOpen(row, now)) return undefined
  const user = await database.query
    .selectFrom('orderly_users')
    .selectAll()
    .where('id', '=', row.user_id)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
  if (!user) return undefined
  const use = { id: row.id, before: row.seen_at, every: SEEN_EVERY_MS }
  if (!passive)
    await touch(database, use, now, ({ query }) =>
      query
        .updateTable('orderly_sessions')
        .set({ seen_at: now })
        .where('id', '=', row.id)
        .where('ended_at', 'is', null)
        .execute(),
    )
  const session: ActorSession = {
    id: row.id,
    authenticatedAt: row.authenticated_at,
    mfa: row.mfa,
  }
  const actor = userActor(userOf(user), production, session)
  const mayBeInEmergency =
    actor.permissions.includes('breakglass:use') && !actor.permissions.includes('phi:reveal')
  return {
    actor:
      mayBeInEmergency && (await isInEmergency(room, actor.id))
        ? { ...actor, permissions: [...actor.permissions, 'phi:reveal'] }
        : actor,
    row,
    isCsrf: (given) => isSame(given, csrfOf(token)),
  }
}

function isOpen(row: SessionRow, now: number): boolean {
  return row.ended_at === null && now - row.seen_at < IDLE_MS && now - row.created_at < ABSOLUTE_MS
}

export interface SessionView {
  readonly id: string
  readonly userId: string
  readonly createdAt: number
  readonly seenAt: number
  readonly address: string
  readonly agent: string
  readonly mfa: string | null
}

/** The sessions that are open, newest first. */
export async function listSessions(
  { database, clock }: AccessRoom,
  userId?: string,
): Promise<SessionView[]> {
  const now = clock.now()
  let found = database.query
    .selectFrom('orderly_sessions')
    .selectAll()
    .where('ended_at', 'is', null)
    .where('seen_at', '>', now - IDLE_MS)
    .orderBy('created_at', 'desc')
    .limit(500)
  if (userId !== undefined) found = found.where('user_id', '=', userId)
  return (await found.execute())
    .filter((row) => isOpen(row, now))
    .map((row) => ({
      id: row.id,
      userId: row.user_id,
      createdAt: row.created_at,
      seenAt: row.seen_at,
      address: row.address,
      agent: row.agent,
      mfa: row.mfa,
    }))
}

/**
 * Ends one session.
 *
 * @param of whose it must be: one user's, or that of any user of a tenant
 * @throws OrderlyError `ORDERLY_NOT_FOUND`
 */
export async function endSession(
  room: AccessRoom,
  id: string,
  of: { readonly user: string } | { readonly tenant: string },
): Promise<void> {
  const now = room.clock.now()
  await change(
    room,
    { op: 'auth.sign-out', action: 'E', resource: { kind: 'session', id } },
    async ({ query }) => {
      const ending = query
        .updateTable('orderly_sessions')
        .set({ ended_at: now })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
      const done = await (
        'user' in of
          ? ending.where('user_id', '=', of.user)
          : ending.where('user_id', 'in', ({ selectFrom }) =>
              selectFrom('orderly_users').select('id').where('tenant', '=', of.tenant),
            )
      ).executeTakeFirst()
      if (done.numUpdatedRows === 0n)
        throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no such open session')
    },
  )
}

/** Gives a session a new token, and says when who holds it was last seen. */
export async function renewSession(
  room: AccessRoom,
  id: string,
  mfa: string | null,
  authenticatedAt: number = room.clock.now(),
): Promise<NewSession> {
  const now = room.clock.now()
  const renewed = { id, ...newTokens() }
  await change(
    room,
    { op: 'auth.step-up', action: 'E', resource: { kind: 'session', id }, detail: { mfa } },
    async ({ query }) => {
      const done = await query
        .updateTable('orderly_sessions')
        .set({
          token: hashOf(renewed.token),
          authenticated_at: authenticatedAt,
          seen_at: now,
          mfa,
        })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .executeTakeFirst()
      if (done.numUpdatedRows === 0n)
        throw new OrderlyError('ORDERLY_UNAUTHENTICATED', 'this session has ended; sign in')
    },
  )
  return renewed
}

/** Drops sessions that ended long ago: places that were known are known for a quarter. */
export async function dropSessions({ query }: AccessRoom['database'], now: number): Promise<void> {
  await query
    .deleteFrom('orderly_sessions')
    .where('created_at', '<', now - 90 * 86_400_000)
    .execute()
}
