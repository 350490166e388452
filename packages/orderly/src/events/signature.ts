// Signs messages between programs, and checks those that come in: Standard Webhooks 1.0, HMAC-SHA256 over the bytes as sent.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { systemClock } from '../primitives/clock.ts'
import { milliseconds, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'

const PREFIX = 'whsec_'
const SECRET_BYTES = 32
const ID = /^[\w.:/-]{1,256}$/
const MOST_SIGNATURES = 10

/** Headers as Node gives them, or as `fetch` does. */
export type MessageHeaders =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | { get(name: string): string | null }

export interface VerifyOptions {
  /** How far the time of a message may be from now, both ways. 5 minutes unless told. */
  readonly tolerance?: Duration
  /** Milliseconds since 1970 UTC. */
  readonly now?: number
}

export interface VerifiedMessage<Payload = unknown> {
  /** The same for the same message, however often it is sent: keep it to drop repetitions. */
  readonly id: string
  /** When it was sent. Milliseconds since 1970 UTC. */
  readonly at: number
  readonly payload: Payload
}

export function newSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64')
}

/** The headers of a message, signed with each of `secrets`: while one replaces another, both hold. */
export function signMessage(
  rawBody: string,
  {
    id,
    at,
    secrets,
  }: { readonly id: string; readonly at: number; readonly secrets: readonly string[] },
): Record<string, string> {
  const timestamp = String(Math.floor(at / 1_000))
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets
      .map((secret) => `v1,${macOf(secret, id, timestamp, rawBody).toString('base64')}`)
      .join(' '),
  }
}

/**
 * Checks a message that a webhook sent, and reads it.
 *
 * @param rawBody the bytes as they came, before anything parsed them
 * @param secret the secret of the subscription, or several while one replaces another
 * @throws OrderlyError `ORDERLY_SIGNATURE_INVALID`
 */
export function verifyWebhook<Payload = unknown>(
  rawBody: string | Uint8Array,
  headers: MessageHeaders,
  secret: string | readonly string[],
  { tolerance = '5m', now = systemClock.now() }: VerifyOptions = {},
): VerifiedMessage<Payload> {
  const id = headerOf(headers, 'webhook-id')
  const timestamp = headerOf(headers, 'webhook-timestamp')
  const given = headerOf(headers, 'webhook-signature').split(' ').slice(0, MOST_SIGNATURES)
  if (!ID.test(id) || !/^\d{1,12}$/.test(timestamp)) throw invalid('its headers are missing')
  const at = Number(timestamp) * 1_000
  if (Math.abs(now - at) > milliseconds(tolerance))
    throw invalid('it was sent too long ago, or the clocks differ')
  const secrets = typeof secret === 'string' ? [secret] : secret
  const isGenuine = secrets.some((one) => {
    const right = macOf(one, id, timestamp, rawBody)
    return given.some((text) => isSame(text, right))
  })
  if (!isGenuine) throw invalid('no signature of it is right')
  try {
    return { id, at, payload: JSON.parse(Buffer.from(rawBody).toString('utf8')) as Payload }
  } catch {
    throw invalid('it is signed, and its body is no JSON')
  }
}

function macOf(
  secret: string,
  id: string,
  timestamp: string,
  rawBody: string | Uint8Array,
): Buffer {
  const key = Buffer.from(
    secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret,
    'base64',
  )
  // An empty key would let everybody sign.
  if (key.length < 16) throw invalid('its secret is none')
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(rawBody).digest()
}

function isSame(given: string, right: Buffer): boolean {
  const [version, text] = given.split(',', 2)
  const bytes = Buffer.from(text ?? '', 'base64')
  return version === 'v1' && bytes.length === right.length && timingSafeEqual(bytes, right)
}

function headerOf(headers: MessageHeaders, name: string): string {
  const value =
    'get' in headers && typeof headers.get === 'function'
      ? headers.get(name)
      : (headers as Record<string, string | readonly string[] | undefined>)[name]
  return typeof value === 'string' ? value : ''
}

function invalid(why: string): OrderlyError {
  return new OrderlyError(
    'ORDERLY_SIGNATURE_INVALID',
    `the message was refused: ${why}; check the secret, and verify the bytes as they came`,
  )
}
