// Figures of days, weeks and months: who is in them, what comes late, and runs that were not there.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  analyticsRollup,
  interactionCheck,
  medicationReminder,
} from '../../packs/medication/src/index.ts'
import { bundleOf, fill, openClinic, order, PATIENT, type Clinic } from './clinic.ts'

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic('sqlite')
})
afterAll(() => clinic.close())

type Range = 'daily' | 'weekly' | 'monthly'
const rollUp = async (timeRange: Range): Promise<readonly string[]> =>
  (await clinic.orderly.perform(analyticsRollup, { timeRange })).output!.buckets.toSorted()
const figures = async (range: Range, day: string) =>
  (await clinic.pack.api.rollups(400)).find((each) => each.range === range && each.day === day)!
    .metrics
const of = (patient: string, ...resources: object[]) =>
  resources.map((each) => ({ ...each, subject: { reference: `Patient/${patient}` } }))
const drug = (name: string) => ({ medicationCodeableConcept: { text: name } })

describe('the measure of days covered', () => {
  it('leaves children out, ends with a death, and takes two strengths of a drug for one drug', async () => {
    clinic.clock.set('2026-04-08T01:10:00Z')
    const two = (id: string) => [
      { ...fill(`${id}1`, 'm', '2025-09-01T10:00:00Z', 0), quantity: { value: 90, unit: 'TAB' } },
      { ...fill(`${id}2`, 'm', '2025-11-30T10:00:00Z', 0), quantity: { value: 122, unit: 'TAB' } },
    ]
    const strengths = (id: string) =>
      two(id).map((each, n) => ({
        ...each,
        ...drug(`Simvastatin ${(n + 1) * 20} MG Oral Tablet`),
        daysSupply: { value: [90, 122][n], code: 'd' },
      }))
    const { importBundle } = clinic.pack.api
    await importBundle(
      bundleOf(
        { ...PATIENT, id: 'child', birthDate: '2018-05-05' },
        ...of('child', ...strengths('c')),
      ),
      'UTC',
    )
    await rollUp('monthly')
    const child = (await figures('monthly', '2026-03-01')).adherence
    expect(child).toMatchObject({ treatments: 1, measured: 0, adherent: null })
    await importBundle(
      bundleOf({ ...PATIENT, id: 'adult' }, ...of('adult', ...strengths('a'))),
      'UTC',
    )
    // Treated for 120 days, until a death that leaves 30 of them uncovered.
    const [only] = strengths('d')
    const again = {
      ...only,
      id: 'd2',
      whenHandedOver: '2025-09-02T10:00:00Z',
      daysSupply: { value: 1, code: 'd' },
    }
    await importBundle(
      bundleOf(
        { ...PATIENT, id: 'dead', deceasedDateTime: '2025-12-29' },
        ...of('dead', only!, again),
      ),
      'UTC',
    )
    // Fills that came after the month was summed up open it again.
    expect(await rollUp('monthly')).toEqual(['monthly/2026-03-01'])
    const all = (await figures('monthly', '2026-03-01')).adherence
    expect(all).toMatchObject({ treatments: 3, measured: 2 })
    // The child and the adult have all 212 days; the dead 91 of 120.
    expect(all.daysCovered).toBeCloseTo((1 + 1 + 91 / 120) / 3, 4)
    expect(all.adherent).toBe(0.5)
    expect(await rollUp('monthly')).toEqual(['monthly/2026-03-01'])
  })
})

describe('a switch of medicines', () => {
  it('within a class is one treatment, by the example of the Quality Alliance; one between classes is two', async () => {
    clinic.clock.set('2019-01-01T01:10:00Z')
    const of90 = (id: string, on: string, name: string) => ({
      ...fill(id, 'm', on, 180),
      ...drug(name),
    })
    const first = of90('s1', '2018-01-01T10:00:00Z', 'Simvastatin 20 MG Oral Tablet')
    const second = (name: string) => of90('s2', '2018-04-01T10:00:00Z', name)
    const measured = async (name: string) => {
      await clinic.pack.api.importBundle(
        bundleOf({ ...PATIENT, id: 'switched' }, ...of('switched', first, second(name))),
        'UTC',
      )
      await rollUp('monthly')
      return (await figures('monthly', '2018-12-01')).adherence
    }
    const within = await measured('Atorvastatin 40 MG Oral Tablet')
    expect(within).toMatchObject({ treatments: 1, measured: 1, adherent: 0 })
    expect(within.daysCovered).toBeCloseTo(0.4932, 4)
    clinic.clock.set('2019-01-01T02:10:00Z')
    expect(await measured('Metformin 500 MG Oral Tablet')).toMatchObject({
      treatments: 2,
      measured: 0,
    })
  })
})

describe('buckets', () => {
  it('that no run was there for are made up, and one that is late for its week sums the week up', async () => {
    clinic.clock.set('2026-05-04T01:10:00Z')
    await clinic.pack.api.importBundle(
      bundleOf(
        PATIENT,
        order('m', 'Metoprolol 50 MG Oral Tablet'),
        order('v', 'Verapamil 80 MG Oral Tablet'),
      ),
      'UTC',
    )
    expect(await rollUp('daily')).toEqual(['daily/2026-05-03'])
    await rollUp('weekly')
    // Nobody runs from Tuesday the 5th until Tuesday the 12th.
    clinic.clock.set('2026-05-12T01:10:00Z')
    const days = Array.from(
      { length: 8 },
      (_, n) => `daily/2026-05-${String(n + 4).padStart(2, '0')}`,
    )
    expect(await rollUp('daily')).toEqual(days)
    await clinic.orderly.workOff({ delayed: true })
    expect(await figures('weekly', '2026-05-04')).toBeDefined()
    expect(await rollUp('daily')).toEqual(['daily/2026-05-11'])
  })

  it('that doses of an outage belong to are summed up again, with supply and safety as they were', async () => {
    // The reminder comes after the roll-up: eight days of doses, all too late.
    await clinic.orderly.perform(interactionCheck, {})
    const before = await figures('daily', '2026-05-06')
    expect(before.adherence).toMatchObject({ due: 0 })
    expect(before.safety.open).toEqual({})
    const { output } = await clinic.orderly.perform(medicationReminder, {})
    expect(output!.missed_window).toBeGreaterThan(20)
    clinic.clock.set('2026-05-13T01:10:00Z')
    const done = await rollUp('daily')
    expect(done).toContain('daily/2026-05-06')
    expect(done).toContain('daily/2026-05-12')
    const after = await figures('daily', '2026-05-06')
    expect(after.adherence).toMatchObject({ due: 4, missed: 4 })
    expect([after.safety, after.supply]).toEqual([before.safety, before.supply])
    expect((await figures('daily', '2026-05-12')).safety.open).not.toEqual({})
    expect(await rollUp('daily')).toEqual(['daily/2026-05-12'])
  })
})
