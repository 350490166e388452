import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PriceRow } from '../shape/row.ts'
import { packItems, unpackItems } from './packed-items.ts'
import { ItemGatherer, type StagedItem } from './staged-items.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 3 })
const maybe = fc.option(text)
const figure = fc.option(fc.nat())
const row: fc.Arbitrary<PriceRow> = fc.record({
  lineage: fc.record({ sheet: maybe, row: fc.nat(), byte: figure }),
  description: fc.constantFrom('a', 'b'),
  codes: fc.array(fc.record({ type: text, code: text }), { maxLength: 1 }),
  setting: fc.option(fc.constantFrom('inpatient', 'outpatient', 'both')),
  billingClass: fc.option(fc.constantFrom('professional', 'facility', 'both')),
  facility: fc.constantFrom(null, 'north'),
  modifiers: fc.array(fc.constantFrom('26', 'TC'), { maxLength: 1 }),
  drug: fc.option(fc.record({ unit: text, type: text })),
  amounts: fc.array(
    fc.record({
      kind: fc.constantFrom('gross', 'negotiated'),
      amount: fc.oneof(fc.constantFrom(1, 2), fc.maxSafeNat()),
      payer: fc.constantFrom(null, 'Aetna', ''),
      plan: fc.constantFrom(null, 'PPO'),
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
      estimated: figure,
      median: figure,
      p10: figure,
      p90: figure,
      count: maybe,
      notes: maybe,
    }),
    { maxLength: 2 },
  ),
  notes: maybe,
  flags: fc.constant([]),
})
const rows = fc.array(row, { maxLength: 12 })

function gatherItems(given: readonly PriceRow[]): StagedItem[] {
  const gatherer = new ItemGatherer()
  const middle = Math.floor(given.length / 2)
  gatherer.add(given.slice(0, middle))
  gatherer.add(given.slice(middle))
  return gatherer.take()
}

/** Every (item, amount) the rows name, with how many rows name it: the plain way to say the same. */
function counted(given: readonly PriceRow[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const each of given) {
    for (const amount of each.amounts) {
      const key = keyOf(each, amount)
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  return counts
}

function keyOf(
  item: Omit<StagedItem, 'prices' | 'terms' | 'place'>,
  amount: PriceRow['amounts'][number],
): string {
  const { description, codes, setting, billingClass, facility, modifiers, drug } = item
  const { kind, amount: value, payer, plan, methodology } = amount
  return JSON.stringify([
    description, codes, setting, billingClass, facility, modifiers, drug, kind, value, payer, plan, methodology,
  ]) // prettier-ignore
}

describe('staged items', () => {
  it('say as often as the rows what anything costs, and what costs everybody the same only once', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const gathered = new Map<string, number>()
        for (const item of gatherItems(given)) {
          for (const price of item.prices) {
            const key = keyOf(item, price)
            const isGeneral = price.payer === null && price.plan === null
            if (isGeneral) expect(gathered.has(key)).toBe(false)
            gathered.set(key, (gathered.get(key) ?? 0) + price.copies)
          }
        }
        expect(gathered).toEqual(counted(given))
      }),
    )
  })

  it('start anew once they have been taken', () => {
    fc.assert(
      fc.property(rows, rows, (first, second) => {
        const gatherer = new ItemGatherer()
        gatherer.add(first)
        gatherer.take()
        gatherer.add(second)
        expect(gatherer.take()).toEqual(gatherItems(second))
      }),
    )
  })

  it('keep the place of a row that said a price, of the first one where several did, and every payer term', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const items = gatherItems(given)
        for (const item of items) {
          for (const price of item.prices) {
            const first = given.find((each) =>
              each.amounts.some((amount) => keyOf(each, amount) === keyOf(item, price)),
            )
            expect(price.place).toEqual(first!.lineage)
          }
        }
        const terms = items.reduce((sum, item) => sum + item.terms.length, 0)
        expect(terms).toBe(given.reduce((sum, each) => sum + each.terms.length, 0))
      }),
    )
  })

  it('come back from their packed form as they were', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const items = gatherItems(given)
        expect(unpackItems(packItems(items))).toEqual(items)
      }),
    )
  })
})
