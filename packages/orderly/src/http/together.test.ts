import { describe, expect, it } from 'vitest'
import { systemClock } from '../primitives/clock.ts'
import { openTogether } from './together.ts'

describe('looks that ask the same', () => {
  it('are one where they come in one turn, and see whatever was done before they came', async () => {
    const together = openTogether<number>(systemClock)
    let [looks, state] = [0, 0]
    const look = async (): Promise<number> => {
      looks++
      const seen = state
      await systemClock.turn()
      return seen
    }
    const first = Array.from({ length: 100 }, () => together('a', look))
    // Done while they wait to look: it is seen. Done once one looks: who comes then looks anew.
    state = 1
    await systemClock.turn()
    state = 2
    const late = together('a', look)
    expect(new Set(await Promise.all(first))).toEqual(new Set([1]))
    expect([await late, looks]).toEqual([2, 2])
  })

  it('are told together what went wrong, and the next look is a new one', async () => {
    const together = openTogether<string>(systemClock)
    const broken = async (): Promise<string> => {
      throw new Error('away')
    }
    const both = await Promise.allSettled([together('a', broken), together('a', broken)])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await together('a', async () => 'back')).toBe('back')
  })

  it('are each their own under another key', async () => {
    const together = openTogether<string>(systemClock)
    const names = ['ana', 'bo']
    expect(await Promise.all(names.map((name) => together(name, async () => name)))).toEqual(names)
  })
})
