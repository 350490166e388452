// Signing in: by password and code, through an invitation, and once more for what is dangerous.
import { OrderlyError } from '../primitives/errors.ts'
import { DEFAULT_TENANT, type Actor } from './actor.ts'
import { countFailure, countTry, forgetFailures, mayTry, type Guess } from './attempts.ts'
import { guessOf, isRight } from './guesses.ts'
import { checkPassword } from './password.ts'
import { change, openSecret, type AccessRoom } from './room.ts'
import { hashOf, newToken } from './secrets.ts'
import { beginSession, renewSession, type Device, type NewSession } from './sessions.ts'
import type { UserRow } from './tables.ts'
import { counterOfCode } from './totp.ts'
import { hasUsers, insertUser, newUserRow, putInvite, userActor, userOf } from './users.ts'

export interface Credentials {
  readonly login: string
  readonly password: string
  readonly code?: string | undefined
}

export interface SignedIn {
  readonly actor: Actor
  readonly session: NewSession
}

const SETUP_MS = 3_600_000

/**
 * Signs somebody in. What is wrong is not said, and takes as long whatever it is.
 *
 * @throws OrderlyError `ORDERLY_SIGN_IN_FAILED`, `ORDERLY_TOO_MANY_REQUESTS`, `ORDERLY_LEDGER_UNAVAILABLE`
 */
export async function signIn(
  room: AccessRoom,
  { login, password, code }: Credentials,
  device: Device,
): Promise<SignedIn> {
  const { database, clock } = room
  const row = await database.query
    .selectFrom('orderly_users')
    .selectAll()
    .where('login', '=', login.trim().toLowerCase())
    .executeTakeFirst()
  const guess = await guessOf(room, login, row?.id, device)
  const counted = await countTry(database, guess, clock.now())
  const usable = row && row.disabled_at === null ? row : undefined
  const isPassword = await isRight(room, counted, password, usable?.password ?? null)
  const counter = usable && isPassword ? await secondFactor(room, usable, code) : undefined
  if (!usable || counter === undefined) {
    // Who it claims to be is not written down: a password is typed in the wrong field too often.
    await room.ledger.record({
      op: 'auth.sign-in',
      action: 'E',
      outcome: 'denied',
      code: 'ORDERLY_SIGN_IN_FAILED',
      actor: row
        ? { kind: 'user', id: row.id, name: row.name }
        : { kind: 'unknown', id: 'unknown' },
      source: { ip: device.address },
    })
    throw failed()
  }
  return enter(room, usable, device, counter === 0 ? null : 'totp', async (tx) => {
    if (counter > 0 && !(await takeCode(tx, usable.id, counter))) throw failed()
    await forgetFailures({ ...database, query: tx.query }, counted)
  })
}

/** The same code cannot be taken twice, not even by two who ask at once. @returns whether it was still to be had */
async function takeCode(
  { query }: Pick<AccessRoom['database'], 'query'>,
  userId: string,
  counter: number,
): Promise<boolean> {
  const taken = await query
    .updateTable('orderly_users')
    .set({ totp_used: counter })
    .where('id', '=', userId)
    .where('totp_used', '<', counter)
    .executeTakeFirst()
  return taken.numUpdatedRows > 0n
}

/** Begins a session of a user who has shown who they are, and puts it on the ledger. */
export async function enter(
  room: AccessRoom,
  row: UserRow,
  device: Device,
  mfa: string | null,
  also: (tx: Parameters<Parameters<AccessRoom['database']['transaction']>[0]>[0]) => Promise<void>,
  authenticatedAt: number = room.clock.now(),
): Promise<SignedIn> {
  const now = room.clock.now()
  const user = userOf(row)
  const session = await room.database.transaction(async (tx) => {
    await room.ledger.recordIn(tx, {
      op: 'auth.sign-in',
      action: 'E',
      actor: { kind: 'user', id: user.id, name: user.name, roles: user.roles, tenant: user.tenant },
      source: { ip: device.address },
      detail: { mfa, issuer: row.issuer },
    })
    await also(tx)
    await tx.query
      .updateTable('orderly_users')
      .set({ signed_in_at: now })
      .where('id', '=', user.id)
      .execute()
    return beginSession(tx, user.id, device, { mfa, authenticatedAt }, now)
  })
  return {
    session,
    actor: userActor(user, room.production, { id: session.id, authenticatedAt, mfa }),
  }
}

/** 0 where none is set up, the counter of the code where it fits, undefined where it does not. */
async function secondFactor(
  room: AccessRoom,
  row: UserRow,
  code: string | undefined,
): Promise<number | undefined> {
  if (row.totp === null) return 0
  const secret = await openSecret(room, row.totp, `totp/${row.id}`)
  return counterOfCode(secret, code ?? '', room.clock.now(), row.totp_used)
}

/**
 * Shows once more who somebody is, by password, and by code where one is set up.
 *
 * @throws OrderlyError `ORDERLY_SIGN_IN_FAILED`, `ORDERLY_TOO_MANY_REQUESTS`
 */
export async function stepUp(
  room: AccessRoom,
  actor: Actor,
  { password, code }: { readonly password: string; readonly code?: string | undefined },
  device: Device,
): Promise<NewSession> {
  const { database, clock } = room
  const row = await database.query
    .selectFrom('orderly_users')
    .selectAll()
    .where('id', '=', actor.id)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
  if (!row || !actor.session) throw failed()
  const guess = await guessOf(room, row.login, row.id, device)
  const counted = await countTry(database, guess, clock.now())
  const isPassword = await isRight(room, counted, password, row.password)
  const counter = isPassword ? await secondFactor(room, row, code) : undefined
  if (counter === undefined) {
    await room.ledger.record({
      op: 'auth.step-up',
      action: 'E',
      outcome: 'denied',
      code: 'ORDERLY_SIGN_IN_FAILED',
    })
    throw failed()
  }
  if (counter > 0 && !(await takeCode(database, row.id, counter))) throw failed()
  await forgetFailures(database, counted)
  return renewSession(room, actor.session.id, counter === 0 ? null : 'totp')
}

/**
 * A link's token that makes the first user. The one before is worth nothing any more.
 *
 * @returns undefined when there are users already
 */
export async function newSetupToken(room: AccessRoom): Promise<string | undefined> {
  if (await hasUsers(room)) return undefined
  const token = newToken()
  const now = room.clock.now()
  await room.database.transaction(async (tx) => {
    await room.ledger.recordIn(tx, { op: 'setup.link', action: 'C', resource: { kind: 'setup' } })
    await putInvite(tx, token, null, now + SETUP_MS)
  })
  return token
}

export interface Acceptance {
  readonly token: string
  readonly password: string
  /** For the first user. */
  readonly login?: string | undefined
  readonly name?: string | undefined
}

interface Invite {
  readonly token: string
  /** Whom it is for; nobody yet where it makes the first user. */
  readonly user_id: string | null
}

async function findInvite({ database, clock }: AccessRoom, token: string): Promise<Invite> {
  const invite = await database.query
    .selectFrom('orderly_invites')
    .select(['token', 'user_id'])
    .where('token', '=', hashOf(token))
    .where('expires_at', '>', clock.now())
    .executeTakeFirst()
  if (invite) return invite
  throw new OrderlyError(
    'ORDERLY_SIGN_IN_FAILED',
    'this link was used, replaced or is too old; whoever runs this installation can make a new one: with "orderly users setup" while there is nobody, then on the page of users',
  )
}

/**
 * Whether a link still works, before anybody fills in a form. No guess at 256 bits needs slowing down.
 *
 * @throws OrderlyError `ORDERLY_SIGN_IN_FAILED` for one that does not
 */
export async function checkInvite(room: AccessRoom, token: string): Promise<void> {
  await findInvite(room, token)
}

/**
 * Takes an invitation: sets the password of its user, or makes the first one, who administers. It works once.
 *
 * @throws OrderlyError `ORDERLY_SIGN_IN_FAILED` for a link that is used, replaced or too old; `ORDERLY_INPUT_INVALID`
 */
export async function acceptInvite(
  room: AccessRoom,
  { token, password, login, name }: Acceptance,
  device: Device,
): Promise<SignedIn> {
  const { database, clock, passwords } = room
  const now = clock.now()
  const guess: Guess = { account: 'invite', address: device.address, isKnownPlace: true }
  await mayTry(database, guess, now)
  const invite = await findInvite(room, token).catch(async (error: unknown) => {
    await countFailure(database, guess, now)
    throw error
  })
  const isFirst = invite.user_id === null
  const made = isFirst
    ? newUserRow(
        { login: login ?? '', name: name ?? '', roles: ['admin'], tenant: DEFAULT_TENANT },
        'setup',
        now,
      )
    : await database.query
        .selectFrom('orderly_users')
        .selectAll()
        .where('id', '=', invite.user_id)
        .where('disabled_at', 'is', null)
        .executeTakeFirst()
  if (!made) throw failed()
  checkPassword(password, made.login)
  const hash = await passwords.hash(password)
  await change(
    room,
    {
      op: isFirst ? 'setup.first-user' : 'user.password',
      action: isFirst ? 'C' : 'U',
      resource: { kind: 'user', id: made.id },
      actor: { kind: 'user', id: made.id, name: made.name },
      source: { ip: device.address },
    },
    async (tx) => {
      const used = await tx.query
        .deleteFrom('orderly_invites')
        .where('token', '=', invite.token)
        .executeTakeFirst()
      if (used.numDeletedRows === 0n) throw failed()
      if (isFirst) {
        const others = await tx.query.selectFrom('orderly_users').select('id').limit(1).execute()
        if (others.length > 0) throw failed()
        await insertUser(tx, { ...made, password: hash })
      } else
        await tx.query
          .updateTable('orderly_users')
          .set({ password: hash })
          .where('id', '=', made.id)
          .execute()
    },
  )
  return enter(room, { ...made, password: hash }, device, null, async () => undefined)
}

function failed(): OrderlyError {
  return new OrderlyError('ORDERLY_SIGN_IN_FAILED', 'name, password or code do not fit')
}
