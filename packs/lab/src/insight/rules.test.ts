import { describe, expect, it } from 'vitest'
import { findInsights, meansZ, proportionZ, type InsightFacts, type OrderFact } from './rules.ts'

const order = (change: Partial<OrderFact> = {}): OrderFact => ({
  partner: 'Birch',
  product: 'single vision',
  revenue: 10_000,
  days: 3,
  remakes: 0,
  ...change,
})
const orders = (n: number, change: (at: number) => Partial<OrderFact> = () => ({})): OrderFact[] =>
  Array.from({ length: n }, (_, at) =>
    order({ partner: `p${at % 5}`, days: 3 + (at % 3), ...change(at) }),
  )
const NOTHING: InsightFacts = {
  current: [],
  previous: [],
  stock: [],
  patients: { seen: 0, returning: 0, seenBefore: 0, returningBefore: 0 },
}
const rules = (area: Parameters<typeof findInsights>[0], facts: Partial<InsightFacts>): string[] =>
  findInsights(area, { ...NOTHING, ...facts }).map(({ rule }) => rule)

describe('insights', () => {
  it('are none where there is too little, or nothing has changed', () => {
    const few = { current: orders(5, () => ({ remakes: 1 })), previous: orders(5) }
    for (const area of ['revenue', 'inventory', 'patient-care', 'operations'] as const) {
      expect(rules(area, few)).toEqual([])
      expect(rules(area, { current: orders(200), previous: orders(200) })).toEqual([])
    }
  })
  it('see remakes, slower work, dearer orders and a shift of the mix, each with its size', () => {
    expect(
      rules('operations', {
        current: orders(100, (at) => ({ remakes: Number(at % 5 === 0) })),
        previous: orders(100),
      }),
    ).toEqual(['remake-rate'])
    expect(
      rules('operations', {
        current: orders(100, (at) => ({ days: 5 + (at % 3) })),
        previous: orders(100),
      }),
    ).toEqual(['cycle-time'])
    expect(
      rules('revenue', {
        current: orders(100, (at) => ({ revenue: 12_000 + at })),
        previous: orders(100, (at) => ({ revenue: 10_000 + at })),
      }),
    ).toEqual(['order-value'])
    const mixed = findInsights('revenue', {
      ...NOTHING,
      current: orders(100, (at) => ({ product: at % 2 ? 'progressive' : 'single vision' })),
      previous: orders(100),
    })
    expect(mixed.map(({ rule, effect }) => [rule, effect.value])).toEqual([
      ['revenue-mix-shift', -0.5],
      ['revenue-mix-shift', 0.5],
    ])
  })
  it('see one partner who is nearly all, stock that lies, and patients who do not come back', () => {
    expect(
      rules('revenue', {
        current: orders(100, (at) => ({ partner: at < 70 ? 'big' : 'small' })),
        previous: [],
      }),
    ).toEqual(['partner-concentration'])
    expect(
      rules('inventory', {
        stock: [
          { sku: 'OLD', onHand: 400, monthly: 2 },
          { sku: 'NEW', onHand: 40, monthly: 30 },
        ],
      }),
    ).toEqual(['idle-stock'])
    expect(
      rules('patient-care', {
        patients: { seen: 200, returning: 60, seenBefore: 200, returningBefore: 110 },
      }),
    ).toEqual(['returning-patients'])
  })
  it('measure how far apart shares and means are, by worked examples', () => {
    expect(proportionZ(60, 200, 110, 200)).toBeCloseTo(-5.06, 2)
    expect(meansZ([5, 6, 7], [1, 2, 3])).toBeCloseTo(4.899, 2)
    expect(proportionZ(0, 10, 0, 10)).toBe(0)
  })
})
