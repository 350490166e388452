// Orders that change, fills that come in any order, doses that are counted from the last one, and what is not followed.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { interactionCheck, medicationReminder } from '../../packs/medication/src/index.ts'
import type { MedicationTables } from '../../packs/medication/src/store/tables.ts'
import { bundleOf, fill, openClinic, order, PATIENT, type Clinic } from './clinic.ts'

let clinic: Clinic
let patientId = ''
let count = 0

beforeAll(async () => {
  clinic = await openClinic('sqlite')
})
afterAll(() => clinic.close())
/** Each test has a patient of its own, two months or more after the one before, who is cared for no more then. */
beforeEach(() => {
  count++
})
afterEach(() => admitOnly({ active: false }))

/** They have 31 days, and two months at least between them. */
const MONTHS = ['01', '03', '05', '07', '10']
const day = (date: number, time: string): string => {
  const n = count - 1
  const month = `${2026 + Math.floor(n / MONTHS.length)}-${MONTHS[n % MONTHS.length]!}`
  return `${month}-${String(date).padStart(2, '0')}T${time}`
}
const at = (date: number, time: string): number => Date.parse(day(date, time))
const set = (date: number, time: string): void => clinic.clock.set(day(date, time))
const remind = async (): Promise<number> => {
  const { output } = await clinic.orderly.perform(medicationReminder, {})
  return output!.reminded
}

const admit = (...resources: object[]) => admitOnly({}, ...resources)

async function admitOnly(more: object, ...resources: object[]) {
  const id = `p-${count}`
  const own = resources.map((each) => ({ ...each, subject: { reference: `Patient/${id}` } }))
  const bundle = bundleOf({ ...PATIENT, id, ...more }, ...own)
  const done = await clinic.pack.api.importBundle(bundle, 'UTC')
  patientId = done.patients[0]!
  return done
}

const written = () => day(1, '00:00:00Z')
const timed = (repeat: object, more: object = {}) => ({
  authoredOn: written(),
  dosageInstruction: [
    { timing: { repeat }, doseAndRate: [{ doseQuantity: { value: 1, unit: 'TAB' } }], ...more },
  ],
})
const orderIdOf = async (name: string): Promise<string> =>
  (await clinic.pack.api.medications(patientId))!.orders.find((each) =>
    each.order.drug.name.startsWith(name),
  )!.orderId
const left = async (name: string): Promise<number | undefined> => {
  const id = await orderIdOf(name)
  const found = (await clinic.pack.api.supply(patientId)).find((each) => each.orderId === id)
  return found?.monitor?.current_supply
}

describe('a corrected order', () => {
  it('misses no dose: every four weeks, delivered anew as daily, is reminded the same day', async () => {
    set(2, '07:30:00Z')
    const alendronate = 'Alendronic acid 10 MG Oral Tablet'
    const eight = { timeOfDay: ['08:00:00'] }
    await admit(
      order('w', alendronate, timed({ frequency: 1, period: 4, periodUnit: 'wk', ...eight })),
    )
    set(2, '08:00:10Z')
    const first = await remind()
    set(2, '09:00:00Z')
    const daily = (hour: string) =>
      timed({ frequency: 1, period: 1, periodUnit: 'd', timeOfDay: [hour] })
    await admit(order('w', alendronate, daily('11:00:00')))
    const sent: number[] = []
    for (const [date, hour] of [
      [2, '10:45:10Z'],
      [2, '11:00:10Z'],
      [2, '11:15:10Z'],
      [3, '11:00:10Z'],
    ] as const) {
      set(date, hour)
      sent.push(await remind())
    }
    expect([first, ...sent].slice(1)).toEqual([0, 1, 0, 1])
    // And back: what was reminded once is not reminded again.
    await admit(order('w', alendronate, daily('11:00:00')))
    expect(await remind()).toBe(0)
  })

  it('leaves what was taken before as it was: one a day until the day it became two', async () => {
    set(1, '09:00:00Z')
    const lisinopril = (n: number) =>
      order(
        'r',
        'Lisinopril 10 MG Oral Tablet',
        timed({ frequency: n, period: 1, periodUnit: 'd' }),
      )
    await admit(lisinopril(1), fill('fr', 'r', day(1, '09:00:00Z'), 60))
    set(29, '10:00:00Z')
    expect(await left('Lisinopril')).toBe(60 - 28)
    await admit(lisinopril(2))
    expect(await left('Lisinopril')).toBe(60 - 28)
    set(31, '10:00:00Z')
    // At 20:00 on the 29th, two on the 30th, one on the 31st.
    expect(await left('Lisinopril')).toBe(60 - 28 - 4)
    await admit(lisinopril(2))
    expect(await left('Lisinopril')).toBe(60 - 28 - 4)
  })
})

describe('preferences', () => {
  it('that are not named stay as they were, also when two are set at once', async () => {
    set(1, '07:00:00Z')
    await admit(order('a', 'Metoprolol 50 MG Oral Tablet'))
    const { api } = clinic.pack
    const preferences = async () => (await api.medications(patientId))!.patient.preferences
    await api.setPreferences(patientId, { channels: ['in-app'], quiet: { from: 60, to: 120 } })
    await Promise.all([
      api.setPreferences(patientId, { grace: 30 }),
      api.setPreferences(patientId, { caregiver: { email: 'x@example.org', after: 30 } }),
      api.setPreferences(patientId, { reminders: false }),
    ])
    expect(await preferences()).toMatchObject({
      channels: ['in-app'],
      quiet: { from: 60, to: 120 },
      grace: 30,
      caregiver: { after: 30 },
      reminders: false,
    })
    await api.setPreferences(patientId, { quiet: undefined })
    expect(await preferences()).not.toHaveProperty('quiet')
    expect(await api.setPreferences('nobody', { grace: 30 })).toBe(false)
  })
})

describe('intervals that are counted from the last dose taken', () => {
  it('lose no dose and double none, whether it is taken at once, late, or noted afterwards', async () => {
    set(2, '06:00:00Z')
    await admit(
      order('a', 'Amoxicillin 500 MG Oral Capsule', {
        ...timed({ frequency: 1, period: 6, periodUnit: 'h' }),
        authoredOn: day(2, '06:10:00Z'),
      }),
    )
    await clinic.pack.api.setPreferences(patientId, { fromLastTaken: true })
    const orderId = await orderIdOf('Amox')
    const take = (dueAt: number, when: number) =>
      clinic.pack.api.noteDose({ patientId, orderId, no: 0, dueAt }, { what: 'taken', at: when })
    const told: string[] = []
    const until = async (from: number, to: number): Promise<void> => {
      for (let now = from; now < to; now += 900_000) {
        clinic.clock.set(now)
        if ((await remind()) > 0) told.push(new Date(now).toISOString().slice(8, 16))
      }
    }
    await until(at(2, '06:00:10Z'), at(2, '06:01:00Z'))
    // Reminded before it is due, and taken at once.
    set(2, '06:02:00Z')
    await take(at(2, '06:10:00Z'), at(2, '06:02:00Z'))
    await until(at(2, '11:45:10Z'), at(2, '12:40:00Z'))
    // Due at 12:02, taken at two.
    set(2, '14:00:00Z')
    await take(at(2, '12:02:00Z'), at(2, '14:00:00Z'))
    await until(at(2, '17:45:10Z'), at(2, '18:20:00Z'))
    await until(at(2, '19:45:10Z'), at(2, '20:20:00Z'))
    // Of the dose at eight it is said much later that it was taken at 20:05: the one at two that was reminded stays one.
    await until(at(3, '01:45:10Z'), at(3, '02:20:00Z'))
    set(3, '02:30:00Z')
    await take(at(2, '20:00:00Z'), at(2, '20:05:00Z'))
    await until(at(3, '02:30:10Z'), at(3, '02:40:00Z'))
    await until(at(3, '07:45:10Z'), at(3, '08:20:00Z'))
    expect(told).toEqual(['02T06:00', '02T12:00', '02T20:00', '03T02:00', '03T08:00'])
  })
})

describe('supply', () => {
  it('counts a fill whichever came first, the fill or its order, and none that was entered in error', async () => {
    set(1, '10:00:00Z')
    const name = 'Metoprolol 50 MG Oral Tablet'
    const twice = timed({ frequency: 2, period: 1, periodUnit: 'd' })
    const filled = fill('f1', 'a', day(1, '10:00:00Z'), 60)
    expect(await admit(filled)).toMatchObject({ fills: 1, orders: 0 })
    await admit(order('a', name, twice))
    expect(await left('Metop')).toBe(60)
    const second = fill('f2', 'a', day(1, '10:00:00Z'), 30)
    await admit(second)
    expect(await left('Metop')).toBe(90)
    const wrong = await admit({ ...second, status: 'entered-in-error' })
    expect(wrong.issues.map(({ code }) => code)).toContain('not-dispensed')
    expect(await left('Metop')).toBe(60)
    await admit(second, { ...fill('f3', 'a', written(), 5), authorizingPrescription: [] })
    expect(await left('Metop')).toBe(90)
  })

  it('is less by every dose that was taken as needed, also by those taken at the same time', async () => {
    set(1, '10:00:00Z')
    const two = [{ doseQuantity: { value: 2, unit: 'TAB' } }]
    await admit(
      order('k', 'Tramadol 50 MG Oral Tablet', {
        authoredOn: written(),
        dosageInstruction: [
          {
            timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
            doseAndRate: [{ doseQuantity: { value: 1, unit: 'TAB' } }],
          },
          { asNeededBoolean: true, doseAndRate: two },
        ],
      }),
      order('p', 'Acetaminophen 500 MG Oral Tablet', {
        authoredOn: written(),
        dosageInstruction: [
          {
            asNeededBoolean: true,
            doseAndRate: two,
            maxDosePerPeriod: {
              numerator: { value: 4, unit: 'TAB' },
              denominator: { value: 24, code: 'h' },
            },
          },
        ],
      }),
    )
    const { api } = clinic.pack
    const [tramadol, paracetamol] = [await orderIdOf('Tram'), await orderIdOf('Acet')]
    await api.noteCount(patientId, tramadol, 20)
    await api.noteCount(patientId, paracetamol, 5)
    set(1, '12:00:00Z')
    const take = (orderId: string, no: number) =>
      Promise.all([1, 2, 3].map(() => api.takeAsNeeded({ patientId, orderId, no })))
    expect((await take(tramadol, 1)).map((each) => each!.allowed)).toEqual([true, true, true])
    expect((await take(paracetamol, 0)).filter((each) => each!.allowed)).toHaveLength(2)
    set(1, '13:00:00Z')
    expect(await left('Tram')).toBe(14)
    expect(await left('Acet')).toBe(1)
    const supply = (await api.supply(patientId)).find(({ orderId }) => orderId === paracetamol)
    expect(supply).toMatchObject({ level: 'critical', monitor: { days_remaining: 0 } })
  })
})

describe('what is not followed', () => {
  it('is not reminded, and stands on a list with its reason: for programs, people and the page', async () => {
    set(1, '07:00:00Z')
    const daily = { frequency: 1, period: 1, periodUnit: 'd', timeOfDay: ['08:00:00'] }
    const name = 'Metoprolol 50 MG Oral Tablet'
    const refused = {
      forever: timed({ ...daily, boundsPeriod: { start: '2020-01-01', end: '08/01/2026' } }),
      uncoded: timed({ ...daily, boundsDuration: { value: 7, unit: 'days' } }),
      changed: timed(daily, { modifierExtension: [{ url: 'http://x', valueBoolean: true }] }),
      words: { dosageInstruction: [{ text: 'as told' }] },
      rhythm: timed({ frequency: 2, period: 1, periodUnit: 'mo' }),
      nothing: { dosageInstruction: [] },
    }
    const done = await admit(
      order('fine', name, timed(daily)),
      ...Object.entries(refused).map(([id, more]) => order(id, name, more)),
      order('never', name, { ...timed(daily), doNotPerform: true }),
      order('other', name, { ...timed(daily), modifierExtension: [{ url: 'http://x' }] }),
    )
    expect(done).toMatchObject({ scheduled: 1, unplanned: 6 })
    const codes = done.issues.map(({ code }) => code)
    expect(codes).toEqual(
      expect.arrayContaining(['bounds-unreadable', 'modifier-not-read', 'do-not-perform']),
    )
    expect(codes.filter((code) => code === 'bounds-unreadable')).toHaveLength(2)
    set(1, '08:00:10Z')
    expect(await remind()).toBe(1)
    const listed = await clinic.pack.api.unscheduled(patientId)
    expect(listed.map(({ why }) => why).toSorted()).toEqual(
      [
        'unreadable',
        'unreadable',
        'unreadable',
        'no-timing',
        'rhythm-not-known',
        'no-dosage',
      ].toSorted(),
    )
    const { pages } = clinic.orderly.packs.find((each) => each.name === 'medication')!
    for (const [page, params] of [
      ['schedule', {}],
      ['patient', { id: patientId }],
    ] as const) {
      const blocks = await pages.find(({ id }) => id === page)!.load(params)
      const table = blocks.find(
        (block) => block.block === 'table' && block.title.startsWith('No times'),
      )
      expect(table).toMatchObject({ rows: { length: 6 } })
    }
    // A correction takes them off the list, and so does the end of the order.
    await admit(order('words', name, timed(daily)), order('rhythm', name, { status: 'stopped' }))
    expect(await clinic.pack.api.unscheduled(patientId)).toHaveLength(4)
  })
})

describe('what is changed at once', () => {
  const metoprolol = 'Metoprolol 50 MG Oral Tablet'
  const holdsOf = async () =>
    (await clinic.pack.api.medications(patientId))!.orders[0]!.order.holds.map(({ from }) => from)

  it('keeps every hold: four of one order, and one while the order is delivered anew', async () => {
    set(1, '07:00:00Z')
    await admit(order('h', metoprolol, { authoredOn: written() }))
    const id = await orderIdOf('Metoprolol')
    const froms = [1, 2, 3, 4].map((n) => at(n, '12:00:00Z'))
    await Promise.all(
      froms.map((from) => clinic.pack.api.hold(patientId, id, { from, until: from + 1 })),
    )
    expect((await holdsOf()).toSorted((a, b) => a - b)).toEqual(froms)
    const lasting = at(5, '12:00:00Z')
    await Promise.all([
      clinic.pack.api.hold(patientId, id, { from: lasting }),
      admit(order('h', metoprolol, { authoredOn: day(1, '01:00:00Z') })),
    ])
    expect(await holdsOf()).toContain(lasting)
  })

  it('keeps the newer version of an order, whichever comes first', async () => {
    set(3, '07:00:00Z')
    const version = (status: string, date: number) =>
      order('v', metoprolol, { status, meta: { lastUpdated: day(date, '06:00:00Z') } })
    const status = async () =>
      (await clinic.pack.api.medications(patientId))!.orders.map((each) => each.order.status)
    await admit(version('stopped', 2))
    expect(await admit(version('active', 1))).toMatchObject({ scheduled: 0 })
    expect(await status()).toEqual(['stopped'])
    await admit(version('active', 3), version('on-hold', 2))
    expect(await status()).toEqual(['active'])
  })

  it('tells of a finding once when three checks run at once, and again when it is back', async () => {
    set(1, '07:00:00Z')
    const phenelzine = (status: string) => order('n', 'Phenelzine 15 MG Oral Tablet', { status })
    const fluoxetine = (status: string) => order('x', 'Fluoxetine 20 MG Oral Capsule', { status })
    await admit(phenelzine('active'), fluoxetine('active'))
    const told = async () => {
      const checks = [1, 2, 3].map(() => clinic.orderly.perform(interactionCheck, { patientId }))
      await Promise.all(checks)
      const rows = await clinic.orderly.database
        .withTables<MedicationTables>()
        .query.selectFrom('med_notifications')
        .select('notification_id')
        .where('patient_id', '=', patientId)
        .where('kind', '=', 'interaction-warning')
        .execute()
      return rows.length
    }
    expect(await told()).toBe(1)
    await admit(phenelzine('stopped'), fluoxetine('stopped'))
    clinic.clock.set(at(1, '07:00:00Z') + 40 * 86_400_000)
    expect(await told()).toBe(1)
    await admit(phenelzine('active'), fluoxetine('active'))
    expect(await told()).toBe(2)
  })

  it('still warns of a medicine that is on hold: it acts for weeks after the last dose', async () => {
    set(1, '07:00:00Z')
    const phenelzine = (status: string) => order('n', 'Phenelzine 15 MG Oral Tablet', { status })
    await admit(phenelzine('active'))
    await admit(phenelzine('on-hold'), order('x', 'Fluoxetine 20 MG Oral Capsule'))
    expect((await clinic.pack.api.interactions(patientId)).findings).toHaveLength(1)
    set(31, '07:00:00Z')
    expect((await clinic.pack.api.interactions(patientId)).findings).toHaveLength(0)
  })

  it('has no reminders for who has died, also when the time of death cannot be read', async () => {
    set(1, '07:00:00Z')
    const id = `p-${count}`
    const dead = bundleOf({ ...PATIENT, id, deceasedDateTime: '03/01/2026' })
    const done = await clinic.pack.api.importBundle(dead, 'UTC')
    expect(done.issues.map(({ code }) => code)).toEqual(['date-unreadable'])
    expect(await clinic.pack.api.patients()).not.toContain(done.patients[0])
  })
})
