// Where data keys are wrapped: by a keyring in this process, or by a service that never gives its key away.
import { OrderlyError } from '../primitives/errors.ts'
import { openText, sealText, type Place } from './envelope.ts'
import { marksOfKeyring, type Keyring } from './keyring.ts'

/** A data key as it is stored. */
export interface WrappedKey {
  readonly blob: string
  /** The key that wrapped it. */
  readonly wrappedBy: string
}

/** The seam for keyrings, key services and hardware. Calls may fail and are tried again. */
export interface KeyProvider {
  /** The key that `wrap` uses now. */
  active(): Promise<string>
  wrap(dataKey: Uint8Array, id: string): Promise<WrappedKey>
  /** @throws OrderlyError `ORDERLY_KEY_MISSING`, `ORDERLY_KEY_UNAVAILABLE`, `ORDERLY_SEAL_BROKEN` */
  unwrap(wrapped: WrappedKey, id: string): Promise<Uint8Array>
  /** What stores are marked with that hold what these keys seal. Left out, they are not marked. */
  marks?(): Promise<readonly string[]>
}

/**
 * Wraps with a keyring.
 *
 * @param load reads the keyring; asked anew for each call, so that a rotation is seen without a restart
 */
export function keyringProvider(load: () => Keyring): KeyProvider {
  return {
    active: async () => load().active.id,
    marks: async () => marksOfKeyring(load()),
    wrap: async (dataKey, id) => {
      const { active } = load()
      return {
        wrappedBy: active.id,
        blob: sealText(
          Buffer.from(dataKey).toString('base64'),
          placeOf(id),
          ringKey(active.id, active.bytes),
          'encrypted',
        ),
      }
    },
    unwrap: async ({ blob, wrappedBy }, id) => {
      const key = load().keys.find((candidate) => candidate.id === wrappedBy)
      if (!key || key.state === 'revoked') {
        throw new OrderlyError(
          'ORDERLY_KEY_MISSING',
          `key ${wrappedBy} is ${key ? 'revoked' : 'not in the keyring'}, so what it protects cannot be opened; restore it from the keyring's backup`,
        )
      }
      return Buffer.from(openText(blob, placeOf(id), ringKey(key.id, key.bytes)), 'base64')
    },
  }
}

function placeOf(id: string): Place {
  return { tenant: '', queue: '', slot: 'dek', anchor: id, seq: 0 }
}

function ringKey(id: string, bytes: Uint8Array): { id: string; bytes: Uint8Array } {
  // The header has room for 16 bytes; the name itself is stored beside the blob.
  return { id: Buffer.from(id.padEnd(16, '\0').slice(0, 16)).toString('hex'), bytes }
}
