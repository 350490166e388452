import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { namesInput } from './names-input.ts'
import { queuesOnly, searchForIds, statesOf, withStates, wordAt } from './search-text.ts'

describe('a search as it is typed', () => {
  it('knows the word the cursor stands in, quotes kept together', () => {
    expect(wordAt('state:failed error:"no such" x', 20)).toEqual({
      text: 'error:"no such"',
      from: 13,
      to: 28,
    })
    expect(wordAt('a  b', 2)).toMatchObject({ text: '', from: 2 })
  })

  it('puts states in and takes them out, and leaves the rest alone', () => {
    fc.assert(
      fc.property(fc.subarray(['failed', 'active', 'waiting-children']), (states) => {
        const changed = withStates('queue:mail state:completed tag:x', states)
        expect(statesOf(changed)).toEqual(states)
        expect(changed).toContain('queue:mail')
        expect(changed).toContain('tag:x')
      }),
    )
  })

  it('keeps what may be a patient’s value out of addresses', () => {
    expect(namesInput('input.mrn=123 type:x')).toBe(true)
    expect(namesInput('state:failed -input.mrn:1')).toBe(true)
    expect(namesInput('type:input.check')).toBe(false)
  })
})

describe('a search for rows that were chosen', () => {
  it('names each id, in quotes where it needs them', () => {
    expect(searchForIds(['mail-1', 'order 7'])).toBe('id:mail-1,"order 7"')
  })

  it('is none where they are too many to name', () => {
    expect(searchForIds(Array.from({ length: 201 }, (_, n) => `m${n}`))).toBeUndefined()
    expect(searchForIds(Array.from({ length: 150 }, () => 'x'.repeat(40)))).toBeUndefined()
  })
})

describe('what is new for a search', () => {
  it('is all that is added to its queues where it asks for nothing else', () => {
    expect(queuesOnly('')).toEqual([])
    expect(queuesOnly('queue:mail,pdf')).toEqual(['mail', 'pdf'])
    expect(queuesOnly('queue:mail state:failed')).toBeUndefined()
    expect(queuesOnly('-queue:mail')).toBeUndefined()
  })
})
