import { describe, expect, it } from 'vitest'
import { admit, afterAnswer, afterFailure, CLOSED, stateOf, type Breaker } from './breaker.ts'

const rules = { failures: 3, within: 1_000, cooldown: 5_000 }
const fail = (breaker: Breaker, now: number, isTrial = false): Breaker =>
  afterFailure(breaker, rules, { isTrial, now })

describe('a breaker', () => {
  it('opens at the third failure within its span, and not when they are further apart', () => {
    const twice = fail(fail(CLOSED, 0), 900)
    expect(stateOf(twice, rules, 900)).toBe('closed')
    expect(stateOf(fail(twice, 999), rules, 999)).toBe('open')
    expect(stateOf(fail(twice, 1_000), rules, 1_000)).toBe('closed')
  })

  it('lets nobody call while it is open, and says for how long', () => {
    const open = fail(fail(fail(CLOSED, 0), 0), 0)
    expect(admit(open, rules, 1_000)).toEqual({ type: 'wait', wait: 4_000 })
  })

  it('lets one try when the cooldown is over, and another when that one is lost', () => {
    const open = fail(fail(fail(CLOSED, 0), 0), 0)
    expect(admit(open, rules, 5_000)).toEqual({ type: 'trial' })
    const tried = { ...open, trialUntil: 6_000 }
    expect(admit(tried, rules, 5_500)).toEqual({ type: 'wait', wait: 500 })
    expect(admit(tried, rules, 6_000)).toEqual({ type: 'trial' })
  })

  it('closes when the trial is answered, and opens anew when it fails', () => {
    const open = fail(fail(fail(CLOSED, 0), 0), 0)
    expect(stateOf(afterAnswer(open, { isTrial: true }), rules, 5_000)).toBe('closed')
    const again = fail(open, 5_100, true)
    expect(admit(again, rules, 5_100)).toEqual({ type: 'wait', wait: 5_000 })
  })

  it('is not moved by calls that began before it opened', () => {
    const open = fail(fail(fail(CLOSED, 0), 0), 0)
    expect(fail(open, 100)).toBe(open)
    expect(afterAnswer(open, { isTrial: false })).toBe(open)
  })
})
