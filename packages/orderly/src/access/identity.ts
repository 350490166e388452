// People whom an identity provider vouches for, as users of this installation: by issuer and subject, never by name.
import { createHash } from 'node:crypto'
import { OrderlyError, type ErrorCode } from '../primitives/errors.ts'
import { DEFAULT_TENANT } from './actor.ts'
import type { Identity, OidcSettings } from './oidc.ts'
import type { RoleName } from './roles.ts'
import { change, type AccessRoom } from './room.ts'
import { renewSession, type Device, type NewSession } from './sessions.ts'
import { enter, type SignedIn } from './sign-in.ts'
import type { UserRow } from './tables.ts'
import { insertUser, keepAnAdministrator, newUserRow, userOf } from './users.ts'

type Rules = Pick<OidcSettings, 'roles' | 'requireMfa'>

/**
 * Signs somebody in whom the provider vouches for. Roles are those of their groups, each time; who has none gets no
 * user and does not get in.
 *
 * @throws OrderlyError `ORDERLY_SIGN_IN_FAILED`, `ORDERLY_FORBIDDEN`, `ORDERLY_LEDGER_UNAVAILABLE`
 */
export async function signInByIdentity(
  room: AccessRoom,
  identity: Identity,
  rules: Rules,
  device: Device,
): Promise<SignedIn> {
  const row = await findByIdentity(room, identity)
  try {
    const roles = rolesOf(identity, rules)
    demandUsable(row, identity, rules)
    const user = row
      ? await keepUpToDate(room, row, identity, roles)
      : await make(room, identity, roles)
    const { mfa, authenticatedAt } = identity
    return await enter(room, user, device, mfa, async () => undefined, authenticatedAt)
  } catch (error) {
    await recordRefusal(room, 'auth.sign-in', identity, row, device, error)
    throw error
  }
}

/**
 * Shows once more who somebody is, by their provider.
 *
 * @param of the user and session that asked for it
 * @throws OrderlyError `ORDERLY_SIGN_IN_FAILED` also when somebody else came back
 */
export async function stepUpByIdentity(
  room: AccessRoom,
  identity: Identity,
  of: { readonly userId: string; readonly sessionId: string },
  rules: Rules,
  device: Device,
): Promise<NewSession> {
  const row = await findByIdentity(room, identity)
  try {
    demandUsable(row, identity, rules)
    if (row?.id !== of.userId) throw failed()
    return await renewSession(room, of.sessionId, identity.mfa, identity.authenticatedAt)
  } catch (error) {
    await recordRefusal(room, 'auth.step-up', identity, row, device, error)
    throw error
  }
}

function findByIdentity(
  { database }: AccessRoom,
  { issuer, subject }: Identity,
): Promise<UserRow | undefined> {
  return database.query
    .selectFrom('orderly_users')
    .selectAll()
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .executeTakeFirst()
}

function rolesOf({ groups }: Identity, { roles }: Rules): RoleName[] {
  const mapped = [
    ...new Set(groups.flatMap((group) => (Object.hasOwn(roles, group) ? roles[group]! : []))),
  ]
  if (mapped.length > 0) return mapped
  throw new OrderlyError(
    'ORDERLY_FORBIDDEN',
    'your account has no group that may do anything here; ask whoever runs this installation',
  )
}

function demandUsable(row: UserRow | undefined, { mfa }: Identity, { requireMfa }: Rules): void {
  if (row && row.disabled_at !== null) throw failed()
  if (requireMfa && mfa === null)
    throw new OrderlyError(
      'ORDERLY_SIGN_IN_FAILED',
      'this installation asks for a second factor; sign in with one at the identity provider',
    )
}

async function make(room: AccessRoom, identity: Identity, roles: RoleName[]): Promise<UserRow> {
  const { issuer, subject, name } = identity
  // Made of both, so that no provider can choose the name of somebody who is here already.
  const digest = createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('hex')
  const login = `sso-${digest.slice(0, 20)}`
  const spec = { login, name, roles, tenant: DEFAULT_TENANT }
  const row: UserRow = {
    ...newUserRow(spec, 'identity-provider', room.clock.now()),
    issuer,
    subject,
  }
  await change(
    room,
    {
      op: 'user.create',
      action: 'C',
      resource: { kind: 'user', id: row.id },
      detail: { login, roles, issuer },
    },
    (tx) => insertUser(tx, row),
  )
  return row
}

/** The provider has the last word on name and roles. */
async function keepUpToDate(
  room: AccessRoom,
  row: UserRow,
  { name, issuer }: Identity,
  roles: RoleName[],
): Promise<UserRow> {
  const before = userOf(row).roles
  const isSame = before.length === roles.length && roles.every((role) => before.includes(role))
  if (isSame && row.name === name) return row
  // What nobody may be at once holds for whom others vouch for, too.
  newUserRow({ login: row.login, name, roles }, '', 0)
  const changed = { name, roles: JSON.stringify(roles), revision: row.revision + 1 }
  await change(
    room,
    {
      op: 'user.roles',
      action: 'U',
      resource: { kind: 'user', id: row.id },
      detail: { login: row.login, before: [...before], after: roles, issuer },
    },
    async (tx) => {
      await tx.query.updateTable('orderly_users').set(changed).where('id', '=', row.id).execute()
      if (before.includes('admin')) await keepAnAdministrator(tx)
    },
  )
  return { ...row, ...changed }
}

async function recordRefusal(
  { ledger }: AccessRoom,
  op: string,
  { issuer }: Identity,
  row: UserRow | undefined,
  { address }: Device,
  error: unknown,
): Promise<void> {
  const code: ErrorCode = error instanceof OrderlyError ? error.code : 'ORDERLY_SIGN_IN_FAILED'
  await ledger.record({
    op,
    action: 'E',
    outcome: 'denied',
    code,
    actor: row ? { kind: 'user', id: row.id, name: row.name } : { kind: 'unknown', id: 'unknown' },
    source: { ip: address },
    detail: { issuer },
  })
}

function failed(): OrderlyError {
  return new OrderlyError(
    'ORDERLY_SIGN_IN_FAILED',
    'this account cannot be used here, or is not the one that was asked for',
  )
}
