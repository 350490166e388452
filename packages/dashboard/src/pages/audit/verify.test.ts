import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHash } from 'node:crypto'
import { sha256 } from './sha256.ts'
import { verify, type Leaf } from './verify.ts'

const digest = (...parts: (string | Buffer)[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** The tree of RFC 6962 §2.1, as the standard writes it down. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return digest()
  if (leaves.length === 1) return leaves[0]!
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return digest(Buffer.of(1), rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)))
}

function logOf(bodies: readonly string[]): { leaves: Leaf[]; root: string } {
  const hashes = bodies.map((body) => digest(Buffer.of(0), body))
  return {
    leaves: bodies.map((body, index) => ({ index, body, leaf: hashes[index]!.toString('base64') })),
    root: rootOf(hashes).toString('base64'),
  }
}

const check = (leaves: readonly Leaf[], root: string, size = leaves.length) =>
  verify(
    { size, root },
    (from) => Promise.resolve(leaves.slice(from, from + 7)),
    () => undefined,
  )

describe('checking the audit log in the browser', () => {
  it('has the digests of SHA-256 for anything', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(Buffer.from(sha256(bytes)).toString('hex')).toBe(
          digest(Buffer.from(bytes)).toString('hex'),
        )
      }),
    )
  })

  it('finds a log of any length as it was signed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string(), { maxLength: 70 }), async (bodies) => {
        const { leaves, root } = logOf(bodies)
        expect((await check(leaves, root)).isGood).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  it('names the entry whose text was changed', async () => {
    const { leaves, root } = logOf(['a', 'b', 'c', 'd', 'e'])
    const changed = leaves.map((leaf) => (leaf.index === 3 ? { ...leaf, body: 'D' } : leaf))
    expect(await check(changed, root)).toMatchObject({ isGood: false, broken: 3 })
  })

  it('sees an entry that was taken out, put elsewhere, or given another hash', async () => {
    const { leaves, root } = logOf(['a', 'b', 'c', 'd', 'e'])
    const without = leaves
      .filter(({ index }) => index !== 2)
      .map((leaf, index) => ({ ...leaf, index }))
    expect((await check(without, root, 5)).isGood).toBe(false)
    const swapped = [leaves[1]!, leaves[0]!, ...leaves.slice(2)].map((leaf, index) => ({
      ...leaf,
      index,
    }))
    expect((await check(swapped, root)).isGood).toBe(false)
    const other = logOf(['a', 'b', 'X', 'd', 'e']).leaves
    expect((await check(other, root)).isGood).toBe(false)
  })

  it('goes by the hash alone where the text is past its time', async () => {
    const { leaves, root } = logOf(['a', 'b', 'c'])
    const pruned = leaves.map((leaf) => (leaf.index === 0 ? { ...leaf, body: null } : leaf))
    expect(await check(pruned, root)).toMatchObject({
      isGood: true,
      segments: [{ state: 'pruned' }, {}, {}],
    })
  })
})
