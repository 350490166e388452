import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planOrder, type Dosage } from '../schedule/order.ts'
import { DEFAULT_DAY_TIMES, type Repeat } from '../schedule/timing.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, zoneOf } from '../schedule/zone.ts'
import { ingredientsOfName } from '../interactions/drug-name.ts'
import { scheduleOf } from './controlled.ts'
import { daysLeft, levelOf, type Draw } from './days-left.ts'
import { onHand } from './on-hand.ts'
import { measure, productOf } from './product.ts'
import { refillState } from './refill.ts'

const START = Date.UTC(2026, 0, 1)
const patient = { zone: zoneOf('UTC'), times: DEFAULT_DAY_TIMES }

function draws(...regimen: { repeat: Partial<Repeat>; amount: number }[]): Draw[] {
  const dosages = regimen.map(({ repeat }, no): Dosage => ({
    no,
    sequence: 1,
    asNeeded: false,
    timing: { events: [], repeat: { dayOfWeek: [], timeOfDay: [], when: [], ...repeat } },
  }))
  const { plans } = planOrder(
    { id: 'o', status: 'active', dosages, holds: [], authoredOn: '2026-01-01' },
    patient,
  )
  return plans.map((plan) => ({ plan, amount: regimen[plan.dosage.no]!.amount }))
}

describe('days left', () => {
  it('is 15 for 30 on hand and 2 a day, and not critical', () => {
    const found = daysLeft(
      draws({ repeat: { frequency: 2, period: 1, periodUnit: 'd' }, amount: 1 }),
      30,
      START,
    )
    expect(found).toMatchObject({ dailyUsage: 2, daysRemaining: 15 })
    expect(levelOf(found.daysRemaining)).toBe('ok')
  })

  it('is critical at three days and low at seven', () => {
    expect([0, 3, 4, 7, 8].map((days) => levelOf(days))).toEqual([
      'critical',
      'critical',
      'low',
      'low',
      'ok',
    ])
  })

  it('agrees with a simulation day by day for 1,000 random regimens', () => {
    const line = fc.record({
      everyDays: fc.integer({ min: 1, max: 7 }),
      minutes: fc.uniqueArray(fc.integer({ min: 0, max: 1439 }), { minLength: 1, maxLength: 4 }),
      quarters: fc.integer({ min: 1, max: 12 }),
    })
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 0, max: 240 }),
        fc.integer({ min: 0, max: 30 * 1440 }),
        (lines, stockQuarters, minute) => {
          const now = START + minute * MINUTE_MS
          const found = daysLeft(
            draws(
              ...lines.map(({ everyDays, minutes, quarters }) => ({
                repeat: { timeOfDay: minutes, period: everyDays, periodUnit: 'd' as const },
                amount: quarters / 4,
              })),
            ),
            stockQuarters / 4,
            now,
          )
          // In whole quarters of a tablet, minute by minute of each day.
          let left = stockQuarters
          let ranOut: number | undefined
          for (let day = 0; day < 440 && ranOut === undefined; day++) {
            const due = lines
              .filter(({ everyDays }) => day % everyDays === 0)
              .flatMap(({ minutes, quarters }) => minutes.map((m) => ({ m, quarters })))
              .toSorted((a, b) => a.m - b.m)
            for (const { m, quarters } of due) {
              const time = START + day * DAY_MS + m * MINUTE_MS
              if (time < now || time >= now + 400 * DAY_MS) continue
              if (quarters > left) {
                ranOut = time
                break
              }
              left -= quarters
            }
          }
          expect(found.runOutAt).toBe(ranOut)
          expect(found.daysRemaining).toBe(
            ranOut === undefined ? undefined : Math.floor((ranOut - now) / DAY_MS),
          )
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

describe('stock', () => {
  it('goes down by what was taken and by what nobody logged, and says how many that were', () => {
    const doses = [
      { dueAt: 1 * HOUR_MS, amount: 1, takenAt: 1 * HOUR_MS },
      { dueAt: 2 * HOUR_MS, amount: 1, skipped: true },
      { dueAt: 3 * HOUR_MS, amount: 1 },
      { dueAt: 9 * HOUR_MS, amount: 1 },
    ]
    const fills = [{ at: 0, value: 30 }]
    expect(onHand({ fills, doses, now: 5 * HOUR_MS })).toEqual({
      value: 28,
      basis: 'filled',
      assumed: 1,
      overdrawn: false,
    })
    const count = { at: 2.5 * HOUR_MS, value: 10 }
    expect(onHand({ count, fills, doses, now: 5 * HOUR_MS })).toEqual({
      value: 9,
      basis: 'counted',
      assumed: 1,
      overdrawn: false,
    })
    expect(onHand({ fills: [], doses, now: 1 })).toBeUndefined()
  })
})

describe('units', () => {
  it.each([
    ['Simvastatin 20 MG Oral Tablet', { value: 2, unit: 'tablets' }, 2],
    ['Simvastatin 20 MG Oral Tablet', { value: 10, unit: 'mg' }, 0.5],
    ['Simvastatin 20 MG Oral Tablet', { value: 5, unit: 'mL' }, undefined],
    [
      '200 ACTUAT Albuterol 0.09 MG/ACTUAT Metered Dose Inhaler',
      { value: 1, unit: 'inhaler' },
      200,
    ],
    ['200 ACTUAT Albuterol 0.09 MG/ACTUAT Metered Dose Inhaler', { value: 2, unit: 'puffs' }, 2],
    ['Trinessa 28 Day Pack', { value: 3, unit: 'pack' }, 84],
    ['10 ML Furosemide 10 MG/ML Injection', { value: 20, unit: 'mg' }, 2],
    ['10 ML Furosemide 10 MG/ML Injection', { value: 1, unit: 'vial' }, 10],
    ['Timolol 5 MG/ML Ophthalmic Solution', { value: 4, unit: 'drops' }, 0.2],
    [
      'insulin human, isophane 70 UNT/ML / Regular Insulin, Human 30 UNT/ML Injectable Suspension [Humulin]',
      { value: 25, unit: 'UNT' },
      0.25,
    ],
    [
      'Acetaminophen 325 MG / oxyCODONE Hydrochloride 5 MG Oral Tablet',
      { value: 325, unit: 'mg' },
      undefined,
    ],
    ['Somethingol', { value: 1, unit: '' }, undefined],
  ])('of %s: %o', (name, amount, wanted) => {
    expect(measure(amount, productOf(name))?.value).toBe(wanted)
  })
})

describe('refills', () => {
  const fill = { on: 100, days: 30 }
  it('count repeats and the first fill, and are too soon before four fifths are used', () => {
    expect(refillState({ repeats: 2, fills: [fill], today: 110 })).toMatchObject({
      state: 'too-soon',
      repeatsLeft: 2,
      from: 124,
    })
    expect(refillState({ repeats: 2, fills: [fill], today: 124 })).toMatchObject({
      state: 'may-refill',
    })
    expect(
      refillState({ repeats: 1, fills: [fill, { on: 130, days: 30 }], today: 170 }),
    ).toMatchObject({ state: 'no-repeats-left' })
    expect(refillState({ repeats: 5, writtenOn: 90, fills: [fill], today: 456 })).toMatchObject({
      state: 'expired',
    })
    expect(refillState({ fills: [fill], today: 110 })).toMatchObject({ state: 'not-known' })
  })

  it('keep the rules of controlled substances', () => {
    expect(scheduleOf(['acetaminophen', 'oxycodone'])).toBe('II')
    const bySchedule = ['Adderall 20 MG', 'Norco 5/325', 'Suboxone 8 MG', 'Lunesta 3 MG', 'Lyrica']
    expect(
      bySchedule.map((name) =>
        scheduleOf(ingredientsOfName(name).map(({ ingredient }) => ingredient)),
      ),
    ).toEqual(['II', 'II', 'III', 'IV', 'V'])
    expect(refillState({ schedule: 'II', repeats: 3, fills: [fill], today: 140 })).toMatchObject({
      state: 'no-repeats-left',
      repeatsLeft: 0,
    })
    expect(
      refillState({ schedule: 'IV', repeats: 11, writtenOn: 100, fills: [fill], today: 140 }),
    ).toMatchObject({ state: 'may-refill', repeatsLeft: 5 })
    expect(
      refillState({ schedule: 'IV', repeats: 5, writtenOn: 100, fills: [fill], today: 283 }),
    ).toMatchObject({ state: 'expired' })
  })
})
