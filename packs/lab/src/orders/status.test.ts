import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isOpen,
  judgeMove,
  judgeNews,
  STATUSES,
  type Move,
  type OrderStatus,
  type Standing,
} from './status.ts'

const status = fc.constantFrom(...STATUSES)
const at = (now: OrderStatus, heldFrom: OrderStatus | null = null): Standing => ({
  status: now,
  heldFrom,
})
const after = (standing: Standing, to: OrderStatus, move: Move): Standing =>
  move === 'moved' ? at(to, to === 'on_hold' ? standing.status : null) : standing
const LEFT: readonly OrderStatus[] = ['shipped', 'delivered', 'completed', 'cancelled']

describe('order statuses', () => {
  it('never let an order that has left come back, whatever news arrives in whatever order', () => {
    fc.assert(
      fc.property(fc.array(status, { maxLength: 40 }), (news) => {
        for (const judge of [judgeMove, judgeNews]) {
          let now = at('pending')
          let hasLeft = false
          for (const next of news) {
            now = after(now, next, judge(now, next))
            if (hasLeft) expect(LEFT).toContain(now.status)
            hasLeft ||= LEFT.includes(now.status)
          }
        }
      }),
    )
  })
  it('take the same news twice as one', () => {
    for (const each of STATUSES) expect(judgeMove(at(each), each)).toBe('same')
  })
  it('let nothing follow the end', () => {
    for (const to of STATUSES)
      for (const end of ['completed', 'cancelled'] as const)
        expect(judgeMove(at(end), to)).toBe(to === end ? 'same' : 'refused')
  })
  it('are taken back by no news of a LIMS, and go on over what it never told', () => {
    for (const late of ['pending', 'in_production'] as const)
      expect(judgeNews(at('quality_check'), late)).toBe('refused')
    expect(judgeNews(at('pending'), 'shipped')).toBe('moved')
    expect(judgeNews(at('quality_check'), 'on_hold')).toBe('moved')
    expect(judgeNews(at('shipped'), 'cancelled')).toBe('refused')
    for (const to of STATUSES)
      expect(judgeNews(at('cancelled'), to)).toBe(to === 'cancelled' ? 'same' : 'refused')
  })
  it('send a failed lens back to production, but no shipped one', () => {
    expect(judgeMove(at('quality_check'), 'in_production')).toBe('moved')
    expect(judgeMove(at('shipped'), 'in_production')).toBe('refused')
    expect(isOpen('on_hold')).toBe(true)
    expect(isOpen('shipped')).toBe(false)
  })
  it('come back from a rest to where they were, never to an earlier place', () => {
    const order = ['pending', 'in_production', 'quality_check'] as const
    for (const [place, held] of order.entries())
      for (const [there, to] of order.entries()) {
        if (there < place) expect(judgeNews(at('on_hold', held), to)).toBe('refused')
        else expect(judgeNews(at('on_hold', held), to)).toBe('moved')
      }
    expect(judgeMove(at('on_hold', 'quality_check'), 'pending')).toBe('refused')
    expect(judgeMove(at('on_hold', 'quality_check'), 'quality_check')).toBe('moved')
    // By hand it may be made again.
    expect(judgeMove(at('on_hold', 'quality_check'), 'in_production')).toBe('moved')
    expect(judgeMove(at('on_hold', 'pending'), 'quality_check')).toBe('refused')
    expect(judgeMove(at('on_hold', 'pending'), 'cancelled')).toBe('moved')
  })
  it('rest, go on and end by the newest word alone; that they got further is true however late', () => {
    expect(judgeNews(at('in_production'), 'on_hold', false)).toBe('refused')
    expect(judgeNews(at('on_hold', 'in_production'), 'in_production', false)).toBe('refused')
    expect(judgeNews(at('in_production'), 'cancelled', false)).toBe('refused')
    expect(judgeNews(at('in_production'), 'shipped', false)).toBe('moved')
  })
})
