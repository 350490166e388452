// The ledger's own key: signs checkpoints and seals what people wrote. It lives in the table of data keys, wrapped, so
// a copy of the database alone can neither sign nor read.
import { createHmac, createPrivateKey } from 'node:crypto'
import type { DataKeys } from '../vault/data-keys.ts'
import { dataKeyOf, openText, sealText, type DataKey, type Place } from '../vault/envelope.ts'
import { signerOf, type Signer } from './note.ts'

/** The scope of its data key. It is never sealed anew or destroyed by a rotation: entries are hashed as they stand. */
export const LEDGER_SCOPE = 'ledger/default'

/** RFC 8410 §7: what stands before the 32 bytes of an Ed25519 key. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

export interface LedgerKey {
  readonly id: string
  readonly signer: Signer
  /** Seals what a person wrote, tied to its entry. */
  seal(text: string, entryId: string): string
}

function placeOf(entryId: string): Place {
  return { tenant: 'default', queue: '#ledger', slot: 'state', anchor: entryId, seq: 0 }
}

/** Working the signing key out takes longer than all else about an entry. */
const known = new WeakMap<DataKey, LedgerKey>()

export async function ledgerKey(keys: DataKeys): Promise<LedgerKey> {
  const key = await keys.active(LEDGER_SCOPE)
  const before = known.get(key)
  if (before) return before
  const made: LedgerKey = {
    id: key.id,
    signer: signerFor(key),
    seal: (text, entryId) => sealText(text, placeOf(entryId), key, 'encrypted'),
  }
  known.set(key, made)
  return made
}

/** The signing key that follows from a data key. */
export function signerFor({ id, bytes }: DataKey): Signer {
  const seed = createHmac('sha256', bytes).update('orderly/ledger/ed25519/1').digest()
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, seed]),
    format: 'der',
    type: 'pkcs8',
  })
  return signerOf(`orderly/ledger/${id.slice(0, 16)}`, key)
}

/**
 * What a person wrote into an entry.
 *
 * @throws OrderlyError `ORDERLY_SEAL_BROKEN`, `ORDERLY_SHREDDED`, `ORDERLY_KEY_MISSING`
 */
export async function openLedgerText(
  keys: DataKeys,
  envelope: string,
  entryId: string,
): Promise<string> {
  return openText(envelope, placeOf(entryId), await keys.find(dataKeyOf(envelope)))
}
