import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readKeyFile, writeKeyFile } from './key-file.ts'
import {
  createKeyring,
  formatKeyring,
  marksOfKeyring,
  parseKeyring,
  rotateKeyring,
} from './keyring.ts'

const invalid = { code: 'ORDERLY_KEYRING_INVALID' }

describe('a keyring', () => {
  it('reads what it writes', () => {
    const keyring = rotateKeyring(createKeyring(0), 1)
    expect(parseKeyring(formatKeyring(keyring), 'here')).toEqual(keyring)
    expect(keyring.keys.map(({ id, state }) => [id, state])).toEqual([
      ['k1', 'decrypt'],
      ['k2', 'active'],
    ])
  })

  const good = JSON.parse(formatKeyring(createKeyring(0)))
  const key = good.keys[0]
  it.each<[string, unknown]>([
    ['no JSON', '{'],
    ['another version', { ...good, v: 2 }],
    ['no keys', { v: 1, active: 'k1' }],
    ['an active key that is not there', { ...good, active: 'k9' }],
    ['an active key that only opens', { ...good, keys: [{ ...key, state: 'decrypt' }] }],
    ['a short key', { ...good, keys: [{ ...key, k: 'c2hvcnQ=' }] }],
    ['one key twice', { ...good, keys: [key, key] }],
    ['an unknown state', { ...good, keys: [{ ...key, state: 'maybe' }] }],
  ])('with %s is refused, and the message shows none of it', (_what, document) => {
    const text = typeof document === 'string' ? document : JSON.stringify(document)
    expect(() => parseKeyring(text, 'here')).toThrow(expect.objectContaining(invalid))
    expect(() => parseKeyring(text, 'here')).not.toThrow(key.k)
  })
})

describe('the marks of a keyring', () => {
  it('stay when it is rotated, are none of another, and hold nothing of a key', () => {
    const keyring = createKeyring(0)
    const marks = marksOfKeyring(keyring)
    expect(marksOfKeyring(rotateKeyring(keyring, 1))).toEqual([...marks, expect.any(String)])
    expect(marksOfKeyring(createKeyring(0))).not.toEqual(marks)
    expect(Buffer.from(keyring.active.bytes).toString('hex')).not.toContain(marks[0]!.slice(0, 8))
  })
})

describe('a keyring file', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'orderly-keys-'))
    file = join(folder, 'deep', 'keyring.json')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('is its owner’s alone', () => {
    writeKeyFile(file, createKeyring(0), true)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readKeyFile(file)?.active.id).toBe('k1')
  })

  it.each([0o644, 0o640, 0o604, 0o660])('that others may read (%o) is refused', (mode) => {
    writeKeyFile(file, createKeyring(0), true)
    chmodSync(file, mode)
    expect(() => readKeyFile(file)).toThrow(/chmod 600/)
  })

  it('is not there before it is made', () => {
    expect(readKeyFile(file)).toBeUndefined()
  })

  it('is never made over one that is there', () => {
    writeKeyFile(file, createKeyring(0), true)
    const before = readFileSync(file, 'utf8')
    expect(() => writeKeyFile(file, createKeyring(0), true)).toThrow(
      expect.objectContaining(invalid),
    )
    expect(readFileSync(file, 'utf8')).toBe(before)
  })

  it('is replaced whole by a rotation, and stays its owner’s alone', () => {
    writeKeyFile(file, createKeyring(0), true)
    writeKeyFile(file, rotateKeyring(readKeyFile(file)!, 1), false)
    expect(readKeyFile(file)?.keys).toHaveLength(2)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('that is no keyring is refused', () => {
    writeKeyFile(file, createKeyring(0), true)
    writeFileSync(file, 'Jane Roe')
    expect(() => readKeyFile(file)).toThrow(expect.objectContaining(invalid))
    expect(() => readKeyFile(file)).not.toThrow(/Jane/)
    expect(() => readKeyFile(folder)).toThrow(expect.objectContaining(invalid))
  })
})
