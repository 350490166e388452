import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { checkJson } from './json-value.ts'
import type { Schema } from './schema.ts'

const NAME = 'Jane Roe'
const input = z.object({
  at: z.any(),
  list: z.array(z.any()),
  byPatient: z.record(z.string(), z.any()),
})
const job = { name: 'visit', input }

class Patient {
  name = NAME
}

const circle: Record<string, unknown> = {}
circle['self'] = circle
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])

describe('an input that JSON cannot carry', () => {
  it.each<[string, unknown, string]>([
    ['a date', { at: new Date(0) }, 'at'],
    ['a BigInt', { at: 1n }, 'at'],
    ['NaN', { at: NaN }, 'at'],
    ['infinity', { list: [1, -Infinity] }, 'list[1]'],
    ['undefined in an array', { list: [undefined] }, 'list[0]'],
    ['a hole in an array', { list: Array(2) }, 'list[0]'],
    ['a map', { at: new Map([[NAME, 1]]) }, 'at'],
    ['bytes', { at: new Uint8Array(2) }, 'at'],
    ['a function', { byPatient: { [NAME]: () => 1 } }, 'byPatient[…]'],
    ['a method to be JSON', { at: { toJSON: () => 1 } }, 'at[…]'],
    ['a symbol', { at: Symbol(NAME) }, 'at'],
    ['an instance of a class', { byPatient: { [NAME]: new Patient() } }, 'byPatient[…]'],
    ['a date at its root', new Date(0), 'its root'],
  ])('is refused with %s, at a place in words of the schema', (_what, value, place) => {
    const check = (): void => checkJson(job, value)
    expect(check).toThrowError(
      expect.objectContaining({
        code: 'ORDERLY_INPUT_INVALID',
        message: expect.stringContaining(`cannot be stored at ${place}: input is stored as JSON`),
      }),
    )
    expect(check).not.toThrowError(NAME)
  })

  it('is refused when it holds itself, or is too deep', () => {
    for (const value of [{ at: circle }, { at: nested(64) }])
      expect(() => checkJson(job, value)).toThrowError(
        expect.objectContaining({ code: 'ORDERLY_INPUT_INVALID' }),
      )
    expect(() => checkJson(job, { at: nested(62) })).not.toThrow()
  })

  it('shows none of its words where the schema cannot be looked into', () => {
    const foreign: Schema = {
      '~standard': { version: 1, vendor: 'other', validate: (value) => ({ value }) },
    }
    expect(() => checkJson({ name: 'visit', input: foreign }, { [NAME]: [1n] })).toThrowError(
      expect.objectContaining({ message: expect.stringContaining('at […][0]:') }),
    )
  })

  it('is none that JSON brought', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 20 }), (value) => {
        checkJson(job, JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('is found: what passes comes back equal', () => {
    const anything = fc.anything({
      withDate: true,
      withMap: true,
      withBigInt: true,
      withSparseArray: true,
    })
    fc.assert(
      fc.property(anything, (value) => {
        try {
          checkJson(job, value)
        } catch {
          return
        }
        if (value !== undefined) expect(JSON.parse(JSON.stringify(value))).toEqual(unsigned(value))
      }),
    )
  })
})

/** The same without the sign of zeros, which JSON does not write. */
function unsigned(value: unknown): unknown {
  if (Object.is(value, -0)) return 0
  if (Array.isArray(value)) return value.map(unsigned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unsigned(inner)]))
}
