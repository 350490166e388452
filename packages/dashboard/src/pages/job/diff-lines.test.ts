import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diffLines } from './diff-lines.ts'

const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 })

describe('the difference of two lists of lines', () => {
  it('holds both lists in their order, and common lines once', () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const diff = diffLines(before, after)
        const of = (left: string) =>
          diff.filter(({ side }) => side !== left).map(({ text }) => text)
        expect(of('come')).toEqual(before)
        expect(of('gone')).toEqual(after)
      }),
    )
  })

  it('finds nothing to tell of two that are the same', () => {
    fc.assert(
      fc.property(lines, (same) => {
        expect(diffLines(same, same).every(({ side }) => side === 'same')).toBe(true)
      }),
    )
  })
})
