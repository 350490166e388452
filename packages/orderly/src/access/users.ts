// Users: who may sign in, and what each may do. Every change of them is on the ledger in the same transaction.
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import { actorOf, ALL_QUEUES, DEFAULT_TENANT, type Actor, type ActorSession } from './actor.ts'
import { demandCover, isQueueGlob } from './can.ts'
import { isRole, type RoleName } from './roles.ts'
import { change, type AccessRoom } from './room.ts'
import { hashOf, newToken } from './secrets.ts'
import type { AccessTransaction, UserRow } from './tables.ts'

export interface User {
  readonly id: string
  readonly login: string
  readonly name: string
  readonly roles: readonly RoleName[]
  readonly tenant: string
  readonly queues: readonly string[]
  readonly emergency: boolean
  readonly hasPassword: boolean
  readonly hasTotp: boolean
  /** Who vouches for them, where it is not a password of ours. */
  readonly issuer: string | null
  readonly disabledAt: number | null
  readonly createdAt: number
  readonly signedInAt: number | null
  readonly revision: number
}

export interface UserSpec {
  readonly login: string
  readonly name: string
  readonly roles: readonly RoleName[]
  readonly tenant?: string
  readonly queues?: readonly string[]
  /** May ask for an emergency access without a role that reveals. */
  readonly emergency?: boolean
}

const LOGIN = /^[a-z0-9][a-z0-9._@+-]{0,119}$/
const LONGEST_NAME = 120
const INVITE_MS = 72 * 3_600_000

export function userOf(row: UserRow): User {
  return {
    id: row.id,
    login: row.login,
    name: row.name,
    roles: (JSON.parse(row.roles) as string[]).filter(isRole),
    tenant: row.tenant,
    queues: JSON.parse(row.queues) as string[],
    emergency: row.emergency === 1,
    hasPassword: row.password !== null,
    hasTotp: row.totp !== null,
    issuer: row.issuer,
    disabledAt: row.disabled_at,
    createdAt: row.created_at,
    signedInAt: row.signed_in_at,
    revision: row.revision,
  }
}

/** A user as an actor, in a session of theirs. */
export function userActor(user: User, production: boolean, session?: ActorSession): Actor {
  const actor = actorOf({ ...user, kind: 'user', ...(session ? { session } : {}) }, { production })
  if (!user.emergency || actor.permissions.includes('breakglass:use')) return actor
  return { ...actor, permissions: [...actor.permissions, 'breakglass:use'] }
}

export async function listUsers({ database }: AccessRoom): Promise<User[]> {
  const rows = await database.query
    .selectFrom('orderly_users')
    .selectAll()
    .orderBy('login')
    .limit(5_000)
    .execute()
  return rows.map(userOf)
}

export async function findUser({ database }: AccessRoom, id: string): Promise<User | undefined> {
  const row = await database.query
    .selectFrom('orderly_users')
    .selectAll()
    .where((where) => where.or([where('id', '=', id), where('login', '=', id.toLowerCase())]))
    .executeTakeFirst()
  return row && userOf(row)
}

export async function hasUsers({ database }: AccessRoom): Promise<boolean> {
  const row = await database.query
    .selectFrom('orderly_users')
    .select('id')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Makes a user, who sets a password through the link that comes back.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID`, `ORDERLY_CONFLICT` when the login is taken, `ORDERLY_FORBIDDEN` for queues
 *   beyond one's own
 */
export async function createUser(
  room: AccessRoom,
  by: Actor,
  spec: UserSpec,
): Promise<{ user: User; invite: string }> {
  const now = room.clock.now()
  const queues = spec.queues ?? (by.kind === 'system' ? ALL_QUEUES : by.queues)
  const row = { ...newUserRow({ ...spec, queues }, by.id, now), password: null }
  demandCover(by, queues)
  const invite = newToken()
  await change(
    room,
    {
      op: 'user.create',
      action: 'C',
      resource: { kind: 'user', id: row.id },
      detail: { login: row.login, roles: [...spec.roles] },
    },
    async (tx) => {
      await insertUser(tx, row)
      await putInvite(tx, invite, row.id, now + INVITE_MS)
    },
  )
  return { user: userOf(row), invite }
}

export function newUserRow(spec: UserSpec, by: string, now: number): UserRow {
  const login = spec.login.trim().toLowerCase()
  if (!LOGIN.test(login))
    throw invalid('a login has 1 to 120 lower-case letters, digits and . _ @ + -')
  checkRights(spec)
  const name = spec.name.trim()
  if (name === '' || name.length > LONGEST_NAME) throw invalid('a name has 1 to 120 characters')
  return {
    id: `u_${newId(now)}`,
    login,
    name,
    roles: JSON.stringify([...new Set(spec.roles)]),
    tenant: spec.tenant ?? DEFAULT_TENANT,
    queues: JSON.stringify(spec.queues ?? ALL_QUEUES),
    password: null,
    totp: null,
    totp_next: null,
    totp_used: 0,
    issuer: null,
    subject: null,
    emergency: spec.emergency ? 1 : 0,
    disabled_at: null,
    created_at: now,
    created_by: by,
    signed_in_at: null,
    revision: 1,
  }
}

export async function insertUser({ query }: AccessTransaction, row: UserRow): Promise<void> {
  const done = await query
    .insertInto('orderly_users')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if ((done.numInsertedOrUpdatedRows ?? 0n) === 0n)
    throw new OrderlyError('ORDERLY_CONFLICT', 'there is a user of this login already')
}

/** What nobody may be at once, and what scopes must look like. */
function checkRights({ roles = [], queues = [], tenant = '' }: Partial<UserSpec>): void {
  if (!roles.every(isRole))
    throw invalid('one of the roles is none; "orderly users roles" lists them')
  if (roles.includes('admin') && roles.some((role) => role === 'privacy' || role === 'keyAdmin'))
    throw invalid(
      'who says who may do what does not also see PHI or hold keys: give the roles to two users',
    )
  if (!queues.every(isQueueGlob)) throw invalid('a scope is a queue, or the beginning of one and *')
  if (!/^[\w.-]{0,60}$/.test(tenant)) throw invalid('a tenant has letters, digits and . _ -')
}

export interface UserChange {
  readonly name?: string
  readonly roles?: readonly RoleName[]
  readonly tenant?: string
  readonly queues?: readonly string[]
  readonly emergency?: boolean
  readonly disabled?: boolean
}

/**
 * Changes a user. Who is disabled, or loses or gains rights, is so at once: sessions end, keys and streams with them.
 *
 * @param revision refuses the change when somebody else was faster
 * @throws OrderlyError `ORDERLY_NOT_FOUND`, `ORDERLY_FORBIDDEN` for oneself, the last administrator and queues beyond one's own,
 *   `ORDERLY_CHANGED_MEANWHILE`, `ORDERLY_INPUT_INVALID`
 */
export async function changeUser(
  room: AccessRoom,
  by: Actor,
  id: string,
  given: UserChange,
  revision?: number,
): Promise<User> {
  const user = await mustFind(room, id)
  checkRights(given)
  demandCover(by, given.queues ?? [])
  const touchesRights =
    given.roles !== undefined ||
    given.tenant !== undefined ||
    given.queues !== undefined ||
    given.emergency !== undefined ||
    given.disabled !== undefined
  if (touchesRights && by.id === user.id)
    throw new OrderlyError(
      'ORDERLY_FORBIDDEN',
      'nobody changes rights of their own; ask another administrator',
    )
  if (revision !== undefined && revision !== user.revision)
    throw new OrderlyError(
      'ORDERLY_CHANGED_MEANWHILE',
      'somebody else changed this user; read it again',
    )
  const now = room.clock.now()
  const { name, roles, tenant, queues, emergency, disabled } = given
  const changes: Partial<UserRow> = {
    ...(name === undefined ? {} : { name: name.trim().slice(0, LONGEST_NAME) }),
    ...(roles === undefined ? {} : { roles: JSON.stringify([...new Set(roles)]) }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(queues === undefined ? {} : { queues: JSON.stringify(queues) }),
    ...(emergency === undefined ? {} : { emergency: emergency ? 1 : 0 }),
    ...(disabled === undefined ? {} : { disabled_at: disabled ? (user.disabledAt ?? now) : null }),
  }
  await change(
    room,
    {
      op: disabled ? 'user.disable' : roles ? 'user.roles' : 'user.change',
      action: 'U',
      resource: { kind: 'user', id: user.id },
      detail: {
        login: user.login,
        ...(roles ? { before: [...user.roles], after: [...roles] } : {}),
        ...(disabled === undefined ? {} : { disabled }),
        ...(queues ? { queues: [...queues] } : {}),
      },
    },
    async (tx) => {
      const done = await tx.query
        .updateTable('orderly_users')
        .set({ ...changes, revision: user.revision + 1 })
        .where('id', '=', user.id)
        .where('revision', '=', user.revision)
        .executeTakeFirst()
      if (done.numUpdatedRows === 0n)
        throw new OrderlyError(
          'ORDERLY_CHANGED_MEANWHILE',
          'somebody else changed this user; read it again',
        )
      if (disabled) await endSessionsOf(tx, user.id, now)
      await keepAnAdministrator(tx)
    },
  )
  return mustFind(room, user.id)
}

/** Somebody must be able to let others in. */
export async function keepAnAdministrator({ query }: AccessTransaction): Promise<void> {
  const rows = await query
    .selectFrom('orderly_users')
    .select('roles')
    .where('disabled_at', 'is', null)
    .execute()
  if (rows.some(({ roles }) => (JSON.parse(roles) as string[]).includes('admin'))) return
  throw new OrderlyError(
    'ORDERLY_FORBIDDEN',
    'this is the last administrator; make another one first',
  )
}

export async function endSessionsOf(
  { query }: AccessTransaction,
  userId: string,
  now: number,
): Promise<void> {
  await query
    .updateTable('orderly_sessions')
    .set({ ended_at: now })
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .execute()
}

/** Takes password and second factor from a user and lets them set new ones through the link that comes back. */
export async function resetUser(
  room: AccessRoom,
  by: Actor,
  id: string,
): Promise<{ invite: string }> {
  const user = await mustFind(room, id)
  if (by.id === user.id)
    throw new OrderlyError('ORDERLY_FORBIDDEN', 'change your own password where you are signed in')
  const invite = newToken()
  const now = room.clock.now()
  await change(
    room,
    {
      op: 'user.reset',
      action: 'U',
      resource: { kind: 'user', id: user.id },
      detail: { login: user.login },
    },
    async (tx) => {
      await tx.query
        .updateTable('orderly_users')
        .set({ password: null, totp: null, totp_next: null, totp_used: 0 })
        .where('id', '=', user.id)
        .execute()
      await endSessionsOf(tx, user.id, now)
      await putInvite(tx, invite, user.id, now + INVITE_MS)
    },
  )
  return { invite }
}

/** The invitations that a user had are worth nothing any more. */
export async function putInvite(
  { query }: AccessTransaction,
  token: string,
  userId: string | null,
  expiresAt: number,
): Promise<void> {
  await query
    .deleteFrom('orderly_invites')
    .where('user_id', userId === null ? 'is' : '=', userId)
    .execute()
  await query
    .insertInto('orderly_invites')
    .values({ token: hashOf(token), user_id: userId, expires_at: expiresAt })
    .execute()
}

export async function mustFind(room: AccessRoom, id: string): Promise<User> {
  const user = await findUser(room, id)
  if (user) return user
  throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no such user')
}

function invalid(message: string): OrderlyError {
  return new OrderlyError('ORDERLY_INPUT_INVALID', message)
}
