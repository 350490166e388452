import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addLines, type LogLine } from './log-lines.ts'

const LOG: readonly LogLine[] = Array.from({ length: 20 }, (_, at) => ({
  level: 'info',
  message: `line ${at}`,
}))

describe('the lines of a log', () => {
  it('stand once and in order however often and in what pieces they are told', () => {
    const piece = fc.tuple(fc.nat(19), fc.integer({ min: 1, max: 8 }))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        let all: readonly LogLine[] = []
        for (const [from, count] of pieces) all = addLines(all, from, LOG.slice(from, from + count))
        expect(all).toEqual(LOG.slice(0, all.length))
      }),
    )
  })
})
