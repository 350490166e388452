import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isoDate, parseDay } from '../schedule/zone.ts'
import { daysCovered, type Fill } from './days-covered.ts'
import { doseLog } from './dose-log.ts'
import { persistence, possession } from './possession.ts'
import { treatmentsOf, type FilledDrug } from './treatments.ts'

interface Vectors {
  readonly measurementPeriod: { readonly start: string; readonly end: string }
  readonly cases: readonly {
    readonly name: string
    readonly claims: readonly {
      readonly drug: string
      readonly fill: string
      readonly daysSupply: number
      readonly firstDose: string
      readonly lastDose: string
    }[]
    readonly treatmentDays: number
    readonly coveredDays: number
    readonly pdc: number
  }[]
}

const vectors = JSON.parse(
  readFileSync(new URL('../../fixtures/pqa/pdc_vectors.json', import.meta.url), 'utf8'),
) as Vectors
const day = (text: string): number => parseDay(text)!
const period = {
  start: day(vectors.measurementPeriod.start),
  end: day(vectors.measurementPeriod.end),
}

describe('proportion of days covered', () => {
  it.each(vectors.cases)('is what the Quality Alliance says: $name', (one) => {
    const fills = one.claims.map(({ daysSupply, drug, fill }) => ({
      drugs: [drug],
      on: day(fill),
      days: daysSupply,
    }))
    const found = daysCovered(fills, period)!
    expect(
      found.fills.map(({ firstDose, lastDose }) => [isoDate(firstDose), isoDate(lastDose)]),
    ).toEqual(one.claims.map(({ firstDose, lastDose }) => [firstDose, lastDose]))
    expect(found).toMatchObject({ treatmentDays: one.treatmentDays, coveredDays: one.coveredDays })
    expect(found.share).toBeCloseTo(one.pdc, 4)
  })

  it('takes reversed fills out, and says who is not in the measure', () => {
    const fill: Fill = { drugs: ['A'], on: day('2018-02-01'), days: 30 }
    expect(daysCovered([fill, { ...fill, days: -30 }], period)).toBeUndefined()
    expect(daysCovered([fill], period)?.notMeasured).toBe('fewer-than-two-fills')
    const late = [
      { ...fill, on: day('2018-11-01') },
      { ...fill, on: day('2018-12-01') },
    ]
    expect(daysCovered(late, period)?.notMeasured).toBe('index-too-late')
    expect(
      daysCovered([fill, { ...fill, on: day('2018-03-01') }], period, { birth: day('2001-06-01') })
        ?.notMeasured,
    ).toBe('under-18')
  })

  it('leaves days in hospital out of both numbers', () => {
    const fills = [{ drugs: ['A'], on: day('2018-12-01'), days: 20 }]
    const stay = { start: day('2018-12-11'), end: day('2018-12-25') }
    expect(daysCovered(fills, period, { inpatient: [stay] })).toMatchObject({
      treatmentDays: 16,
      coveredDays: 10,
    })
  })

  it('never covers more than it treats, nor less when a fill is added', () => {
    const fill = fc.record({
      drugs: fc.subarray(['A', 'B', 'C'], { minLength: 1 }),
      on: fc.integer({ min: period.start, max: period.end }),
      days: fc.integer({ min: 1, max: 120 }),
    })
    fc.assert(
      fc.property(fc.array(fill, { minLength: 1, maxLength: 12 }), fill, (fills, more) => {
        const before = daysCovered(fills, period)!
        expect(before.share).toBeGreaterThan(0)
        expect(before.share).toBeLessThanOrEqual(1)
        const first = Math.min(...fills.map(({ on }) => on))
        const after = daysCovered([...fills, { ...more, on: Math.max(more.on, first) }], period)!
        expect(after.coveredDays).toBeGreaterThanOrEqual(before.coveredDays)
      }),
    )
  })
})

describe('treatments', () => {
  const filled = (on: string, days: number, ...ingredients: string[]): FilledDrug => ({
    ingredients,
    systemic: true,
    on: day(on),
    days,
  })

  // The medicines the Quality Alliance shows its examples with.
  it.each([
    ['statins', 'simvastatin', 'atorvastatin'],
    ['diabetes medications', 'metformin', 'glipizide'],
    ['direct-acting oral anticoagulants', 'apixaban', 'dabigatran'],
  ])('with %s are one, whichever of the class was filled', (name, first, second) => {
    for (const one of vectors.cases) {
      const fills = one.claims.map(({ daysSupply, drug, fill }) =>
        filled(fill, daysSupply, drug === 'A' ? first : second),
      )
      const found = treatmentsOf(fills)
      expect(found.map((each) => each.name)).toEqual([name])
      const covered = daysCovered(found[0]!.fills, period)!
      expect(
        covered.fills.map(({ firstDose, lastDose }) => [isoDate(firstDose), isoDate(lastDose)]),
      ).toEqual(one.claims.map(({ firstDose, lastDose }) => [firstDose, lastDose]))
      expect(covered.share).toBeCloseTo(one.pdc, 4)
    }
  })

  it('count a combination for the class of each part, after what it shares a medicine with', () => {
    const fills = [
      filled('2018-01-01', 30, 'amlodipine'),
      filled('2018-01-21', 30, 'amlodipine', 'benazepril'),
      filled('2018-02-10', 30, 'lisinopril'),
    ]
    const covered = Object.fromEntries(
      treatmentsOf(fills).map((each) => [each.name, daysCovered(each.fills, period)!]),
    )
    expect(Object.keys(covered).toSorted()).toEqual([
      'calcium channel blockers',
      'renin-angiotensin antagonists',
    ])
    // 31 January to 1 March follows the thirty days of amlodipine; benazepril and lisinopril overlap.
    expect(covered['calcium channel blockers']).toMatchObject({ coveredDays: 60 })
    expect(covered['renin-angiotensin antagonists']).toMatchObject({ coveredDays: 50 })
  })

  it('with antiretrovirals are covered on days with three of them, from the day the third was there', () => {
    const one = (name: string, ...fills: [on: string, days: number][]) =>
      fills.map(([on, days]) => filled(on, days, ...name.split(' ')))
    const measured = (...fills: FilledDrug[]) => {
      const [found] = treatmentsOf(fills)
      const { adherentFrom, fills: own, name, rule } = found!
      return { name, adherentFrom, ...daysCovered(own, period, { rule })! }
    }
    const whole = one(
      'bictegravir emtricitabine tenofovir',
      ['2018-01-01', 180],
      ['2018-06-20', 190],
    )
    expect(measured(...whole)).toMatchObject({
      name: 'antiretrovirals',
      adherentFrom: 0.9,
      treatmentDays: 365,
      coveredDays: 365,
      notMeasured: undefined,
    })
    // The third is there from February on, and there is none of it in May and June.
    const third = one('darunavir ritonavir', ['2018-02-01', 89], ['2018-07-01', 184])
    const two = one('emtricitabine tenofovir', ['2018-01-01', 200], ['2018-07-20', 165])
    expect(measured(...two, ...third)).toMatchObject({
      treatmentDays: 334,
      coveredDays: 89 + 184,
      notMeasured: undefined,
    })
    // Two of them, one that was filled once, and what only makes another work longer are not three.
    for (const more of [[], third.slice(0, 1), one('ritonavir', ['2018-01-01', 90])])
      expect(measured(...two, ...more).notMeasured).toBe('too-few-drugs')
  })

  it('with anticoagulants are measured over half a year, and not beside warfarin or heparins', () => {
    const measured = (...fills: FilledDrug[]) => {
      const { excluded, fills: own, rule } = treatmentsOf(fills)[0]!
      return daysCovered(own, period, { excluded, rule })!.notMeasured
    }
    const first = filled('2018-01-01', 30, 'apixaban')
    expect(measured(first, filled('2018-06-30', 30, 'dabigatran'))).toBeUndefined()
    expect(measured(first, filled('2018-06-29', 30, 'apixaban'))).toBe('too-little-supply')
    expect(measured(first, filled('2018-07-30', 29, 'apixaban'))).toBe('too-little-supply')
    for (const other of ['warfarin', 'enoxaparin', 'heparin'])
      expect(
        measured(first, filled('2018-07-30', 30, 'apixaban'), filled('2018-01-01', 5, other)),
      ).toBe('excluded')
  })

  it('that are in no class are by medicine; drops and what excludes a patient are told apart', () => {
    const found = treatmentsOf([
      filled('2018-01-01', 30, 'warfarin'),
      filled('2018-02-01', 30, 'warfarin'),
      filled('2018-01-01', 30, 'metformin'),
      filled('2018-01-01', 30, 'insulin glargine'),
      filled('2018-01-01', 30, 'timolol'),
      { ...filled('2018-02-01', 30, 'timolol'), systemic: false },
    ])
    expect(found.map((each) => [each.name, each.fills.length, each.excluded])).toEqual([
      ['warfarin', 2, false],
      ['diabetes medications', 1, true],
      ['insulin glargine', 1, false],
      ['beta-blockers', 1, false],
      ['local timolol', 1, false],
    ])
    expect(daysCovered(found[1]!.fills, period, { excluded: true })?.notMeasured).toBe('excluded')
  })
})

describe('possession and persistence', () => {
  it('shows a ratio above 1 and caps it', () => {
    const fills = [0, 20, 40].map((on) => ({ drugs: ['A'], on, days: 30 }))
    expect(possession(fills, { start: 0, end: 59 })).toEqual({ ratio: 1.5, capped: 1 })
  })

  it('ends where the first long gap begins', () => {
    const fills = [0, 30, 120].map((on) => ({ drugs: ['A'], on, days: 30 }))
    expect(persistence(fills, { start: 0, end: 200 }, 30)).toEqual({ days: 60, gapFrom: 60 })
    expect(persistence(fills, { start: 0, end: 200 }, 60)).toEqual({
      days: 201,
      gapFrom: undefined,
    })
  })
})

describe('the log of doses', () => {
  it('tells on time, late, skipped and missed apart, and leaves open what may still come', () => {
    const h = 3_600_000
    const doses = [
      { dueAt: 0, takenAt: h },
      { dueAt: 0, takenAt: 3 * h },
      { dueAt: 0, skipped: true },
      { dueAt: 0 },
      { dueAt: 9 * h },
    ]
    expect(doseLog(doses, 10 * h)).toEqual({
      due: 4,
      onTime: 1,
      late: 1,
      skipped: 1,
      missed: 1,
      open: 1,
      share: 0.5,
    })
  })
})
