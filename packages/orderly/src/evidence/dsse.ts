// Signed envelopes of statements (DSSE 1.0): the type of what is signed is under the signature too.
import { sign, verify } from 'node:crypto'
import type { Signer, Verifier } from '../ledger/note.ts'

/** The type of an in-toto statement in an envelope. */
export const STATEMENT_TYPE = 'application/vnd.in-toto+json'

interface Envelope {
  readonly payloadType: string
  /** Base64. */
  readonly payload: string
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[]
}

const MOST_SIGNATURES = 16

/** What is signed (DSSE, "pre-authentication encoding"). */
export function encodeForSigning(type: string, body: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `),
    body,
  ])
}

/** A statement under a signature, as one line of JSON. */
export function signStatement(statement: object, { key, vkey }: Signer): string {
  const body = Buffer.from(JSON.stringify(statement))
  const sig = sign(null, encodeForSigning(STATEMENT_TYPE, body), key).toString('base64')
  const envelope: Envelope = {
    payloadType: STATEMENT_TYPE,
    payload: body.toString('base64'),
    signatures: [{ keyid: keyIdOf(vkey), sig }],
  }
  return JSON.stringify(envelope)
}

/** Name and id of a key, without the key. */
function keyIdOf(vkey: string): string {
  return vkey.split('+').slice(0, 2).join('+')
}

/**
 * What an envelope holds, if one of `trusted` signed it. Nothing of it is read before its signature was checked.
 *
 * @returns undefined when it is no envelope of a statement, or nobody trusted vouches for it
 */
export function openStatement(text: string, trusted: readonly Verifier[]): unknown {
  const envelope = parse(text)
  if (envelope?.payloadType !== STATEMENT_TYPE) return undefined
  const body = Buffer.from(envelope.payload, 'base64')
  if (body.toString('base64') !== envelope.payload) return undefined
  const signed = encodeForSigning(envelope.payloadType, body)
  const vouched = envelope.signatures.some(({ keyid, sig }) => {
    const by = trusted.find(({ name, id }) => `${name}+${id.toString('hex')}` === keyid)
    return by !== undefined && verify(null, signed, by.key, Buffer.from(sig, 'base64'))
  })
  if (!vouched) return undefined
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

function parse(text: string): Envelope | undefined {
  let value: Partial<Envelope> | null
  try {
    value = JSON.parse(text) as Partial<Envelope> | null
  } catch {
    return undefined
  }
  const { payloadType, payload, signatures } = value ?? {}
  if (typeof payloadType !== 'string' || typeof payload !== 'string') return undefined
  if (!Array.isArray(signatures) || signatures.length > MOST_SIGNATURES) return undefined
  const isSigned = (signatures as Partial<Envelope['signatures'][number]>[]).every(
    (each) => typeof each?.keyid === 'string' && typeof each.sig === 'string',
  )
  return isSigned ? { payloadType, payload, signatures } : undefined
}
