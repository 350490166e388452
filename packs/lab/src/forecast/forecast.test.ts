import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRetail } from '../../fixtures/retail.ts'
import { forecast, type Forecast } from './forecast.ts'
import {
  crostonSba,
  isIntermittent,
  seasonalNaive,
  throughWeek,
  simpleSmoothing,
  tsb,
} from './models.ts'
import { mean, scaledError, weekdayOf, dayNumber, dayText } from './series.ts'
import { adviseStock, normalQuantile } from './stock.ts'

const HELD = 28

describe('demand forecasts', () => {
  const results = [...readRetail()].map(([code, { values }]) => {
    const history = values.slice(0, -HELD)
    const actual = values.slice(-HELD)
    const made = forecast(history, { horizon: HELD })
    return {
      code,
      made,
      actual,
      ours: scaledError(history, actual, made.values),
      rival: scaledError(history, actual, seasonalNaive.forecast(history, HELD)),
    }
  })

  it('beat repeating last week by 15 % MASE and more on the last 28 days of the retail series', () => {
    expect(results.length).toBe(19)
    const ours = mean(results.map((result) => result.ours))
    const rival = mean(results.map((result) => result.rival))
    expect(1 - ours / rival).toBeGreaterThanOrEqual(0.15)
  })
  it('hold most of what came in the four months before, as their intervals of nine tenths promise', () => {
    const inside = [...readRetail().values()].flatMap(({ values }) =>
      [28, 56, 84, 112].flatMap((back) => {
        const known = values.slice(0, -back - HELD)
        const came = values.slice(-back - HELD, -back)
        const made = forecast(known, { horizon: HELD })
        return came.map((value, at) => {
          const netted = Math.max(0, value)
          return netted >= made.low[at]! && netted <= made.high[at]! ? 1 : 0
        })
      }),
    )
    expect(mean(inside)).toBeGreaterThan(0.8)
  })
  it('expect nothing on the weekday on which the shop is closed', () => {
    const [first] = readRetail().values()
    const start = first!.firstDay + first!.values.length - HELD
    for (const { made } of results)
      made.values.forEach((value, at) => {
        if (weekdayOf(start + at) === 6) expect(value).toBeLessThan(0.5)
      })
  })
  it('are never negative, never without bounds in order, whatever the history', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -500, max: 5_000 }), { maxLength: 120 }),
        fc.integer({ min: 1, max: 40 }),
        (history, horizon) => {
          const made = forecast(history, { horizon, whole: true })
          expect(made.values).toHaveLength(horizon)
          made.values.forEach((value, at) => {
            expect(Number.isInteger(value) && value >= 0).toBe(true)
            expect(made.low[at]!).toBeGreaterThanOrEqual(0)
            expect(made.low[at]!).toBeLessThanOrEqual(made.high[at]!)
          })
        },
      ),
      { numRuns: 60 },
    )
  })
  it('know demand that comes now and then, and let what died out fall', () => {
    const now = Array.from({ length: 100 }, (_, at) => (at % 5 === 0 ? 10 : 0))
    expect(isIntermittent(now)).toBe(true)
    expect(crostonSba.forecast(now, 1)[0]).toBeGreaterThan(1.5)
    expect(crostonSba.forecast(now, 1)[0]).toBeLessThan(2.5)
    const dead = [...now, ...Array<number>(60).fill(0)]
    expect(tsb.forecast(dead, 1)[0]).toBeLessThan(0.05)
    expect(isIntermittent(Array<number>(30).fill(4))).toBe(false)
  })
  it('carry a week on as it is', () => {
    const week = [0, 10, 20, 30, 40, 50, 60]
    const history = Array.from({ length: 140 }, (_, at) => week[at % 7]!)
    const made = throughWeek(simpleSmoothing).forecast(history, 14)
    made.forEach((value, at) => expect(value).toBeCloseTo(week[at % 7]!, -0.5))
    expect(forecast(history, { horizon: 14 }).values.map(Math.round)).toEqual([...week, ...week])
  })
  it('count days by the calendar', () => {
    expect(dayText(dayNumber('2024-02-29') + 1)).toBe('2024-03-01')
    expect(weekdayOf(dayNumber('2026-11-22'))).toBe(0)
  })
})

describe('stock advice', () => {
  const even = (value: number, high: number): Forecast => ({
    method: 'even',
    values: Array<number>(30).fill(value),
    low: Array<number>(30).fill(0),
    high: Array<number>(30).fill(high),
    contest: [],
    gain: 0,
    isIntermittent: false,
  })

  it('orders in packs when the shelf would be empty before the delivery', () => {
    const advice = adviseStock(even(10, 10), {
      onHand: 35,
      leadDays: 5,
      packSize: 12,
      coverDays: 7,
    })
    expect(advice).toEqual({
      daysLeft: 3,
      safetyStock: 0,
      reorderPoint: 50,
      orderQuantity: 96,
      isLate: true,
    })
  })
  it('orders nothing while there is enough on the shelf or on its way', () => {
    expect(adviseStock(even(10, 10), { onHand: 35, onOrder: 40, leadDays: 5 }).orderQuantity).toBe(
      0,
    )
    expect(adviseStock(even(10, 10), { onHand: 1_000, leadDays: 5 }).daysLeft).toBeNull()
  })
  it('keeps more in reserve for a surer shelf, a wilder demand and a longer wait', () => {
    const reserve = (high: number, leadDays: number, serviceLevel: number): number =>
      adviseStock(even(10, high), { onHand: 5, leadDays, serviceLevel }).safetyStock
    expect(reserve(20, 5, 0.99)).toBeGreaterThan(reserve(20, 5, 0.9))
    expect(reserve(30, 5, 0.9)).toBeGreaterThan(reserve(20, 5, 0.9))
    expect(reserve(20, 10, 0.9)).toBeGreaterThan(reserve(20, 5, 0.9))
  })
  it('never advises less than what runs out while waiting', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 50 }),
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 24 }),
        (perDay, onHand, leadDays, packSize) => {
          const { orderQuantity, reorderPoint } = adviseStock(even(perDay, perDay * 2), {
            onHand,
            leadDays,
            packSize,
          })
          expect(orderQuantity % packSize).toBe(0)
          if (onHand <= reorderPoint)
            expect(onHand + orderQuantity).toBeGreaterThanOrEqual(perDay * leadDays)
        },
      ),
    )
  })
  it('knows the normal distribution by its table', () => {
    expect(normalQuantile(0.95)).toBeCloseTo(1.645, 2)
    expect(normalQuantile(0.5)).toBeCloseTo(0, 2)
    expect(normalQuantile(0.01)).toBeCloseTo(-2.326, 2)
  })
})
