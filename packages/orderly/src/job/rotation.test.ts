import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { takeTurns, type Line } from './rotation.ts'

const line = (key: string, count: number, more: Partial<Line & { weight: number }> = {}): Line => ({
  key,
  pass: more.pass ?? 0,
  free: more.free ?? count,
  jobs: Array.from({ length: count }, (_, n) => ({ id: `${key}${n}`, weight: more.weight ?? 1 })),
})

const lines = fc
  .uniqueArray(
    fc.record({
      key: fc.string({ minLength: 1, maxLength: 3 }),
      count: fc.nat(12),
      free: fc.nat(12),
      pass: fc.double({ min: 0, max: 5, noNaN: true }),
      weight: fc.integer({ min: 1, max: 5 }),
    }),
    { maxLength: 8, selector: ({ key }) => key },
  )
  .map((all) => all.map(({ key, count, ...more }) => line(key, count, more)))

describe('turns', () => {
  it('let two of one key by before the two hundred of another', async () => {
    const { picked } = await takeTurns([line('a', 200), line('b', 2)], 6)
    expect(picked.map(({ id }) => id)).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'a3'])
  })

  it('pick as many as may go, none twice, and no more of a key than it has places', async () => {
    await fc.assert(
      fc.asyncProperty(lines, fc.nat(30), async (given, room) => {
        const { picked } = await takeTurns(given, room)
        const possible = given.reduce((sum, { free, jobs }) => sum + Math.min(free, jobs.length), 0)
        expect(picked).toHaveLength(Math.min(room, possible))
        expect(new Set(picked).size).toBe(picked.length)
        for (const { jobs, free } of given) {
          const mine = picked.filter((job) => jobs.includes(job))
          expect(mine).toEqual(jobs.slice(0, mine.length))
          expect(mine.length).toBeLessThanOrEqual(free)
        }
      }),
    )
  })

  it('share by weight, to within one turn, while all keys have work', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 5 }),
        async (weights, rounds) => {
          const whole = weights.reduce((sum, weight) => sum + weight, 0)
          const given = weights.map((weight, index) =>
            line(`k${index}`, whole * rounds, { weight }),
          )
          const { picked } = await takeTurns(given, whole * rounds)
          for (const [index, weight] of weights.entries()) {
            const mine = picked.filter(({ id }) => id.startsWith(`k${index}`)).length
            expect(Math.abs(mine - weight * rounds)).toBeLessThanOrEqual(1)
          }
        },
      ),
    )
  })

  it('come to the same picked one at a time, as many processes do', async () => {
    await fc.assert(
      fc.asyncProperty(lines, fc.nat(20), async (given, room) => {
        const atOnce = await takeTurns(given, room)
        let left = given
        const one: string[] = []
        for (let n = 0; n < room; n++) {
          const { picked, passes } = await takeTurns(left, 1)
          if (!picked[0]) break
          one.push(picked[0].id)
          left = left.map((each) =>
            each.jobs.includes(picked[0]!)
              ? {
                  ...each,
                  pass: passes.get(each.key)!,
                  free: each.free - 1,
                  jobs: each.jobs.slice(1),
                }
              : each,
          )
        }
        expect(atOnce.picked.map(({ id }) => id)).toEqual(one)
      }),
    )
  })

  it('pass over a line whose next job may not go, and nothing else', async () => {
    const { picked } = await takeTurns([line('a', 3), line('b', 3)], 10, ({ id }) => id !== 'a1')
    expect(picked.map(({ id }) => id)).toEqual(['a0', 'b0', 'b1', 'b2'])
  })
})
