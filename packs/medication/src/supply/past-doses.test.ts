import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_DAY_TIMES } from '../schedule/timing.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, zoneOf } from '../schedule/zone.ts'
import { pastDoses } from './past-doses.ts'
import { productOf } from './product.ts'

const START = Date.UTC(2026, 0, 1)
const HOURS = [8, 14, 20]
const product = productOf('Metoprolol 50 MG Oral Tablet')
const day = { zone: zoneOf('UTC'), times: DEFAULT_DAY_TIMES }
const order = {
  id: 'o',
  status: 'active' as const,
  authoredOn: '2026-01-01',
  holds: [],
  dosages: [
    {
      no: 0,
      sequence: 1,
      asNeeded: false,
      dose: { value: 1, unit: 'TAB' },
      timing: {
        events: [],
        repeat: {
          dayOfWeek: [],
          when: [],
          frequency: 1,
          period: 1,
          periodUnit: 'd' as const,
          timeOfDay: HOURS.map((hour) => hour * 60),
        },
      },
    },
  ],
}

describe('doses noted for other times than they were due', () => {
  it('belong each to the nearest that is still open, within twelve hours', () => {
    const minutes = fc.integer({ min: 0, max: 6 * 1440 })
    fc.assert(
      fc.property(fc.uniqueArray(minutes, { maxLength: 25 }), (noted) => {
        const days = 4
        const found = pastDoses(
          order,
          day,
          product,
          noted.map((minute) => {
            const dueAt = START + minute * MINUTE_MS
            return { no: 0, dueAt, takenAt: dueAt, state: 'taken' }
          }),
          START,
          START + days * DAY_MS,
        )
        const due = Array.from({ length: days }, (_, n) =>
          HOURS.map((hour) => START + n * DAY_MS + hour * HOUR_MS),
        ).flat()
        const open = new Set(due)
        const told = noted.map((minute) => START + minute * MINUTE_MS)
        for (const at of told) open.delete(at)
        for (const at of told.filter((each) => !due.includes(each))) {
          const [nearest] = [...open]
            .filter((each) => Math.abs(each - at) <= 12 * HOUR_MS)
            .toSorted((a, b) => Math.abs(a - at) - Math.abs(b - at) || a - b)
          if (nearest !== undefined) open.delete(nearest)
        }
        const assumed = found.filter(({ takenAt }) => takenAt === undefined)
        expect(assumed.map(({ dueAt }) => dueAt)).toEqual([...open])
        expect(found).toHaveLength(noted.length + open.size)
      }),
    )
  })
})
