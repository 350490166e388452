// What somebody does with an account of their own: another password, a second factor.
import { OrderlyError } from '../primitives/errors.ts'
import type { Actor } from './actor.ts'
import { countTry, forgetFailures } from './attempts.ts'
import { guessOf, isRight } from './guesses.ts'
import { checkPassword } from './password.ts'
import { change, openSecret, sealSecret, type AccessRoom } from './room.ts'
import type { Device } from './sessions.ts'
import type { UserRow } from './tables.ts'
import { counterOfCode, newTotp, type Enrolment } from './totp.ts'

async function ownRow({ database }: AccessRoom, { id }: Actor): Promise<UserRow> {
  const row = await database.query
    .selectFrom('orderly_users')
    .selectAll()
    .where('id', '=', id)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
  if (row) return row
  throw new OrderlyError('ORDERLY_FORBIDDEN', 'only users have an account of their own')
}

/**
 * Sets another password and ends every other session. Whoever found a session open guesses at the old one no faster than
 * at the door.
 *
 * @throws OrderlyError `ORDERLY_SIGN_IN_FAILED` when the old one does not fit, `ORDERLY_TOO_MANY_REQUESTS`,
 *   `ORDERLY_INPUT_INVALID`
 */
export async function changePassword(
  room: AccessRoom,
  actor: Actor,
  { password, next }: { readonly password: string; readonly next: string },
  device: Device,
): Promise<void> {
  const row = await ownRow(room, actor)
  const entry = {
    op: 'user.password',
    action: 'U',
    resource: { kind: 'user', id: row.id },
  } as const
  const guess = await guessOf(room, row.login, row.id, device)
  const counted = await countTry(room.database, guess, room.clock.now())
  if (!(await isRight(room, counted, password, row.password))) {
    await room.ledger.record({ ...entry, outcome: 'denied', code: 'ORDERLY_SIGN_IN_FAILED' })
    throw new OrderlyError('ORDERLY_SIGN_IN_FAILED', 'the password does not fit')
  }
  await forgetFailures(room.database, counted)
  checkPassword(next, row.login)
  const hash = await room.passwords.hash(next)
  const now = room.clock.now()
  await change(room, entry, async ({ query }) => {
    await query
      .updateTable('orderly_users')
      .set({ password: hash })
      .where('id', '=', row.id)
      .execute()
    await query
      .updateTable('orderly_sessions')
      .set({ ended_at: now })
      .where('user_id', '=', row.id)
      .where('id', '!=', actor.session?.id ?? '')
      .where('ended_at', 'is', null)
      .execute()
  })
}

/** A secret for an authenticator. It counts once a code of it was shown. */
export async function beginTotp(room: AccessRoom, actor: Actor): Promise<Enrolment> {
  const row = await ownRow(room, actor)
  const enrolment = newTotp(row.login)
  await room.database.query
    .updateTable('orderly_users')
    .set({ totp_next: await sealSecret(room, enrolment.secret, `totp/${row.id}`) })
    .where('id', '=', row.id)
    .execute()
  return enrolment
}

/** @throws OrderlyError `ORDERLY_SIGN_IN_FAILED` when the code does not fit, `ORDERLY_CONFLICT` when none was begun */
export async function confirmTotp(room: AccessRoom, actor: Actor, code: string): Promise<void> {
  const row = await ownRow(room, actor)
  if (row.totp_next === null)
    throw new OrderlyError('ORDERLY_CONFLICT', 'begin with a new secret first')
  const secret = await openSecret(room, row.totp_next, `totp/${row.id}`)
  const counter = counterOfCode(secret, code, room.clock.now(), 0)
  if (counter === undefined)
    throw new OrderlyError(
      'ORDERLY_SIGN_IN_FAILED',
      'the code does not fit; check the clock of the device',
    )
  await change(
    room,
    { op: 'user.totp', action: 'U', resource: { kind: 'user', id: row.id }, detail: { on: true } },
    async ({ query }) =>
      void (await query
        .updateTable('orderly_users')
        .set({ totp: row.totp_next, totp_next: null, totp_used: counter })
        .where('id', '=', row.id)
        .execute()),
  )
}

export async function dropTotp(room: AccessRoom, actor: Actor): Promise<void> {
  const row = await ownRow(room, actor)
  await change(
    room,
    { op: 'user.totp', action: 'U', resource: { kind: 'user', id: row.id }, detail: { on: false } },
    async ({ query }) =>
      void (await query
        .updateTable('orderly_users')
        .set({ totp: null, totp_next: null })
        .where('id', '=', row.id)
        .execute()),
  )
}
