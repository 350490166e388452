import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isOpen, judgeMove, judgeNews, STATUSES, type OrderStatus } from './status.ts'

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
  it('are taken back by no news of a LIMS, and go on over what it never told', () => {
    for (const late of ['pending', 'in_production'] as const)
      expect(judgeNews('quality_check', late)).toBe('refused')
    expect(judgeNews('pending', 'shipped')).toBe('moved')
    expect(judgeNews('quality_check', 'on_hold')).toBe('moved')
    expect(judgeNews('shipped', 'cancelled')).toBe('refused')
    for (const to of STATUSES)
      expect(judgeNews('cancelled', to)).toBe(to === 'cancelled' ? 'same' : 'refused')
  })
  it('send a failed lens back to production, but no shipped one', () => {
    expect(judgeMove('quality_check', 'in_production')).toBe('moved')
    expect(judgeMove('shipped', 'in_production')).toBe('refused')
    expect(isOpen('on_hold')).toBe(true)
    expect(isOpen('shipped')).toBe(false)
  })
})
