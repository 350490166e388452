import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPlaceholder, plainMoney, readMoney } from './money.ts'

const amount = (value: number, rounded = false) => ({ is: 'amount', amount: value, rounded })

describe('money', () => {
  it('is read to the ten-thousandth from every spelling that price files use', () => {
    expect(readMoney('$2,380.00 ')).toEqual(amount(23_800_000))
    expect(readMoney(' 56.00 ')).toEqual(amount(560_000))
    expect(readMoney('1,234')).toEqual(amount(12_340_000))
    expect(readMoney('.5')).toEqual(amount(5000))
    expect(readMoney('7.')).toEqual(amount(70_000))
    expect(readMoney('$ 1,000')).toEqual(amount(10_000_000))
    expect(readMoney('USD 12.50')).toEqual(amount(125_000))
    expect(readMoney('1.5E3')).toEqual(amount(15_000_000))
    expect(readMoney('25E-1')).toEqual(amount(25_000))
    expect(readMoney('\u00a0$3')).toEqual(amount(30_000))
  })

  it('rounds float noise half up, by digits, and says so', () => {
    expect(readMoney('1982.1409999999998')).toEqual(amount(19_821_410, true))
    expect(readMoney('0.00005')).toEqual(amount(1, true))
    expect(readMoney('0.00004999')).toEqual(amount(0, true))
    expect(readMoney('251.29999999999998')).toEqual(amount(2_513_000, true))
    expect(readMoney('1.00000000')).toEqual(amount(10_000))
  })

  it('knows what stands where no price is: nothing, words, or a rule', () => {
    for (const blank of ['', '-', '$-', ' $ -   ', 'N/A', 'n.a.', 'None', 'not available', '*'])
      expect(readMoney(blank), blank).toEqual({ is: 'none', because: 'blank' })
    for (const words of ['Mark Up', 'varies', 'I.C.', 'ERX', 'abc'])
      expect(readMoney(words), words).toEqual({ is: 'none', because: 'words' })
    for (const rule of ['60%', 'Cost + 25'])
      expect(readMoney(rule), rule).toEqual({ is: 'none', because: 'rule' })
  })

  it('refuses negative amounts in each of their spellings', () => {
    for (const text of ['-12', '(12.00)', '($1,200.00)', '-$5', '$-5', '12-'])
      expect(readMoney(text)).toEqual({ is: 'negative' })
    expect(readMoney('-0.00')).toEqual(amount(0))
  })

  it('reads a range as its two ends', () => {
    const range = { is: 'range', low: 40_090_000, high: 175_840_000, rounded: false }
    expect(readMoney('$4,009 - $17,584')).toEqual(range)
    expect(readMoney('4009 to 17584')).toEqual(range)
    expect(readMoney('$17,584 - $4,009')).toEqual({ is: 'unreadable' })
  })

  it('does not guess at what has digits but is no amount', () => {
    for (const text of [
      '12.3.4',
      '1,23',
      '12 per unit',
      '1-2-3',
      '(12',
      '123456789012',
      '1e99',
      '2019-01-17',
    ])
      expect(readMoney(text)).toEqual({ is: 'unreadable' })
  })

  it('agrees with whole-number arithmetic for every amount of up to four decimals', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 99_999_999_999n }),
        fc.integer({ min: 0, max: 4 }),
        fc.integer({ min: 0, max: 9999 }),
        fc.constantFrom('', '$', '$ '),
        fc.boolean(),
        (whole, decimals, fraction, sign, commas) => {
          const digits = String(fraction).padStart(4, '0').slice(0, decimals)
          const written = commas ? whole.toLocaleString('en-US') : String(whole)
          const text = `${sign}${written}${decimals === 0 ? '' : `.${digits}`}`
          const expected = Number(whole * 10_000n + BigInt(digits.padEnd(4, '0')))
          expect(readMoney(text)).toEqual(amount(expected))
          const plain = plainMoney(text)
          expect(plain === -1 || plain === expected).toBe(true)
        },
      ),
    )
  })

  it('never throws, and never yields a fraction', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const reading = readMoney(text)
        if (reading.is === 'amount') expect(Number.isSafeInteger(reading.amount)).toBe(true)
      }),
    )
  })

  it('spots a row of nines', () => {
    expect(isPlaceholder(999_999_999 * 10_000)).toBe(true)
    expect(isPlaceholder(9_999_999_900)).toBe(false)
    expect(isPlaceholder(99_999_990_000)).toBe(true)
    expect(isPlaceholder(9_999_900_000)).toBe(false)
    expect(isPlaceholder(999_999_980_000)).toBe(false)
  })
})
