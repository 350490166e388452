// Recomputes the audit log's tree (RFC 6962 §2.1) from its entries, part by part, and compares it with the signed root.
import { sha256 } from './sha256.ts'

export interface Leaf {
  readonly index: number
  /** Base64 of SHA-256(0x00 || body). */
  readonly leaf: string
  /** Null once its time is over; its hash stays. */
  readonly body: string | null
}

export interface Segment {
  readonly from: number
  readonly to: number
  readonly state: 'good' | 'bad' | 'pruned'
}

export interface Verdict {
  readonly size: number
  readonly isGood: boolean
  /** The first entry whose text does not have its hash. */
  readonly broken: number | undefined
  readonly segments: readonly Segment[]
}

const SEGMENTS = 64

/**
 * @param read entries from an index on, in order; none at the end
 * @param told of how many entries are done
 */
export async function verify(
  checkpoint: { readonly size: number; readonly root: string },
  read: (from: number) => Promise<readonly Leaf[]>,
  told: (done: number) => void,
): Promise<Verdict> {
  const { size, root } = checkpoint
  const width = Math.max(1, Math.ceil(size / SEGMENTS))
  const segments: Segment[] = []
  const roots: Uint8Array[] = []
  let broken: number | undefined
  let index = 0
  while (index < size) {
    const leaves = (await read(index)).filter((leaf) => leaf.index < size)
    if (leaves.length === 0) break
    for (const leaf of leaves) {
      const isInOrder = leaf.index === index
      const isGood = isInOrder && (leaf.body === null || hashOf(leaf.body) === leaf.leaf)
      if (!isGood) broken ??= index
      mark(segments, index, width, isGood ? (leaf.body === null ? 'pruned' : 'good') : 'bad')
      grow(roots, index, fromBase64(leaf.leaf))
      index++
    }
    told(index)
  }
  const computed = toBase64(rootOf(roots))
  return {
    size,
    isGood: broken === undefined && index === size && computed === root,
    broken,
    segments,
  }
}

function mark(segments: Segment[], index: number, width: number, state: Segment['state']): void {
  const at = Math.floor(index / width)
  const before = segments[at]
  segments[at] = before
    ? { ...before, to: index, state: worse(before.state, state) }
    : { from: index, to: index, state }
}

function worse(one: Segment['state'], other: Segment['state']): Segment['state'] {
  if (one === 'bad' || other === 'bad') return 'bad'
  return one === 'pruned' || other === 'pruned' ? 'pruned' : 'good'
}

function hashOf(body: string): string {
  const text = new TextEncoder().encode(body)
  const message = new Uint8Array(text.length + 1)
  message.set(text, 1)
  return toBase64(sha256(message))
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const message = new Uint8Array(65)
  message[0] = 1
  message.set(left, 1)
  message.set(right, 33)
  return sha256(message)
}

/** Adds a leaf to the roots of the complete subtrees, the largest first. */
function grow(roots: Uint8Array[], index: number, leaf: Uint8Array): void {
  let hash = leaf
  for (let rest = index; rest % 2 === 1; rest = (rest - 1) / 2) hash = nodeHash(roots.pop()!, hash)
  roots.push(hash)
}

function rootOf(roots: readonly Uint8Array[]): Uint8Array {
  if (roots.length === 0) return sha256(new Uint8Array())
  return roots.reduceRight((right, left) => nodeHash(left, right))
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.codePointAt(0)!)
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCodePoint(...bytes))
}
