import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decrypt, encrypt } from './cobblestone.ts'

const key = Uint8Array.from({ length: 32 }, (_, n) => n)
const context = Buffer.from('orderly test context')
const CHUNK = 16 * 1024
const HEAD = 56

describe('suite 1', () => {
  it('opens what another implementation of the specification sealed', () => {
    // Made with Python's hmac and the cryptography package: key 00…1f, salt 64…7b.
    const sealed = Buffer.from(
      '6465666768696a6b6c6d6e6f707172737475767778797a7b3bb31b0d5aa0eded3946aff70897480a337758861cc6caa234c01a375149b68d' +
        '76a724907a99d677804b65e8806eef4ff8b3dc0802724b8a',
      'hex',
    )
    expect(decrypt(key, context, sealed)?.toString()).toBe('Jane Roe')
  })

  it.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 100_000])(
    'opens its own message of %i bytes',
    (length) => {
      const message = randomBytes(length)
      expect(decrypt(key, context, encrypt(key, context, message))).toEqual(message)
    },
  )

  it('refuses any message in which one bit is not what it was', () => {
    const sealed = encrypt(key, context, Buffer.from('Jane Roe, 1961-02-03'))
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(decrypt(key, context, changed)).toBeUndefined()
    }
  })

  it('refuses a message that was cut at the end of a chunk', () => {
    const sealed = encrypt(key, context, randomBytes(2 * CHUNK))
    expect(decrypt(key, context, sealed.subarray(0, HEAD + CHUNK + 16))).toBeUndefined()
    expect(decrypt(key, context, sealed.subarray(0, HEAD + 2 * (CHUNK + 16)))).toBeUndefined()
  })

  it('refuses a message with a byte more', () => {
    const sealed = encrypt(key, context, randomBytes(CHUNK))
    expect(decrypt(key, context, Buffer.concat([sealed, Buffer.of(0)]))).toBeUndefined()
  })

  it('refuses a message under another key or in another context', () => {
    const sealed = encrypt(key, context, Buffer.from('x'))
    expect(decrypt(randomBytes(32), context, sealed)).toBeUndefined()
    expect(decrypt(key, Buffer.from('orderly test contexT'), sealed)).toBeUndefined()
  })

  it('never throws, whatever it is given to open', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decrypt(key, context, bytes)).toBeUndefined()
      }),
    )
  })
})
