// Signed notes and checkpoints: how the ledger says, in a form that outlives it, how large it is and what is in it
// (c2sp.org/signed-note, c2sp.org/tlog-checkpoint, c2sp.org/tlog-proof).
import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import type { Hash } from './tree.ts'

export interface Signer {
  /** Stands in each signature: who signed. */
  readonly name: string
  readonly key: KeyObject
  /** The public half in the form that people hand around: `name+id+base64`. */
  readonly vkey: string
}

export interface Checkpoint {
  /** Names the log. */
  readonly origin: string
  readonly size: number
  readonly root: Hash
}

const ED25519 = 0x01
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

export function signerOf(name: string, key: KeyObject): Signer {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  const encoded = Buffer.concat([Buffer.of(ED25519), spki.subarray(SPKI_PREFIX.length)])
  const id = keyId(name, encoded)
  return { name, key, vkey: `${name}+${id.toString('hex')}+${encoded.toString('base64')}` }
}

export interface Verifier {
  readonly name: string
  readonly id: Buffer
  readonly key: KeyObject
}

/** The key that a `name+id+base64` names, or undefined when it is none. */
export function parseVkey(vkey: string): Verifier | undefined {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(vkey.trim())
  if (!match) return undefined
  const encoded = Buffer.from(match[3]!, 'base64')
  const id = keyId(match[1]!, encoded)
  if (encoded[0] !== ED25519 || encoded.length !== 33 || id.toString('hex') !== match[2])
    return undefined
  const key = createPublicKey({
    key: Buffer.concat([SPKI_PREFIX, encoded.subarray(1)]),
    format: 'der',
    type: 'spki',
  })
  return { name: match[1]!, id, key }
}

function keyId(name: string, encoded: Uint8Array): Buffer {
  return createHash('sha256').update(`${name}\n`).update(encoded).digest().subarray(0, 4)
}

/** `text`, which ends with a newline, with a signature below it. */
export function signNote(text: string, { name, key, vkey }: Signer): string {
  const id = Buffer.from(vkey.split('+')[1]!, 'hex')
  const signature = Buffer.concat([id, sign(null, Buffer.from(text), key)])
  return `${text}\n— ${name} ${signature.toString('base64')}\n`
}

/**
 * The text of a note, if one of `trusted` signed it and none of them signed it wrongly.
 *
 * @returns undefined when nobody trusted vouches for it
 */
export function openNote(note: string, trusted: readonly Verifier[]): string | undefined {
  const end = note.lastIndexOf('\n\n')
  if (end < 0 || note.length > 100_000) return undefined
  const text = note.slice(0, end + 1)
  let isSigned = false
  for (const line of note
    .slice(end + 2)
    .split('\n')
    .filter(Boolean)) {
    const match = /^— ([^\s+]+) ([A-Za-z0-9+/]+=*)$/.exec(line)
    if (!match) return undefined
    const signature = Buffer.from(match[2]!, 'base64')
    // One signature has one spelling.
    if (signature.toString('base64') !== match[2]) return undefined
    const by = trusted.find(
      ({ name, id }) => name === match[1] && id.equals(signature.subarray(0, 4)),
    )
    if (!by) continue
    if (!verify(null, Buffer.from(text), by.key, signature.subarray(4))) return undefined
    isSigned = true
  }
  return isSigned ? text : undefined
}

export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`
}

/** What a checkpoint says, signed or not; undefined when it is none. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin, size, root] = text.split('\n')
  if (!origin || !size || !/^(0|[1-9]\d{0,15})$/.test(size) || !root) return undefined
  const hash = Buffer.from(root, 'base64')
  if (hash.length !== 32 || hash.toString('base64') !== root) return undefined
  return { origin, size: Number(size), root: hash }
}

const PROOF = 'c2sp.org/tlog-proof@v1'

/** An inclusion proof that needs nothing but the log's public key (c2sp.org/tlog-proof). */
export function formatProof(index: number, path: readonly Hash[], checkpoint: string): string {
  const hashes = path.map((hash) => `${hash.toString('base64')}\n`).join('')
  return `${PROOF}\nindex ${index}\n${hashes}\n${checkpoint}`
}

export interface InclusionProof {
  readonly index: number
  readonly path: readonly Hash[]
  /** The signed checkpoint it proves against. */
  readonly checkpoint: string
}

export function parseProof(text: string): InclusionProof | undefined {
  const gap = text.indexOf('\n\n')
  const [first, ...lines] = text.slice(0, gap).split('\n')
  if (gap < 0 || first !== PROOF) return undefined
  if (lines[0]?.startsWith('extra ')) lines.shift()
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '')?.[1]
  const path = lines.map((line) => Buffer.from(line, 'base64'))
  if (index === undefined || path.length > 64 || path.some(({ length }) => length !== 32))
    return undefined
  return { index: Number(index), path, checkpoint: text.slice(gap + 2) }
}
