import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasRightToLeft, startsRightToLeft, visualRuns } from './bidi.ts'

/** As UAX #9 draws its examples: capitals are read from right to left. */
const HEBREW = 'אבגדהוזחטיכלמנסעפצקרשתםןףץ'
const toHebrew = (text: string): string =>
  text.replaceAll(/[A-Z]/g, (letter) => HEBREW[letter.charCodeAt(0) - 65]!)
const toCapitals = (text: string): string =>
  Array.from(text)
    .map((char) => (HEBREW.includes(char) ? String.fromCharCode(65 + HEBREW.indexOf(char)) : char))
    .join('')

function drawn(text: string): string {
  const line = toHebrew(text)
  return visualRuns(line, startsRightToLeft(line))
    .map(({ isRightToLeft, text: run }) =>
      toCapitals(isRightToLeft ? Array.from(run).toReversed().join('') : run),
    )
    .join('')
}

describe('a line with words from right to left', () => {
  it.each([
    ['car means CAR.', 'car means RAC.'],
    ['CAR means car', 'means car RAC'],
    ['CAR MEANS car.', '.car SNAEM RAC'],
    ['dr. (SMITH) JONES', 'dr. (HTIMS) SENOJ'],
    ['SMITH (lakeside lab) JONES', 'SENOJ (lakeside lab) HTIMS'],
    ['for DANA COHEN, tray 7', 'for NEHOC ANAD, tray 7'],
    ['BORN 1972-05-30', '1972-05-30 NROB'],
    ['PRICE $12.50 OK', 'KO $12.50 ECIRP'],
    ['A (B) C', 'C (B) A'],
  ])('%s', (text, visual) => {
    expect(drawn(text)).toBe(visual)
  })
  it('takes numbers after Arabic letters as Arabic ones', () => {
    const [first, , last] = visualRuns('غرفة 12 5', true).map(({ text }) => text.trim())
    expect([first, last]).toEqual(['5', '12'])
  })
  it('is the line itself where nothing is, and loses no character where something is', () => {
    expect(hasRightToLeft('Łukasik (2)')).toBe(false)
    expect(visualRuns('Łukasik (2)', false)).toEqual([
      { text: 'Łukasik (2)', isRightToLeft: false },
    ])
    const char = fc.constantFrom(...Array.from('אבجدab 12.,-$%()[]«» \u05B8\u0661'))
    fc.assert(
      fc.property(fc.array(char, { maxLength: 30 }), fc.boolean(), (chars, isRight) => {
        const runs = visualRuns(chars.join(''), isRight)
        const plain = (text: string): string[] =>
          Array.from(text.replaceAll(/[()[\]«»]/g, '|')).toSorted()
        expect(plain(runs.map(({ text }) => text).join(''))).toEqual(plain(chars.join('')))
        for (const { isRightToLeft, text } of runs)
          if (/[ab]/.test(text)) expect(isRightToLeft).toBe(false)
          else if (/[אבجد]/.test(text)) expect(isRightToLeft).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
