import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { takeTokens, type Bucket, type Rate } from './token-bucket.ts'

const rates = fc.record({
  limit: fc.integer({ min: 1, max: 1_000 }),
  per: fc.integer({ min: 1, max: 100_000 }),
})
const asks = fc.array(
  fc.record({
    after: fc.integer({ min: -50, max: 5_000 }),
    units: fc.integer({ min: 1, max: 50 }),
  }),
  { maxLength: 60 },
)

function play(rate: Rate, given: readonly { after: number; units: number }[]) {
  let bucket: Bucket | undefined
  let now = 1_000_000
  const taken: { at: number; units: number }[] = []
  for (const { after, units } of given) {
    now += after
    const { bucket: next, wait } = takeTokens(bucket, rate, units, now)
    bucket = next
    if (wait === 0) taken.push({ at: next.at, units: Math.min(units, rate.limit) })
  }
  return taken
}

describe('a token bucket', () => {
  it('never gives more than a bucket full and what flowed in meanwhile', () => {
    fc.assert(
      fc.property(rates, asks, (rate, given) => {
        const taken = play(rate, given)
        for (const [index, { at: from }] of taken.entries()) {
          let units = 0
          for (const { at, units: more } of taken.slice(index)) {
            units += more
            const most = rate.limit + ((at - from) * rate.limit) / rate.per
            expect(units).toBeLessThanOrEqual(most + 1e-6)
          }
        }
      }),
    )
  })

  it('has the units when it said it would, and not a whole millisecond too late', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 50 }), (rate, units) => {
        const now = 5_000_000
        const empty: Bucket = { tokens: 0, at: now }
        const { wait, bucket } = takeTokens(empty, rate, units, now)
        expect(wait).toBeGreaterThan(0)
        expect(takeTokens(bucket, rate, units, now + wait).wait).toBe(0)
        if (wait > 2)
          expect(takeTokens(bucket, rate, units, now + wait - 2).wait).toBeGreaterThan(0)
      }),
    )
  })

  it('lets what weighs more than a bucket go when that is full', () => {
    const rate = { limit: 3, per: 1_000 }
    const first = takeTokens(undefined, rate, 10, 0)
    expect(first.wait).toBe(0)
    expect(takeTokens(first.bucket, rate, 1, 0).wait).toBe(334)
  })

  it('holds no more than a lower limit from the moment that is set', () => {
    expect(takeTokens({ tokens: 100, at: 0 }, { limit: 2, per: 1_000 }, 1, 0).bucket.tokens).toBe(1)
  })
})
