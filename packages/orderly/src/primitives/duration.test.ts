import { describe, expect, it } from 'vitest'
import { milliseconds, spanOf, type Duration } from './duration.ts'

describe('a duration', () => {
  it.each<[Duration, number]>([
    ['250ms', 250],
    ['1.5s', 1_500],
    ['2w', 1_209_600_000],
    ['36525d', 36_525 * 86_400_000],
  ])('%s is %d ms', (duration, length) => {
    expect(milliseconds(duration)).toBe(length)
  })

  it.each([
    ['no unit', '90'],
    ['a sign', '-1s'],
    ['a word', 'Jane Doe'],
    ['more than 100 years', '36526d'],
    ['more digits than a number holds', `${'9'.repeat(400)}w`],
    ['a number in place of text', 90],
    ['nothing', undefined],
  ])('with %s is refused, and what was given is not shown', (_what, given) => {
    const refused = (): number => milliseconds(given as Duration)
    expect(refused).toThrowError(expect.objectContaining({ code: 'ORDERLY_DEFINITION_INVALID' }))
    expect(refused).not.toThrowError(new RegExp(`"${given}"|Jane|999|36526`))
  })

  it('of a bounded kind says whose it is, and under the code of who asks', () => {
    expect(spanOf('delay', '0ms', 'ORDERLY_INPUT_INVALID', 0)).toBe(0)
    for (const given of ['0ms', '3654d', 'Jane'] as Duration[])
      expect(() => spanOf('"delay"', given, 'ORDERLY_INPUT_INVALID')).toThrowError(
        expect.objectContaining({
          code: 'ORDERLY_INPUT_INVALID',
          message: expect.stringMatching(/^"delay" is a number and a unit/),
        }),
      )
  })
})
