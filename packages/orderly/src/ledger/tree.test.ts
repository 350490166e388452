import fc from 'fast-check'
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { canonical } from './canonical.ts'
import {
  formatCheckpoint,
  formatProof,
  openNote,
  parseCheckpoint,
  parseProof,
  parseVkey,
  signerOf,
  signNote,
} from './note.ts'
import {
  consistencyProof,
  EMPTY,
  grow,
  includes,
  inclusionProof,
  isPrefix,
  leafHash,
  nodeHash,
  rootOf,
  type Hash,
  type ReadNodes,
} from './tree.ts'

/** The tree as RFC 6962 §2.1 defines it, word for word. */
function rootByDefinition(leaves: readonly Hash[]): Hash {
  if (leaves.length === 1) return leaves[0]!
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return nodeHash(rootByDefinition(leaves.slice(0, k)), rootByDefinition(leaves.slice(k)))
}

function treeOf(size: number): { leaves: Hash[]; roots: Hash[]; read: ReadNodes } {
  const leaves = Array.from({ length: size }, (_, index) => leafHash(`entry ${index}`))
  const nodes = new Map<string, Hash>()
  const roots = [rootOf(EMPTY)]
  leaves.reduce((tree, leaf) => {
    const next = grow(tree, leaf, (level, index, hash) => nodes.set(`${level}/${index}`, hash))
    roots.push(rootOf(next))
    return next
  }, EMPTY)
  const read: ReadNodes = async (level, index, count) =>
    Array.from({ length: count }, (_, at) => nodes.get(`${level}/${index + at}`)!)
  return { leaves, roots, read }
}

const SIZE = 45
const { leaves, roots, read } = treeOf(SIZE)

describe('the tree', () => {
  it('has the roots of the RFC at every size', () => {
    for (let size = 1; size <= SIZE; size++)
      expect(roots[size]!.equals(rootByDefinition(leaves.slice(0, size)))).toBe(true)
    expect(roots[0]!.toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
    // The known answer for one empty leaf, which other implementations give too.
    expect(leafHash('').toString('hex')).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    )
  })

  it('proves every entry of every size, and no other', async () => {
    for (let size = 1; size <= SIZE; size++)
      for (let index = 0; index < size; index++) {
        const proof = await inclusionProof(read, index, size)
        expect(includes(leaves[index]!, index, size, proof, roots[size]!)).toBe(true)
        expect(includes(leafHash('other'), index, size, proof, roots[size]!)).toBe(false)
        expect(includes(leaves[index]!, index + 1, size, proof, roots[size]!)).toBe(false)
        expect(includes(leaves[index]!, index, size, proof, roots[size - 1]!)).toBe(false)
        if (proof.length > 0)
          expect(includes(leaves[index]!, index, size, proof.slice(1), roots[size]!)).toBe(false)
      }
  })

  it('proves that each tree is the beginning of each later one, and refuses a changed past', async () => {
    for (let size = 1; size <= SIZE; size++)
      for (let older = 1; older <= size; older++) {
        const proof = await consistencyProof(read, older, size)
        expect(isPrefix(older, roots[older]!, size, roots[size]!, proof)).toBe(true)
        expect(isPrefix(older, leafHash('other'), size, roots[size]!, proof)).toBe(false)
        if (older < size)
          expect(isPrefix(older, roots[older]!, size, leafHash('other'), proof)).toBe(false)
      }
  })
})

describe('notes', () => {
  const signer = signerOf('example.test/log', generateKeyPairSync('ed25519').privateKey)
  const trusted = [parseVkey(signer.vkey)!]
  const checkpoint = formatCheckpoint({ origin: 'example.test/log', size: 45, root: roots[45]! })

  it('opens a note that others signed', () => {
    const key = parseVkey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
    const text =
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    const note = `${text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`
    expect(openNote(note, [key!])).toBe(text)
    expect(openNote(note.replace('answer', 'solution'), [key!])).toBeUndefined()
  })

  it('opens its own under the key it is trusted by, and under no other', () => {
    const note = signNote(checkpoint, signer)
    const other = parseVkey(
      signerOf('example.test/log', generateKeyPairSync('ed25519').privateKey).vkey,
    )!
    expect(openNote(note, trusted)).toBe(checkpoint)
    expect(openNote(note, [other])).toBeUndefined()
    expect(openNote(note, [])).toBeUndefined()
    expect(parseCheckpoint(note)).toEqual({
      origin: 'example.test/log',
      size: 45,
      root: roots[45],
    })
  })

  it('is spoiled by any change of one character', () => {
    const note = signNote(checkpoint, signer)
    fc.assert(
      fc.property(fc.nat(note.length - 1), fc.constantFrom('A', '7', '\n', ' '), (at, put) => {
        fc.pre(note[at] !== put)
        expect(openNote(note.slice(0, at) + put + note.slice(at + 1), trusted)).not.toBe(checkpoint)
      }),
    )
  })

  it('carries a proof that reads back as it was', async () => {
    const path = await inclusionProof(read, 3, 45)
    const note = signNote(checkpoint, signer)
    expect(parseProof(formatProof(3, path, note))).toEqual({ index: 3, path, checkpoint: note })
    expect(parseProof('c2sp.org/tlog-proof@v2\nindex 3\n\n')).toBeUndefined()
  })
})

describe('canonical JSON', () => {
  it('is one text whatever the order of members, and reads back as what it was', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.integer()), (members) => {
        const shuffled = Object.fromEntries(Object.entries(members).toReversed())
        expect(canonical(shuffled)).toBe(canonical(members))
        expect(JSON.parse(canonical(members))).toEqual({ ...members })
      }),
    )
    expect(canonical({ b: 1, a: [true, null, '€"\n'], c: undefined })).toBe(
      '{"a":[true,null,"€\\"\\n"],"b":1}',
    )
  })

  it('refuses what has no one spelling', () => {
    for (const value of [1.5, NaN, '\ud800', { a: { b: 2 ** 60 } }])
      expect(() => canonical(value)).toThrowError(
        expect.objectContaining({ code: 'ORDERLY_INPUT_INVALID' }),
      )
  })
})
