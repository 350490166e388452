import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fakeClock } from '../testing/fake-clock.ts'
import { memoryDataKeys, memoryVault } from '../testing/memory-vault.ts'
import { openDataKeys } from './data-keys.ts'
import { suiteOf, type Slot } from './envelope.ts'
import { keyringProvider } from './key-provider.ts'
import { createKeyring, rotateKeyring, type Keyring } from './keyring.ts'
import { openVault, type SealedPlace } from './vault.ts'

const place: SealedPlace = { queue: 'refills', slot: 'input', anchor: 'job-a', seq: 0 }
const broken = { code: 'ORDERLY_SEAL_BROKEN' }

/** How many seals of one value are compared. */
const SEALS = Number(process.env['SEALS'] ?? 1_000_000)

describe('a sealed value', () => {
  const vault = memoryVault()

  it('opens where it was sealed, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('encrypted' as const, 'signed' as const),
        async (text, suite) => {
          const sealed = await vault.seal(text, place, suite)
          expect(sealed).toMatch(/^o1\.[\w-]+$/)
          expect(suiteOf(sealed)).toBe(suite)
          expect(await vault.open(sealed, place)).toBe(Buffer.from(text).toString())
        },
      ),
      { numRuns: 200 },
    )
  })

  it.each<[string, Partial<SealedPlace>]>([
    ['another job', { anchor: 'job-b' }],
    ['another queue', { queue: 'orders' }],
    ['another slot, such as the output of the same job', { slot: 'output' }],
    ['another attempt', { seq: 1 }],
  ])('does not open in %s', async (_where, other) => {
    for (const suite of ['encrypted', 'signed'] as const) {
      const sealed = await vault.seal('Jane Roe', place, suite)
      await expect(vault.open(sealed, { ...place, ...other })).rejects.toMatchObject(broken)
    }
  })

  it('does not open for another tenant', async () => {
    const keyring = createKeyring(0)
    const keys = openDataKeys(
      memoryDataKeys(),
      keyringProvider(() => keyring),
      fakeClock(),
    )
    const [one, two] = ['one', 'two'].map((tenant) => openVault(keys, fakeClock(), { tenant }))
    const sealed = await one!.seal('x', place, 'encrypted')
    await expect(two!.open(sealed, place)).rejects.toMatchObject(broken)
  })

  it('cannot pass from one place to a neighbour whose names read the same when joined', async () => {
    const sealed = await vault.seal('x', { ...place, queue: 'a', anchor: 'bc' }, 'encrypted')
    await expect(vault.open(sealed, { ...place, queue: 'ab', anchor: 'c' })).rejects.toMatchObject(
      broken,
    )
  })

  it('is refused in any other spelling of its suite, format or flags', async () => {
    for (const suite of ['encrypted', 'signed'] as const) {
      const sealed = await vault.seal('Jane Roe', place, suite)
      const bytes = Buffer.from(sealed.slice(3), 'base64url')
      for (const [at, value] of [
        [0, 2],
        [0, 0],
        [1, 1],
        [1, 2],
        [1, 3],
        [2, 1],
      ] as const) {
        if (bytes[at] === value) continue
        const changed = Buffer.from(bytes)
        changed[at] = value
        await expect(
          vault.open(`o1.${changed.toString('base64url')}`, place),
        ).rejects.toMatchObject(broken)
      }
    }
  })

  it('is refused in any but the one spelling of base64url', async () => {
    const sealed = await vault.seal('Jane Roe', place, 'encrypted')
    for (const text of [`${sealed}=`, `${sealed} `, `o1. ${sealed.slice(3)}`, `${sealed}\n`])
      await expect(vault.open(text, place)).rejects.toMatchObject(broken)
  })

  it('is refused when it is shortened or lengthened', async () => {
    const sealed = await vault.seal('x'.repeat(16 * 1024), place, 'encrypted')
    const bytes = Buffer.from(sealed.slice(3), 'base64url')
    for (const cut of [
      bytes.subarray(0, 19 + 56 + 16 * 1024 + 16),
      Buffer.concat([bytes, Buffer.of(0)]),
    ])
      await expect(vault.open(`o1.${cut.toString('base64url')}`, place)).rejects.toMatchObject(
        broken,
      )
  })

  it('does not open under the name of another data key', async () => {
    const other = await vault
      .blindIndex('force', 'a second key')
      .then(() => vault.seal('y', place, 'encrypted'))
    const sealed = await vault.seal('x', place, 'encrypted')
    const bytes = Buffer.from(sealed.slice(3), 'base64url')
    bytes[5]! ^= 1
    expect(other).not.toBe(sealed)
    await expect(vault.open(`o1.${bytes.toString('base64url')}`, place)).rejects.toMatchObject({
      code: 'ORDERLY_KEY_MISSING',
    })
  })

  it('never looks the same twice, however often (SEALS=1000000 for a million)', async () => {
    // Six bytes of each salt and of each ciphertext: equal values would share them all.
    const salts = new Float64Array(SEALS)
    const texts = new Float64Array(SEALS)
    for (let n = 0; n < salts.length; n++) {
      const sealed = await vault.seal('same', place, 'encrypted')
      const bytes = Buffer.from(sealed.slice(3), 'base64url')
      salts[n] = bytes.readUIntBE(19, 6)
      texts[n] = bytes.readUIntBE(bytes.length - 6, 6)
    }
    // By chance, 48 bits meet twice about 0.002 times in a million values.
    for (const seen of [salts, texts]) {
      const equal = seen
        .sort()
        .reduce((count, value, n) => count + (value === seen[n - 1] ? 1 : 0), 0)
      expect(equal).toBeLessThanOrEqual(1)
    }
  }, 180_000)

  it('opens only in a process whose scope has its queue', async () => {
    const lab = memoryVault(undefined, { mayOpen: (queue) => queue.startsWith('lab') })
    const sealed = await lab.seal('x', place, 'encrypted')
    await expect(lab.open(sealed, place)).rejects.toMatchObject({ code: 'ORDERLY_FORBIDDEN' })
  })
})

describe('keys', () => {
  const setUp = (first: Keyring) => {
    const clock = fakeClock()
    const state = { keyring: first as Keyring | Error, table: memoryDataKeys() }
    const provider = keyringProvider(() => {
      if (state.keyring instanceof Error) throw state.keyring
      return state.keyring
    })
    const open = () => openVault(openDataKeys(state.table, provider, clock), clock)
    return { clock, state, vault: open(), open }
  }

  it('are stored wrapped: the table alone opens nothing', async () => {
    const { state, vault } = setUp(createKeyring(0))
    const sealed = await vault.seal('x', place, 'encrypted')
    state.keyring = createKeyring(0)
    const thief = openVault(
      openDataKeys(
        state.table,
        keyringProvider(() => state.keyring as Keyring),
        fakeClock(),
      ),
      fakeClock(),
    )
    await expect(thief.open(sealed, place)).rejects.toMatchObject(broken)
  })

  it('open old values after a rotation, and wrap new data keys under the new key', async () => {
    const { clock, state, vault, open } = setUp(createKeyring(0))
    const sealed = await vault.seal('x', place, 'encrypted')
    state.keyring = rotateKeyring(state.keyring as Keyring, 1)
    expect(await open().open(sealed, place)).toBe('x')
    clock.advance(40 * 86_400_000)
    await open().seal('y', place, 'encrypted')
    expect(state.table.rows.map(({ wrappedBy }) => wrappedBy)).toEqual(['k1', 'k2'])
  })

  it('of a revoked key open nothing', async () => {
    const { state, vault, open } = setUp(createKeyring(0))
    const sealed = await vault.seal('x', place, 'encrypted')
    const rotated = rotateKeyring(state.keyring as Keyring, 1)
    state.keyring = {
      ...rotated,
      keys: rotated.keys.map((key) => (key.id === 'k1' ? { ...key, state: 'revoked' } : key)),
    }
    await expect(open().open(sealed, place)).rejects.toMatchObject({ code: 'ORDERLY_KEY_MISSING' })
  })

  it('that were destroyed leave values nobody can read, and say so', async () => {
    const { state, vault, open } = setUp(createKeyring(0))
    const sealed = await vault.seal('x', place, 'encrypted')
    state.table.rows[0] = { ...state.table.rows[0]!, state: 'destroyed', blob: '' }
    await expect(open().open(sealed, place)).rejects.toMatchObject({ code: 'ORDERLY_SHREDDED' })
  })

  it('are used for an hour more while their provider is away, and then no longer', async () => {
    const { clock, state, vault } = setUp(createKeyring(0))
    const sealed = await vault.seal('x', place, 'encrypted')
    const keyring = state.keyring
    state.keyring = new Error('503')
    clock.advance(30 * 60_000)
    expect(await vault.open(sealed, place)).toBe('x')
    await vault.seal('y', place, 'encrypted')
    clock.advance(90 * 60_000)
    await expect(vault.open(sealed, place)).rejects.toMatchObject({
      code: 'ORDERLY_KEY_UNAVAILABLE',
    })
    await expect(vault.seal('y', place, 'encrypted')).rejects.toMatchObject({
      code: 'ORDERLY_KEY_UNAVAILABLE',
    })
    state.keyring = keyring
    expect(await vault.open(sealed, place)).toBe('x')
  })

  it('are asked for once, however many ask at a time', async () => {
    let calls = 0
    const keyring = createKeyring(0)
    const provider = keyringProvider(() => keyring)
    const counted = {
      ...provider,
      unwrap: (...given: Parameters<typeof provider.unwrap>) => (
        calls++,
        provider.unwrap(...given)
      ),
    }
    const vault = openVault(openDataKeys(memoryDataKeys(), counted, fakeClock()), fakeClock())
    await Promise.all(Array.from({ length: 50 }, () => vault.seal('x', place, 'encrypted')))
    expect(calls).toBe(1)
  })
})

describe('a blind index', () => {
  const vault = memoryVault()

  it('is the same for the same value of a field, and for nothing else', async () => {
    const index = await vault.blindIndex('mrn', 'A-100')
    expect(index).toMatch(/^b1\.[\w-]{22}$/)
    expect(await vault.blindIndex('mrn', 'A-100')).toBe(index)
    expect(await vault.blindIndex('mrn', 'A-101')).not.toBe(index)
    expect(await vault.blindIndex('name', 'A-100')).not.toBe(index)
    expect(await memoryVault().blindIndex('mrn', 'A-100')).not.toBe(index)
  })

  it('does not mix up where the field ends and the value begins', async () => {
    expect(await vault.blindIndex('ab', 'c')).not.toBe(await vault.blindIndex('a', 'bc'))
  })

  it('finds a name however its accents are composed', async () => {
    const composed = await vault.blindIndex('name', 'Jos\u00e9')
    expect(await vault.blindIndex('name', 'Jose\u0301')).toBe(composed)
  })
})

const slots: Slot[] = ['input', 'output', 'error', 'progress', 'log', 'event', 'template', 'state']

describe('slots', () => {
  it.each(slots)('keeps %s apart from all others', async (slot) => {
    const vault = memoryVault()
    const sealed = await vault.seal('x', { ...place, slot }, 'encrypted')
    for (const other of slots.filter((name) => name !== slot))
      await expect(vault.open(sealed, { ...place, slot: other })).rejects.toMatchObject(broken)
  })
})
