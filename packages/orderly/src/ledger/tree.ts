// The Merkle tree of RFC 6962 §2.1: roots that grow, proofs of inclusion and of consistency, and their checks. Pure.
import { createHash } from 'node:crypto'

export type Hash = Buffer

const LEAF = Buffer.of(0)
const NODE = Buffer.of(1)

/** RFC 6962 §2.1: the hash of an entry. */
export function leafHash(entry: string | Uint8Array): Hash {
  return createHash('sha256').update(LEAF).update(entry).digest()
}

/** RFC 6962 §2.1: the hash of two subtrees. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Hash {
  return createHash('sha256').update(NODE).update(left).update(right).digest()
}

export const EMPTY_ROOT: Hash = createHash('sha256').digest()

/** A tree that only grows, kept as the roots of its complete subtrees, the largest first. */
export interface Frontier {
  readonly size: number
  readonly roots: readonly Hash[]
}

export const EMPTY: Frontier = { size: 0, roots: [] }

/**
 * The tree with one leaf more.
 *
 * @param completed is told of each complete subtree that the leaf closes, the leaf itself included
 */
export function grow(
  tree: Frontier,
  leaf: Hash,
  completed: (level: number, index: number, hash: Hash) => void = () => undefined,
): Frontier {
  const roots = [...tree.roots]
  let hash = leaf
  let index = tree.size
  completed(0, index, hash)
  for (let level = 1; index % 2 === 1; level++) {
    hash = nodeHash(roots.pop()!, hash)
    index = (index - 1) / 2
    completed(level, index, hash)
  }
  roots.push(hash)
  return { size: tree.size + 1, roots }
}

/** Subtrees of 2^8, 2^16 … leaves are kept beside the leaves: proofs need no walk over all of them. */
export const KEPT_LEVELS = 8

export function isKept(level: number): boolean {
  return level > 0 && level % KEPT_LEVELS === 0
}

export function rootOf({ roots }: Frontier): Hash {
  if (roots.length === 0) return EMPTY_ROOT
  return roots.reduceRight((right, left) => nodeHash(left, right))
}

/** Hashes of complete subtrees: `count` of them from `index` on, each of 2^`level` leaves. */
export type ReadNodes = (level: number, index: number, count: number) => Promise<readonly Hash[]>

/** RFC 6962 §2.1.1: the audit path of leaf `index` in the tree of the first `size` leaves. */
export async function inclusionProof(
  read: ReadNodes,
  index: number,
  size: number,
): Promise<Hash[]> {
  const path = async (at: number, start: number, count: number): Promise<Hash[]> => {
    if (count === 1) return []
    const left = split(count)
    return at < left
      ? [...(await path(at, start, left)), await range(read, start + left, count - left)]
      : [...(await path(at - left, start + left, count - left)), await range(read, start, left)]
  }
  return path(index, 0, size)
}

/** RFC 6962 §2.1.2: proves that the first `older` leaves of the tree of `size` are the tree of `older`. */
export async function consistencyProof(
  read: ReadNodes,
  older: number,
  size: number,
): Promise<Hash[]> {
  const sub = async (
    m: number,
    start: number,
    count: number,
    isWhole: boolean,
  ): Promise<Hash[]> => {
    if (m === count) return isWhole ? [] : [await range(read, start, count)]
    const left = split(count)
    return m <= left
      ? [...(await sub(m, start, left, isWhole)), await range(read, start + left, count - left)]
      : [
          ...(await sub(m - left, start + left, count - left, false)),
          await range(read, start, left),
        ]
  }
  return older === 0 || older === size ? [] : sub(older, 0, size, true)
}

/** The hash of any range that a tree is made of. */
async function range(read: ReadNodes, start: number, count: number): Promise<Hash> {
  const level = Math.log2(count)
  if (Number.isInteger(level)) return (await read(level, start / count, 1))[0]!
  const left = split(count)
  return nodeHash(await range(read, start, left), await range(read, start + left, count - left))
}

/** The largest power of two below `count`. */
function split(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1))
}

/** Whether `proof` shows that `leaf` is number `index` of the tree of `size` leaves with this root (RFC 9162 §2.1.3.2). */
export function includes(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!(index >= 0 && index < size)) return false
  let [at, last, hash]: [number, number, Uint8Array] = [index, size - 1, leaf]
  for (const sibling of proof) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash)
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)]
    } else hash = nodeHash(hash, sibling)
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return last === 0 && Buffer.compare(hash, root) === 0
}

/** Whether `proof` shows that the tree of `older` leaves is the beginning of the tree of `size` (RFC 9162 §2.1.4.2). */
export function isPrefix(
  older: number,
  olderRoot: Uint8Array,
  size: number,
  root: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (older > size) return false
  if (older === size) return proof.length === 0 && Buffer.compare(olderRoot, root) === 0
  if (older === 0) return proof.length === 0
  const steps = Number.isInteger(Math.log2(older)) ? [olderRoot, ...proof] : proof
  if (steps.length === 0) return false
  let [at, last] = [older - 1, size - 1]
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  let [from, to]: [Uint8Array, Uint8Array] = [steps[0]!, steps[0]!]
  for (const sibling of steps.slice(1)) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      from = nodeHash(sibling, from)
      to = nodeHash(sibling, to)
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)]
    } else to = nodeHash(to, sibling)
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return last === 0 && Buffer.compare(from, olderRoot) === 0 && Buffer.compare(to, root) === 0
}
