import { describe, expect, it } from 'vitest'
import { OrderlyError } from '../primitives/errors.ts'
import { memoryVault } from '../testing/memory-vault.ts'
import { describeError, framesIn, maskError, readMasked } from './masked-error.ts'

const TOKEN = 'Jane Roe 123-45-6789'
const vault = memoryVault()

function thrownBy(fn: () => unknown): Error {
  try {
    fn()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

/** Errors of libraries that quote what they were given. */
const speaking: [string, () => Error][] = [
  ['JSON.parse', () => thrownBy(() => JSON.parse(TOKEN))],
  ['URL', () => thrownBy(() => new URL(TOKEN))],
  [
    'pg',
    () =>
      Object.assign(new Error('duplicate key'), {
        detail: `Key (name)=(${TOKEN}) exists.`,
        where: TOKEN,
      }),
  ],
  [
    'axios',
    () => Object.assign(new Error('400'), { config: { data: TOKEN }, response: { data: TOKEN } }),
  ],
  [
    'a nested cause',
    () => new Error('outer', { cause: new Error(TOKEN, { cause: new Error(TOKEN) }) }),
  ],
  ['an AggregateError', () => new AggregateError([new Error(TOKEN)], TOKEN)],
  ['a name', () => Object.assign(new Error('x'), { name: TOKEN })],
  [
    'a stack that was written by hand',
    () =>
      Object.assign(new Error('x'), {
        stack: `Error: ${TOKEN}\n    at ${TOKEN} (/x.ts:1:1)\n    at f (/home/${TOKEN}.ts:1:1)`,
      }),
  ],
  ['an OrderlyError of a handler', () => new OrderlyError('ORDERLY_INPUT_INVALID', TOKEN)],
]

describe('a masked error', () => {
  it.each(speaking)('says nothing of what an error of %s says', async (_library, make) => {
    const masked = await maskError(make(), vault)
    const all = [masked.message, masked.stack, JSON.stringify(masked), String(masked)].join('\n')
    expect(all).not.toMatch(/Jane|Roe|6789/)
    expect(masked.message).toMatch(/^ORDERLY_[A-Z_]+#[0-9a-f]{12}$/)
    expect(readMasked(masked.message)).toEqual({
      code: masked.code,
      fingerprint: masked.fingerprint,
    })
  })

  it.each(speaking)('leaves the whole of an error of %s for the seal', (_library, make) => {
    expect(describeError(make())).toContain('Jane Roe')
  })

  it('has one fingerprint for one place, whatever was said there', async () => {
    const at = (text: string): Error => new TypeError(text)
    const [one, two] = await Promise.all(['a', 'b'].map(async (text) => maskError(at(text), vault)))
    const elsewhere = await maskError(new TypeError('a'), vault)
    expect(one!.fingerprint).toBe(two!.fingerprint)
    expect(one!.fingerprint).not.toBe(elsewhere.fingerprint)
  })

  it.each([
    ['of the program itself', 'print (/srv/clinic/jobs.ts:9:3)'],
    ['of Orderly alone', 'parse (/srv/house/packages/orderly/src/job/payload.ts:37:9)'],
  ])('has one fingerprint for a place %s, however far back its stack goes', async (_, frame) => {
    const thrown = (...more: string[]): Error =>
      Object.assign(new Error('x'), {
        stack: ['Error: x', ...[frame, ...more].map((one) => `    at ${one}`)].join('\n'),
      })
    const far = 'async Worker.processJob (/srv/clinic/node_modules/bullmq/dist/worker.js:595:1)'
    const near = 'async run (/srv/house/packages/orderly/src/runtime/execute.ts:2:2)'
    const prints = await Promise.all(
      [thrown(), thrown(near), thrown(near, far)].map((error) => maskError(error, vault)),
    )
    expect(new Set(prints.map(({ fingerprint }) => fingerprint)).size).toBe(1)
  })

  it('keeps frames that say where it was thrown', async () => {
    const masked = await maskError(new Error('x'), vault)
    expect(masked.stack).toContain('masked-error.test.ts')
    expect(masked.stack).not.toContain(process.cwd())
  })
})

describe('the frames of a described error', () => {
  it('are the program’s own first; those of packages and of Orderly stand apart', () => {
    const stack = [
      'Error: no paper',
      '    at print (/srv/clinic/jobs.ts:9:3)',
      '    at call (/srv/clinic/node_modules/lib/a.js:1:1)',
      '    at run (/srv/house/packages/orderly/dist/runtime/execute.js:2:2)',
      '    at late (/srv/clinic/late.ts:4:4)',
    ].join('\n')
    const { own, library } = framesIn(JSON.stringify({ stack }))
    expect(own).toEqual(['at print (srv/clinic/jobs.ts:9:3)', 'at late (srv/clinic/late.ts:4:4)'])
    expect(library).toHaveLength(2)
    expect(framesIn('no description')).toEqual({ own: [], library: [] })
  })
})

describe('describing an error', () => {
  const circular: Record<string, unknown> = {}
  circular['self'] = circular
  it.each<[string, unknown]>([
    ['null', null],
    ['a string', TOKEN],
    ['a circular object', circular],
    ['a symbol', Symbol('x')],
    [
      'an error that contains itself',
      (() => {
        const error = new Error('x')
        error.cause = error
        return error
      })(),
    ],
    [
      'an error whose property throws',
      Object.defineProperty(new Error('x'), 'own', { get: () => thrownBy(() => JSON.parse('{')) }),
    ],
  ])('never throws, not for %s', (_what, thrown) => {
    expect(() => JSON.parse(describeError(thrown))).not.toThrow()
  })

  it('is bounded, whatever the error holds', () => {
    const huge = Object.assign(new Error('x'.repeat(50_000_000)), { detail: 'y'.repeat(1_000_000) })
    expect(describeError(huge).length).toBeLessThan(50_000)
    const many = new AggregateError(Array.from({ length: 10 }, () => new Error('z'.repeat(9_000))))
    const described = describeError(Object.assign(new Error('the first'), { cause: many }))
    expect(described).toContain('the first')
    expect(described.length).toBeLessThan(50_000)
  })
})
