import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keepNumbers } from './numbers.ts'
import type { Dosage } from './order.ts'

const line = (no: number, minute: number, more: Partial<Dosage> = {}): Dosage => ({
  no,
  sequence: 1,
  asNeeded: false,
  timing: { events: [], repeat: { dayOfWeek: [], timeOfDay: [minute], when: [] } },
  dose: { value: 1, unit: 'TAB' },
  ...more,
})
const asDelivered = (lines: readonly Dosage[]): Dosage[] =>
  lines.map((each, no) => ({ ...each, no }))
const numbers = (lines: readonly Dosage[]): number[] => lines.map(({ no }) => no)

describe('numbers of dosages', () => {
  it('stay with their lines in whatever order these are delivered, again and again', () => {
    const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 1439 }), {
      minLength: 1,
      maxLength: 6,
    })
    fc.assert(
      fc.property(minutes, fc.array(fc.nat(), { maxLength: 6 }), (times, swaps) => {
        const first = times.map((minute, no) => line(no, minute))
        let kept: readonly Dosage[] = first
        for (const swap of swaps) {
          const at = swap % kept.length
          const moved = [...kept.slice(at), ...kept.slice(0, at).toReversed()]
          kept = keepNumbers(asDelivered(moved), { dosages: kept })
          expect(new Set(numbers(kept)).size).toBe(kept.length)
          for (const each of kept) expect(each).toEqual(first[each.no])
        }
      }),
    )
  })

  it('stay when an amount changes beside a swap, and when a line comes back that was left out', () => {
    const before = [line(0, 480), line(1, 1200)]
    const two = { value: 2, unit: 'TAB' }
    const changed = keepNumbers(asDelivered([line(9, 1200, { dose: two }), line(9, 480)]), {
      dosages: before,
    })
    expect(numbers(changed)).toEqual([1, 0])
    const back = keepNumbers(asDelivered([line(9, 480), line(9, 1200)]), {
      dosages: [line(0, 480)],
      past: [{ status: 'active', dosages: before, until: 1 }],
    })
    expect(numbers(back)).toEqual([0, 1])
  })

  it('are new for what is more than before, and of a changed line what it was', () => {
    const before = [line(0, 480), line(3, 1200)]
    const found = keepNumbers(asDelivered([line(9, 60), line(9, 500), line(9, 1200)]), {
      dosages: before,
      past: [{ status: 'active', dosages: [line(1, 700)], until: 1 }],
    })
    expect(numbers(found)).toEqual([0, 2, 3])
    expect(
      numbers(keepNumbers(asDelivered([line(9, 480), line(9, 480)]), { dosages: before })),
    ).toEqual([0, 3])
  })

  it('of a line taken as needed never pass to one with times', () => {
    const before = [line(0, 480, { asNeeded: true, timing: undefined })]
    expect(numbers(keepNumbers(asDelivered([line(9, 480)]), { dosages: before }))).toEqual([1])
  })
})
