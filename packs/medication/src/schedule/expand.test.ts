import { Temporal } from 'temporal-polyfill'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ALL_ZONES } from '../../fixtures/zones.ts'
import { readTiming } from '../fhir/read-timing.ts'
import { IssueList } from '../fhir/issue.ts'
import { mayTake } from './as-needed.ts'
import { compileTiming } from './compile.ts'
import { dosesBetween, nextDose, planOrder, type Dosage, type Order } from './order.ts'
import { nextOccurrence, occurrences, type Plan } from './plan.ts'
import { DEFAULT_DAY_TIMES } from './timing.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, zoneOf } from './zone.ts'

const NEW_YORK = 'America/New_York'
const at = (text: string): number => Date.parse(text)

function timingOf(value: object) {
  const issues = new IssueList()
  const timing = readTiming(value as never, 'timing', issues)
  return { timing, issues: issues.all.map(({ code }) => code) }
}

function planOf(value: object, start: string, zone = NEW_YORK): Plan {
  const { timing } = timingOf(value)
  const compiled = compileTiming(
    timing!,
    { zone: zoneOf(zone), times: DEFAULT_DAY_TIMES },
    { start: at(start) },
  )
  if ('unplanned' in compiled) throw new Error(compiled.unplanned)
  return compiled.plan
}

const listed = (plan: Plan, from: string, to: string): string[] =>
  occurrences(plan, at(from), at(to)).map((instant) => new Date(instant).toISOString().slice(0, 16))

describe('times of doses', () => {
  it('keeps a time of day on the wall when the clocks change', () => {
    const plan = planOf(
      { repeat: { timeOfDay: ['08:00:00'], period: 1, periodUnit: 'd' } },
      '2026-03-01',
    )
    expect(listed(plan, '2026-03-07', '2026-03-10')).toEqual([
      '2026-03-07T13:00',
      '2026-03-08T12:00',
      '2026-03-09T12:00',
    ])
  })

  it('gives a time that the clocks skip as much later, and one they show twice once', () => {
    const plan = planOf(
      { repeat: { timeOfDay: ['02:30:00', '01:30:00'], period: 1, periodUnit: 'd' } },
      '2026-01-01',
    )
    // 01:30 EST and 02:30, which is 03:30 EDT.
    expect(listed(plan, '2026-03-08T05:00Z', '2026-03-09T04:00Z')).toEqual([
      '2026-03-08T06:30',
      '2026-03-08T07:30',
    ])
    expect(listed(plan, '2026-11-01T04:00Z', '2026-11-02T05:00Z')).toEqual([
      '2026-11-01T05:30',
      '2026-11-01T07:30',
    ])
  })

  it('makes one dose of two that the clocks push together', () => {
    const plan = planOf(
      { repeat: { timeOfDay: ['02:30:00', '03:30:00'], period: 1, periodUnit: 'd' } },
      '2026-01-01',
    )
    expect(listed(plan, '2026-03-08T05:00Z', '2026-03-09T04:00Z')).toEqual(['2026-03-08T07:30'])
  })

  it('counts intervals in hours that pass', () => {
    const plan = planOf(
      { repeat: { frequency: 1, period: 6, periodUnit: 'h' } },
      '2026-03-08T00:00:00-05:00',
    )
    expect(listed(plan, '2026-03-08T05:00Z', '2026-03-09T05:00Z')).toEqual([
      '2026-03-08T05:00',
      '2026-03-08T11:00',
      '2026-03-08T17:00',
      '2026-03-08T23:00',
    ])
  })

  it('ends with its count, its period and its duration', () => {
    const daily = { frequency: 1, period: 1, periodUnit: 'd' }
    const year = ['2026-01-01', '2027-01-01'] as const
    expect(listed(planOf({ repeat: { ...daily, count: 5 } }, '2026-02-01'), ...year)).toHaveLength(
      5,
    )
    const bounded = { ...daily, boundsPeriod: { start: '2026-02-03', end: '2026-02-05' } }
    expect(listed(planOf({ repeat: bounded }, '2026-01-01'), ...year)).toHaveLength(3)
    const week = { ...daily, boundsDuration: { value: 7, code: 'd', unit: 'days' } }
    expect(listed(planOf({ repeat: week }, '2026-03-05'), ...year)).toHaveLength(7)
  })

  it('knows weekdays, other weeks, months and leap days', () => {
    const mondays = planOf(
      {
        repeat: {
          dayOfWeek: ['mon'],
          frequency: 1,
          period: 2,
          periodUnit: 'wk',
          timeOfDay: ['09:00:00'],
        },
      },
      '2026-01-01',
    )
    expect(listed(mondays, '2026-01-01', '2026-02-01')).toEqual([
      '2026-01-12T14:00',
      '2026-01-26T14:00',
    ])
    const monthly = planOf(
      { repeat: { frequency: 1, period: 1, periodUnit: 'mo' } },
      '2027-12-31T00:00:00-05:00',
    )
    expect(listed(monthly, '2028-01-01', '2028-04-01').map((text) => text.slice(0, 10))).toEqual([
      '2028-01-31',
      '2028-02-29',
      '2028-03-31',
    ])
  })

  it('puts doses to the meals of the patient', () => {
    const plan = planOf(
      { repeat: { when: ['ACM', 'HS'], offset: 20, frequency: 1, period: 1, periodUnit: 'd' } },
      '2026-01-01',
      'UTC',
    )
    expect(listed(plan, '2026-01-02', '2026-01-03')).toEqual([
      '2026-01-02T07:40',
      '2026-01-02T21:40',
    ])
  })

  it('guesses nothing', () => {
    const start = { start: 0 }
    const patient = { zone: zoneOf('UTC'), times: DEFAULT_DAY_TIMES }
    const why = (repeat: object): unknown =>
      compileTiming(timingOf({ repeat }).timing!, patient, start)
    expect(why({ frequency: 3 })).toEqual({ unplanned: 'no-period' })
    expect(why({ frequency: 2, period: 1, periodUnit: 'mo' })).toEqual({
      unplanned: 'rhythm-not-known',
    })
    expect(why({ frequency: 1, period: 1, periodUnit: 's' })).toEqual({ unplanned: 'too-often' })
  })

  it.each([
    ['tim-2', { frequency: 1, period: 1 }],
    ['tim-5', { period: -1, periodUnit: 'd' }],
    ['tim-8', { countMax: 3 }],
    ['tim-9', { offset: 10, when: ['C'] }],
    ['tim-10', { timeOfDay: ['08:00:00'], when: ['MORN'] }],
    ['a time that is none', { timeOfDay: ['25:00:00'] }],
    ['an event that is none', { when: ['TEATIME'] }],
  ])('refuses what breaks a rule of Timing: %s', (_, repeat) => {
    expect(timingOf({ repeat })).toEqual({ timing: undefined, issues: ['timing-invariant'] })
  })

  it('understands the abbreviations', () => {
    const bid = planOf({ code: { coding: [{ code: 'BID' }] } }, '2026-01-01', 'UTC')
    expect(listed(bid, '2026-01-02', '2026-01-03')).toEqual([
      '2026-01-02T08:00',
      '2026-01-02T20:00',
    ])
  })
})

const QUARTER_MS = 15 * MINUTE_MS

describe('quarter hours', () => {
  const daily = fc.record({
    timeOfDay: fc.uniqueArray(
      fc
        .integer({ min: 0, max: 95 })
        .map(
          (n) =>
            `${String(Math.floor(n / 4)).padStart(2, '0')}:${String((n % 4) * 15).padStart(2, '0')}:00`,
        ),
      { minLength: 1, maxLength: 4 },
    ),
    period: fc.integer({ min: 1, max: 3 }),
    periodUnit: fc.constant('d'),
  })
  const interval = fc.record({
    frequency: fc.integer({ min: 1, max: 2 }),
    period: fc.integer({ min: 2, max: 30 }),
    periodUnit: fc.constant('h'),
  })
  const weekly = fc.record({
    dayOfWeek: fc.uniqueArray(fc.constantFrom('mon', 'wed', 'sat', 'sun'), {
      minLength: 1,
      maxLength: 3,
    }),
    when: fc.constant(['HS']),
    period: fc.integer({ min: 1, max: 3 }),
    periodUnit: fc.constant('wk'),
  })
  const meals = fc.constant({ when: ['AC', 'PHS'], frequency: 1, period: 1, periodUnit: 'd' })

  it.each(ALL_ZONES)(
    'of a year with a leap day together make the direct list, in %s',
    (zone) => {
      fc.assert(
        fc.property(fc.oneof(daily, interval, weekly, meals), (repeat) => {
          const from = at('2028-01-01T00:00Z')
          const to = at('2029-01-01T00:00Z')
          const plan = planOf({ repeat }, '2027-12-20T10:10:00Z', zone)
          const joined: number[] = []
          for (let quarter = from; quarter < to; quarter += QUARTER_MS)
            joined.push(...occurrences(plan, quarter, quarter + QUARTER_MS))
          expect(joined).toEqual(occurrences(plan, from, to))
          expect(new Set(joined).size).toBe(joined.length)
        }),
        { numRuns: 1, seed: 10 },
      )
    },
    60_000,
  )

  it('agree with a walk over the calendar by another way', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ALL_ZONES),
        fc.uniqueArray(fc.integer({ min: 0, max: 1439 }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 5 }),
        (zone, minutes, everyDays) => {
          const timeOfDay = minutes.map(
            (m) =>
              `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}:00`,
          )
          const plan = planOf(
            { repeat: { timeOfDay, period: everyDays, periodUnit: 'd' } },
            Temporal.PlainDate.from('2028-01-01').toZonedDateTime(zone).toInstant().toString(),
            zone,
          )
          const wanted = new Set<number>()
          let date = Temporal.PlainDate.from('2028-01-01')
          for (let n = 0; n < 120; n++, date = date.add({ days: 1 })) {
            if (n % everyDays !== 0) continue
            for (const time of timeOfDay)
              wanted.add(
                date.toZonedDateTime({ timeZone: zone, plainTime: time }).epochMilliseconds,
              )
          }
          const start =
            Temporal.PlainDate.from('2028-01-01').toZonedDateTime(zone).epochMilliseconds
          const end = date.toZonedDateTime(zone).epochMilliseconds
          const found = occurrences(plan, start, end)
          const missing = [...wanted].filter((instant) => instant < end && !found.includes(instant))
          // Only what the clocks pushed onto another dose may be missing.
          expect(
            missing.every((one) => found.some((other) => Math.abs(other - one) < HOUR_MS)),
          ).toBe(true)
          expect(found.every((instant) => wanted.has(instant))).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('have the next dose as their first', () => {
    fc.assert(
      fc.property(
        fc.oneof(daily, interval, weekly),
        fc.integer({ min: 0, max: 400 }),
        (repeat, days) => {
          const plan = planOf({ repeat }, '2028-01-01', NEW_YORK)
          const from = at('2028-01-01T00:00Z') + days * DAY_MS + 123
          expect(nextOccurrence(plan, from)).toBe(occurrences(plan, from, from + 60 * DAY_MS)[0])
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('orders', () => {
  const dosage = (no: number, sequence: number, repeat: object): Dosage => ({
    no,
    sequence,
    asNeeded: false,
    timing: timingOf({ repeat }).timing,
  })
  const patient = { zone: zoneOf('UTC'), times: DEFAULT_DAY_TIMES }
  const order = (over: Partial<Order>): Order => ({
    id: 'o',
    status: 'active',
    dosages: [],
    holds: [],
    authoredOn: '2026-01-01',
    ...over,
  })
  const twice = { frequency: 2, period: 1, periodUnit: 'd' }
  const once = { frequency: 1, period: 1, periodUnit: 'd' }

  it('taper: the next step begins when the one before has ended', () => {
    const { plans } = planOrder(
      order({
        dosages: [
          dosage(0, 1, { ...twice, boundsDuration: { value: 3, code: 'd' } }),
          dosage(1, 2, { ...once, boundsDuration: { value: 2, code: 'd' } }),
        ],
      }),
      patient,
    )
    const doses = plans.map((plan) => dosesBetween(plan, 0, at('2027-01-01')))
    expect(doses.map((each) => each.length)).toEqual([6, 2])
    expect(new Date(doses[1]![0]!).toISOString()).toBe('2026-01-04T08:00:00.000Z')
  })

  it('leave a step out when nothing says when the one before ends', () => {
    const { plans, unplanned } = planOrder(
      order({ dosages: [dosage(0, 1, twice), dosage(1, 2, once)] }),
      patient,
    )
    expect(plans).toHaveLength(1)
    expect(unplanned).toEqual([{ no: 1, why: 'no-end-before-next-step' }])
  })

  it.each([
    'on-hold',
    'stopped',
    'completed',
    'cancelled',
    'draft',
    'entered-in-error',
    'unknown',
  ] as const)('have no doses when %s', (status) => {
    expect(planOrder(order({ status, dosages: [dosage(0, 1, once)] }), patient).plans).toEqual([])
  })

  it('rest during a hold and go on after it', () => {
    const hold = { from: at('2026-01-03T00:00Z'), until: at('2026-01-05T00:00Z') }
    const { plans } = planOrder(order({ dosages: [dosage(0, 1, once)], holds: [hold] }), patient)
    expect(dosesBetween(plans[0]!, at('2026-01-01T00:00Z'), at('2026-01-07T00:00Z'))).toHaveLength(
      4,
    )
    expect(nextDose(plans[0]!, hold.from)).toBe(at('2026-01-05T08:00Z'))
  })
})

describe('as needed', () => {
  it('says no too soon after the last dose, and when the most is reached, and from when it is a yes', () => {
    const rule = { apart: 4, most: { doses: 3, hours: 24 } }
    const hours = (...list: number[]): number[] => list.map((h) => h * HOUR_MS)
    expect(mayTake(rule, hours(0), 3 * HOUR_MS)).toEqual({
      allowed: false,
      why: 'too-soon',
      from: 4 * HOUR_MS,
    })
    expect(mayTake(rule, hours(0, 5), 10 * HOUR_MS)).toEqual({ allowed: true, dosesLeft: 1 })
    expect(mayTake(rule, hours(0, 5, 10), 15 * HOUR_MS)).toEqual({
      allowed: false,
      why: 'most-reached',
      from: 24 * HOUR_MS,
    })
    expect(mayTake(rule, hours(0, 5, 10), 24 * HOUR_MS)).toEqual({ allowed: true, dosesLeft: 1 })
  })
})
