import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSearch } from './parse.ts'
import { printSearch, type Search, type SearchTerm } from './search.ts'

const key = fc
  .stringMatching(/^[A-Za-z][\w$-]{0,12}(\.[\w$-]{1,8}){0,2}$/)
  .filter((text) => text !== 'sort')
const value = fc
  .record({
    text: fc.string({ maxLength: 30, unit: 'grapheme' }),
    comparison: fc.constantFrom('>', '>=', '<', '<=', undefined),
    prefix: fc.constantFrom(true as const, undefined),
  })
  .map(({ text, comparison, prefix }) => ({
    text,
    ...(comparison ? { comparison } : {}),
    ...(prefix ? { prefix } : {}),
  }))
const term: fc.Arbitrary<SearchTerm> = fc
  .record({
    key: fc.oneof(key, fc.constant('')),
    not: fc.constantFrom(true as const, undefined),
    values: fc.array(value, { minLength: 1, maxLength: 4 }),
  })
  .map(({ key: name, not, values }) => ({ key: name, ...(not ? { not } : {}), values }))
const search: fc.Arbitrary<Search> = fc
  .record({
    terms: fc.array(term, { maxLength: 6 }),
    order: fc.option(
      fc.record({ by: fc.constantFrom('created', 'duration'), descending: fc.boolean() }),
      {
        nil: undefined,
      },
    ),
  })
  .map(({ terms, order }) => ({ terms, ...(order ? { order } : {}) }))

describe('parseSearch', () => {
  it('reads back every search that is printed', () => {
    fc.assert(
      fc.property(search, (given) => {
        expect(parseSearch(printSearch(given))).toEqual(given)
      }),
      { numRuns: 2_000 },
    )
  })

  it('keeps an equals sign out of the comparison before it', () => {
    const given: Search = { terms: [{ key: 'a', values: [{ text: '=b', comparison: '>' }] }] }
    expect(printSearch(given)).toBe('a:>"=b"')
    expect(parseSearch(printSearch(given))).toEqual(given)
  })

  it('reads any text or names the place of its fault, and nothing of the text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60, unit: 'grapheme' }), (text) => {
        try {
          const read = parseSearch(text)
          expect(parseSearch(printSearch(read))).toEqual(read)
        } catch (error) {
          expect(error).toMatchObject({ code: 'ORDERLY_INPUT_INVALID' })
          expect((error as Error).message).toMatch(
            /^the search cannot be read at character \d+: [a-z0-9 ,:"-]+$/i,
          )
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('reads the examples people are shown', () => {
    expect(
      parseSearch(
        'state:failed,active -tag:test attempt:>2 error:"E CONN" input.orderId=123 fp:9f* sort:-duration',
      ),
    ).toEqual({
      terms: [
        { key: 'state', values: [{ text: 'failed' }, { text: 'active' }] },
        { key: 'tag', not: true, values: [{ text: 'test' }] },
        { key: 'attempt', values: [{ text: '2', comparison: '>' }] },
        { key: 'error', values: [{ text: 'E CONN' }] },
        { key: 'input.orderId', values: [{ text: '123' }] },
        { key: 'fp', values: [{ text: '9f', prefix: true }] },
      ],
      order: { by: 'duration', descending: true },
    })
  })

  it.each([
    ['state:', 7],
    ['tag:"open', 5],
    ['state:a,,b', 9],
    ['sort:a,b', 1],
    ['a"b"', 2],
  ])('names the place where %s cannot be read', (text, place) => {
    expect(() => parseSearch(text)).toThrow(`at character ${place}`)
  })
})
