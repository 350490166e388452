// The keyring: the keys that wrap data keys. Each wraps under its own name; one is active, the others only open.
import { createHmac, randomBytes } from 'node:crypto'
import { OrderlyError } from '../primitives/errors.ts'

export type KeyState = 'active' | 'decrypt' | 'revoked'

export interface RingKey {
  readonly id: string
  /** ISO 8601, UTC. */
  readonly created: string
  readonly state: KeyState
  readonly bytes: Uint8Array
}

export interface Keyring {
  /** Nobody asked for it, so nobody has backed it up. A rotation makes it one that somebody asked for. */
  readonly automatic?: true
  readonly active: RingKey
  readonly keys: readonly RingKey[]
}

const KEY_BYTES = 32
const ID = /^[A-Za-z0-9_-]{1,40}$/

/**
 * Reads a keyring from its JSON: `{ v: 1, active: "k2", keys: [{ id, created, state, k }] }`, `k` being 32 bytes in
 * base64.
 *
 * @param source where the text came from, for the message
 * @throws OrderlyError `ORDERLY_KEYRING_INVALID`; the message never holds a part of the text
 */
export function parseKeyring(text: string, source: string): Keyring {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    throw invalid(source, 'is not JSON')
  }
  if (!isRecord(document) || document['v'] !== 1 || !Array.isArray(document['keys']))
    throw invalid(source, 'is not a keyring of version 1')
  const keys = document['keys'].map((entry: unknown, index) => parseKey(entry, index, source))
  if (new Set(keys.map(({ id }) => id)).size !== keys.length)
    throw invalid(source, 'names one key twice')
  const active = keys.find(({ id }) => id === document['active'])
  if (active?.state !== 'active') throw invalid(source, 'names no active key of its own')
  return { ...(document['automatic'] === true ? { automatic: true } : {}), active, keys }
}

/** A keyring as the JSON that `parseKeyring` reads. */
export function formatKeyring(keyring: Keyring): string {
  const keys = keyring.keys.map(({ id, created, state, bytes }) => ({
    id,
    created,
    state,
    k: Buffer.from(bytes).toString('base64'),
  }))
  return `${JSON.stringify({ v: 1, automatic: keyring.automatic, active: keyring.active.id, keys }, null, 2)}\n`
}

/** A keyring with one new key. */
export function createKeyring(now: number): Keyring {
  const key = newKey('k1', now)
  return { active: key, keys: [key] }
}

/** The same keyring with a new active key; the one before it only opens from now on. */
export function rotateKeyring(keyring: Keyring, now: number): Keyring {
  const highest = Math.max(
    0,
    ...keyring.keys.map(({ id }) => Number(/^k(\d+)$/.exec(id)?.[1] ?? 0)),
  )
  const key = newKey(`k${highest + 1}`, now)
  const before = keyring.keys.map((old) =>
    old.state === 'active' ? { ...old, state: 'decrypt' as const } : old,
  )
  return { active: key, keys: [...before, key] }
}

/** Names that tell one keyring from another to who has none of its keys: one for each key, and nothing of any key. */
export function marksOfKeyring({ keys }: Keyring): string[] {
  return keys.map(({ bytes }) =>
    createHmac('sha256', bytes).update('orderly/installation').digest('hex').slice(0, 32),
  )
}

function newKey(id: string, now: number): RingKey {
  const created = new Date(now).toISOString()
  return { id, created, state: 'active', bytes: randomBytes(KEY_BYTES) }
}

function parseKey(entry: unknown, index: number, source: string): RingKey {
  if (!isRecord(entry)) throw invalid(source, `has no key at place ${index + 1}`)
  const { id, created, state, k } = entry
  if (typeof id !== 'string' || !ID.test(id))
    throw invalid(source, `has a key without a usable id at place ${index + 1}`)
  if (state !== 'active' && state !== 'decrypt' && state !== 'revoked')
    throw invalid(source, `has no state active, decrypt or revoked for key ${id}`)
  const bytes = typeof k === 'string' ? Buffer.from(k, 'base64') : Buffer.alloc(0)
  if (bytes.length !== KEY_BYTES)
    throw invalid(source, `does not hold ${KEY_BYTES} bytes in base64 for key ${id}`)
  return { id, created: typeof created === 'string' ? created : '', state, bytes }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(source: string, what: string): OrderlyError {
  return new OrderlyError(
    'ORDERLY_KEYRING_INVALID',
    `the keyring in ${source} ${what}; make one with "orderly keys init" or restore it from its backup`,
  )
}
