import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PriceRow } from '../shape/row.ts'
import { packRows, unpackRows } from './packed-rows.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const maybe = fc.option(text)
const whole = fc.nat()
const row: fc.Arbitrary<PriceRow> = fc.record({
  lineage: fc.record({ sheet: maybe, row: fc.nat(), byte: fc.option(whole) }),
  description: text,
  codes: fc.array(fc.record({ type: text, code: text }), { maxLength: 3 }),
  setting: fc.option(fc.constantFrom('inpatient', 'outpatient', 'both')),
  billingClass: fc.option(fc.constantFrom('professional', 'facility', 'both')),
  facility: maybe,
  modifiers: fc.array(text, { maxLength: 3 }),
  drug: fc.option(fc.record({ unit: text, type: text })),
  amounts: fc.array(
    fc.record({
      kind: fc.constantFrom('gross', 'cash', 'negotiated', 'min', 'max'),
      amount: fc.maxSafeNat(),
      payer: maybe,
      plan: maybe,
      methodology: maybe,
    }),
    { maxLength: 4 },
  ),
  terms: fc.array(
    fc.record({
      payer: maybe,
      plan: maybe,
      methodology: maybe,
      percent: maybe,
      algorithm: maybe,
      estimated: fc.option(whole),
      median: fc.option(whole),
      p10: fc.option(whole),
      p90: fc.option(whole),
      count: maybe,
      notes: maybe,
    }),
    { maxLength: 3 },
  ),
  notes: maybe,
  flags: fc.subarray(['no-amount', 'range', 'rounded', 'short-row']),
})

describe('packed rows', () => {
  it('come back as they were, whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
        expect(unpackRows(packRows(rows))).toEqual(rows)
      }),
    )
  })

  it('say a repeated word once', () => {
    const long = 'a payer with a very long name'
    const one = { ...BASE, notes: long }
    expect(packRows([one, one, one]).split(long)).toHaveLength(2)
  })
})

const BASE: PriceRow = {
  lineage: { sheet: null, row: 1, byte: 0 },
  description: 'x',
  codes: [],
  setting: null,
  billingClass: null,
  facility: null,
  modifiers: [],
  drug: null,
  amounts: [],
  terms: [],
  notes: null,
  flags: [],
}
