// The envelope `o1`: one value, encrypted or only authenticated, tied to the place where it is stored.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { OrderlyError } from '../primitives/errors.ts'
import { decrypt, encrypt } from './cobblestone.ts'

/** What a sealed value is. A value sealed as one kind does not open as another. */
export type Slot =
  'input' | 'output' | 'error' | 'progress' | 'log' | 'event' | 'template' | 'state' | 'dek'

/** Where a sealed value lives. It opens there and nowhere else. */
export interface Place {
  readonly tenant: string
  readonly queue: string
  readonly slot: Slot
  /** The id of the job, or of the schedule a template belongs to. */
  readonly anchor: string
  /** Tells values of one slot and anchor apart, such as the errors of several attempts. */
  readonly seq: number
  /** What else it belongs to: the name of the job that may read an input or a template, the event of an error. */
  readonly of?: string
}

/** `encrypted` for anything that may hold PHI; `signed` keeps the value readable to whoever decodes it, but not changeable. */
export type Suite = 'encrypted' | 'signed'

/** A data key: 32 random bytes that are stored wrapped, and named by 16 more. */
export interface DataKey {
  /** 32 hex digits. */
  readonly id: string
  readonly bytes: Uint8Array
}

const PREFIX = 'o1.'
const FORMAT = 0x01
const SUITES: Readonly<Record<Suite, number>> = { encrypted: 0x01, signed: 0x02 }
const HEADER = 19
const MAC = 32
const LONGEST_FIELD = 0xffff

/** Whether `text` claims to be an envelope. */
export function isEnvelope(text: unknown): text is string {
  return typeof text === 'string' && text.startsWith(PREFIX)
}

/** Seals `text` at `place`. */
export function sealText(text: string, place: Place, key: DataKey, suite: Suite): string {
  const header = Buffer.alloc(HEADER)
  header[0] = FORMAT
  header[1] = SUITES[suite]
  header.write(key.id, 3, 'hex')
  const context = contextOf(header, place)
  const message = Buffer.from(text, 'utf8')
  const body =
    suite === 'encrypted'
      ? encrypt(key.bytes, context, message)
      : Buffer.concat([mac(key.bytes, context, message), message])
  return PREFIX + Buffer.concat([header, body]).toString('base64url')
}

/**
 * The id of the data key that sealed `envelope`.
 *
 * @throws OrderlyError `ORDERLY_SEAL_BROKEN` when it is no envelope of a known format
 */
export function dataKeyOf(envelope: string): string {
  return decode(envelope).subarray(3, HEADER).toString('hex')
}

/** How `envelope` was sealed, or undefined when it is no envelope. */
export function suiteOf(envelope: string): Suite | undefined {
  if (!isEnvelope(envelope)) return undefined
  const start = Buffer.from(envelope.slice(PREFIX.length, PREFIX.length + 4), 'base64url')
  if (start[0] !== FORMAT) return undefined
  return start[1] === SUITES.encrypted
    ? 'encrypted'
    : start[1] === SUITES.signed
      ? 'signed'
      : undefined
}

/**
 * The text sealed at `place`.
 *
 * @throws OrderlyError `ORDERLY_SEAL_BROKEN` when the envelope was changed, or was sealed for another place or key
 */
export function openText(envelope: string, place: Place, key: DataKey): string {
  const bytes = decode(envelope)
  const header = bytes.subarray(0, HEADER)
  const body = bytes.subarray(HEADER)
  const context = contextOf(header, place)
  if (header[1] === SUITES.encrypted) {
    const message = decrypt(key.bytes, context, body)
    if (!message) throw broken('it was changed, or sealed for another place or under another key')
    return message.toString('utf8')
  }
  const message = body.subarray(MAC)
  if (
    body.length < MAC ||
    !timingSafeEqual(body.subarray(0, MAC), mac(key.bytes, context, message))
  )
    throw broken('it was changed, or signed for another place or under another key')
  return message.toString('utf8')
}

function decode(envelope: string): Buffer {
  if (!isEnvelope(envelope)) throw broken('it is no envelope')
  const text = envelope.slice(PREFIX.length)
  const bytes = Buffer.from(text, 'base64url')
  // Node skips characters that are no base64url and ignores spare bits; one value must have one spelling.
  if (bytes.toString('base64url') !== text) throw broken('it is not canonical base64url')
  if (bytes.length <= HEADER || bytes[0] !== FORMAT || bytes[2] !== 0)
    throw broken('its format is unknown; it may come from a newer version')
  if (bytes[1] !== SUITES.encrypted && bytes[1] !== SUITES.signed)
    throw broken('its suite is unknown; it may come from a newer version')
  return bytes
}

const DOMAIN = Buffer.from('orderly/o1\0', 'ascii')

/** What a value is bound to, every field with its length so that no two places read the same. */
function contextOf(header: Uint8Array, place: Place): Buffer {
  const fields = [place.tenant, place.queue, place.slot, place.anchor, place.of ?? '']
  let length = DOMAIN.length + HEADER + 4
  for (const field of fields) length += 2 + Buffer.byteLength(field)
  const context = Buffer.allocUnsafe(length)
  let at = DOMAIN.copy(context)
  context.set(header, at)
  at += HEADER
  for (const field of fields) {
    const bytes = Buffer.byteLength(field)
    if (bytes > LONGEST_FIELD) throw broken('the name of its place is too long')
    at = context.writeUInt16BE(bytes, at)
    at += context.write(field, at, 'utf8')
  }
  context.writeUInt32BE(place.seq, at)
  return context
}

function mac(key: Uint8Array, context: Uint8Array, message: Uint8Array): Buffer {
  return createHmac('sha256', key).update(context).update(message).digest()
}

function broken(why: string): OrderlyError {
  return new OrderlyError(
    'ORDERLY_SEAL_BROKEN',
    `a sealed value cannot be opened: ${why}; restore the row from a backup, or find out who wrote to the store`,
  )
}
