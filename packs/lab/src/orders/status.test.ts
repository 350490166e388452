import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isOpen, judgeMove, STATUSES, type OrderStatus } from './status.ts'

const status = fc.constantFrom(...STATUSES)
const LEFT: readonly OrderStatus[] = ['shipped', 'delivered', 'completed', 'cancelled']

describe('order statuses', () => {
  it('never let an order that has left come back, whatever news arrives in whatever order', () => {
    fc.assert(
      fc.property(fc.array(status, { maxLength: 40 }), (news) => {
        let now: OrderStatus = 'pending'
        let hasLeft = false
        for (const next of news) {
          if (judgeMove(now, next) === 'moved') now = next
          if (hasLeft) expect(LEFT).toContain(now)
          hasLeft ||= LEFT.includes(now)
        }
      }),
    )
  })
  it('take the same news twice as one', () => {
    for (const each of STATUSES) expect(judgeMove(each, each)).toBe('same')
  })
  it('let nothing follow the end', () => {
    for (const to of STATUSES)
      for (const end of ['completed', 'cancelled'] as const)
        expect(judgeMove(end, to)).toBe(to === end ? 'same' : 'refused')
  })
  it('send a failed lens back to production, but no shipped one', () => {
    expect(judgeMove('quality_check', 'in_production')).toBe('moved')
    expect(judgeMove('shipped', 'in_production')).toBe('refused')
    expect(isOpen('on_hold')).toBe(true)
    expect(isOpen('shipped')).toBe(false)
  })
})
