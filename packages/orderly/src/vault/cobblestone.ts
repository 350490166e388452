// Suite 1: authenticated encryption in chunks, C2SP chunked-encryption v1 with SHA-512 and AES-256-GCM.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

const LABEL = Buffer.from('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0', 'ascii')
const CHUNK = 16 * 1024
const TAG = 16
const SALT = 24
const COMMITMENT = 32
const KEY = 32
const NONCE = 12
const HEAD = SALT + COMMITMENT

/**
 * Seals `message` under `key`, bound to `context`.
 *
 * @param key 32 uniformly random bytes
 * @returns salt (24) ‖ commitment (32) ‖ chunks, each with its tag (C2SP chunked-encryption, "AEAD usage")
 */
export function encrypt(key: Uint8Array, context: Uint8Array, message: Uint8Array): Buffer {
  const salt = randomBytes(SALT)
  const derived = derive(key, salt, context)
  const parts: Buffer[] = [salt, derived.commitment]
  // The last chunk is always shorter than the others, so a message of whole chunks ends in an empty one.
  for (let start = 0, counter = 0; start <= message.length; start += CHUNK, counter++) {
    const cipher = createCipheriv('aes-256-gcm', derived.key, nonceOf(derived.nonce, counter))
    parts.push(
      cipher.update(message.subarray(start, start + CHUNK)),
      cipher.final(),
      cipher.getAuthTag(),
    )
  }
  return Buffer.concat(parts)
}

/** The message, or undefined when key, context or a single bit is not what it was. */
export function decrypt(
  key: Uint8Array,
  context: Uint8Array,
  sealed: Uint8Array,
): Buffer | undefined {
  const chunks = sealed.length - HEAD
  if (chunks < TAG) return undefined
  const derived = derive(key, sealed.subarray(0, SALT), context)
  if (!timingSafeEqual(sealed.subarray(SALT, HEAD), derived.commitment)) return undefined
  const last = chunks % (CHUNK + TAG)
  // A full chunk at the end means that the message was cut there.
  if (last < TAG) return undefined
  const parts: Buffer[] = []
  for (let start = HEAD, counter = 0; start < sealed.length; start += CHUNK + TAG, counter++) {
    const chunk = sealed.subarray(start, start + CHUNK + TAG)
    const decipher = createDecipheriv('aes-256-gcm', derived.key, nonceOf(derived.nonce, counter), {
      authTagLength: TAG,
    })
    decipher.setAuthTag(chunk.subarray(chunk.length - TAG))
    try {
      parts.push(decipher.update(chunk.subarray(0, chunk.length - TAG)), decipher.final())
    } catch {
      return undefined
    }
  }
  return parts.length === 2 ? parts[0] : Buffer.concat(parts)
}

/** HKDF-Expand of RFC 5869 §2.3 with SHA-512: two blocks hold the 76 bytes that are needed. */
function derive(
  key: Uint8Array,
  salt: Uint8Array,
  context: Uint8Array,
): { key: Buffer; nonce: Buffer; commitment: Buffer } {
  const info = Buffer.concat([LABEL, salt, context])
  const first = createHmac('sha512', key).update(info).update(ONE).digest()
  const second = createHmac('sha512', key).update(first).update(info).update(TWO).digest()
  const out = Buffer.concat([first, second])
  return {
    key: out.subarray(0, KEY),
    nonce: out.subarray(KEY, KEY + NONCE),
    commitment: out.subarray(KEY + NONCE, KEY + NONCE + COMMITMENT),
  }
}

const ONE = Buffer.of(1)
const TWO = Buffer.of(2)

function nonceOf(base: Buffer, counter: number): Buffer {
  if (counter === 0) return base
  const nonce = Buffer.from(base)
  nonce.writeUInt32BE((nonce.readUInt32BE(NONCE - 4) ^ counter) >>> 0, NONCE - 4)
  return nonce
}
