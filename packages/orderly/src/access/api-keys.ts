// API keys: for programs. Scoped, expiring, bound to networks where wanted, and never with a right to PHI.
import { OrderlyError } from '../primitives/errors.ts'
import { milliseconds } from '../primitives/duration.ts'
import { actorOf, type Actor } from './actor.ts'
import { checkNetwork, isWithin } from './address.ts'
import { countFailure, mayTry } from './attempts.ts'
import { newApiKey, readApiKey } from './api-key-format.ts'
import { demandCover, isQueueGlob } from './can.ts'
import { isPermission, type Permission } from './permissions.ts'
import { isRole, type RoleName } from './roles.ts'
import { change, type AccessRoom } from './room.ts'
import { hashOf, isSame } from './secrets.ts'
import type { ApiKeyRow } from './tables.ts'
import { touch } from './touch.ts'

/** What a program may be. People alone reveal, administer and hold keys. */
export const KEY_ROLES: readonly RoleName[] = [
  'producer',
  'worker',
  'viewer',
  'operator',
  'developer',
  'auditor',
]
const LONGEST_LIFE_MS: number = milliseconds('366d')
const USED_EVERY_MS = 60_000

export interface ApiKeySpec {
  readonly name: string
  readonly roles: readonly RoleName[]
  readonly only?: readonly Permission[] | undefined
  readonly queues?: readonly string[] | undefined
  readonly tenant?: string | undefined
  readonly networks?: readonly string[] | undefined
  /** Milliseconds since 1970 UTC, a year ahead at most. */
  readonly expiresAt: number
}

export interface ApiKey extends Omit<ApiKeySpec, 'only' | 'networks'> {
  readonly id: string
  readonly queues: readonly string[]
  readonly tenant: string
  readonly only: readonly Permission[] | null
  readonly networks: readonly string[] | null
  readonly owner: string
  readonly createdAt: number
  readonly usedAt: number | null
  readonly revokedAt: number | null
}

function keyOf(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    roles: (JSON.parse(row.roles) as string[]).filter(isRole),
    only: row.only === null ? null : (JSON.parse(row.only) as string[]).filter(isPermission),
    queues: JSON.parse(row.queues) as string[],
    tenant: row.tenant,
    networks: row.networks === null ? null : (JSON.parse(row.networks) as string[]),
    owner: row.owner,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    revokedAt: row.revoked_at,
  }
}

/**
 * Makes a key. Its text is shown once, now.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID`, `ORDERLY_FORBIDDEN` for a tenant or queues beyond one's own
 */
export async function createApiKey(
  room: AccessRoom,
  by: Actor,
  spec: ApiKeySpec,
): Promise<{ key: ApiKey; text: string }> {
  const now = room.clock.now()
  const name = spec.name.trim()
  if (name === '' || name.length > 120) throw invalid('a key has a name of 1 to 120 characters')
  if (spec.roles.length === 0 || !spec.roles.every((role) => KEY_ROLES.includes(role)))
    throw invalid(`a key has roles among ${KEY_ROLES.join(', ')}`)
  if (!(spec.expiresAt > now && spec.expiresAt <= now + LONGEST_LIFE_MS))
    throw invalid('a key expires within a year')
  for (const network of spec.networks ?? []) checkNetwork(network)
  const queues = spec.queues ?? by.queues
  if (!queues.every(isQueueGlob)) throw invalid('a scope is a queue, or the beginning of one and *')
  demandCover(by, queues)
  if (spec.tenant !== undefined && spec.tenant !== by.tenant)
    throw new OrderlyError('ORDERLY_FORBIDDEN', 'a key is of the tenant of whoever makes it')
  const made = newApiKey()
  const row: ApiKeyRow = {
    id: made.id,
    secret: hashOf(made.secret),
    name,
    roles: JSON.stringify([...new Set(spec.roles)]),
    only: spec.only === undefined ? null : JSON.stringify(spec.only),
    tenant: by.tenant,
    queues: JSON.stringify(queues),
    networks: spec.networks === undefined ? null : JSON.stringify(spec.networks),
    owner: by.id,
    created_at: now,
    expires_at: spec.expiresAt,
    used_at: null,
    revoked_at: null,
  }
  await change(
    room,
    {
      op: 'apikey.create',
      action: 'C',
      resource: { kind: 'apikey', id: row.id },
      detail: { name, roles: [...spec.roles], expires: new Date(spec.expiresAt).toISOString() },
    },
    async ({ query }) => void (await query.insertInto('orderly_api_keys').values(row).execute()),
  )
  return { key: keyOf(row), text: made.text }
}

export async function listApiKeys({ database }: AccessRoom): Promise<ApiKey[]> {
  const rows = await database.query
    .selectFrom('orderly_api_keys')
    .selectAll()
    .orderBy('created_at', 'desc')
    .limit(1_000)
    .execute()
  return rows.map(keyOf)
}

/** @throws OrderlyError `ORDERLY_NOT_FOUND` when there is no such key in force */
export async function revokeApiKey(room: AccessRoom, id: string): Promise<void> {
  const now = room.clock.now()
  await change(
    room,
    { op: 'apikey.revoke', action: 'D', resource: { kind: 'apikey', id } },
    async ({ query }) => {
      const done = await query
        .updateTable('orderly_api_keys')
        .set({ revoked_at: now })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      if (done.numUpdatedRows === 0n)
        throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no such key in force')
    },
  )
}

/**
 * Counts a key that let nobody in. Only such keys are slowed down: no key is guessed, and a program with an old one keeps
 * no other out and fills no log.
 *
 * @throws OrderlyError `ORDERLY_TOO_MANY_REQUESTS` where there were many from this place
 */
export async function slowWrongKeys(
  { database, clock }: AccessRoom,
  address: string,
): Promise<void> {
  const guess = { account: 'api-key', address, isKnownPlace: true, isKey: true } as const
  await mayTry(database, guess, clock.now())
  await countFailure(database, guess, clock.now())
}

/**
 * Whose key it is. Undefined for one that is none, revoked, expired, or of somebody who was disabled.
 *
 * @throws OrderlyError `ORDERLY_FORBIDDEN` when it comes from a network it is not for, `ORDERLY_TOO_MANY_REQUESTS`
 */
export async function findApiKey(
  room: AccessRoom,
  text: string,
  address: string,
): Promise<Actor | undefined> {
  const parts = readApiKey(text)
  if (!parts) return undefined
  const { database, clock, production } = room
  const now = clock.now()
  const row = await database.query
    .selectFrom('orderly_api_keys')
    .selectAll()
    .where('id', '=', parts.id)
    .executeTakeFirst()
  if (!isSame(hashOf(parts.secret), row?.secret ?? '') || !row) return undefined
  if (row.revoked_at !== null || row.expires_at <= now) return undefined
  if (row.owner.startsWith('u_')) {
    const owner = await database.query
      .selectFrom('orderly_users')
      .select('id')
      .where('id', '=', row.owner)
      .where('disabled_at', 'is', null)
      .executeTakeFirst()
    if (!owner) return undefined
  }
  const key = keyOf(row)
  if (key.networks && !isWithin(address, key.networks)) {
    await slowWrongKeys(room, address)
    await room.ledger.record({
      op: 'auth.key',
      action: 'E',
      outcome: 'denied',
      code: 'ORDERLY_FORBIDDEN',
      actor: { kind: 'key', id: `k_${row.id}`, name: row.name },
      source: { ip: address },
    })
    throw new OrderlyError('ORDERLY_FORBIDDEN', 'this key is not for the network it comes from')
  }
  const use = { id: row.id, before: row.used_at ?? 0, every: USED_EVERY_MS }
  await touch(database, use, now, ({ query }) =>
    query.updateTable('orderly_api_keys').set({ used_at: now }).where('id', '=', row.id).execute(),
  )
  return actorOf(
    {
      id: `k_${row.id}`,
      kind: 'key',
      name: key.name,
      roles: key.roles,
      tenant: key.tenant,
      queues: key.queues,
      ...(key.only ? { only: key.only } : {}),
    },
    { production },
  )
}

function invalid(message: string): OrderlyError {
  return new OrderlyError('ORDERLY_INPUT_INVALID', message)
}
