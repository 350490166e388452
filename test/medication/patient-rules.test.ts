import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createOrderly } from '../../packages/orderly/src/index.ts'
import {
  interactionCheck,
  medication,
  medicationReminder,
  readPairs,
  refillCheck,
  type MedicationOptions,
  type MedicationPack,
} from '../../packs/medication/src/index.ts'
import { bundleOf, fill, openClinic, order, PATIENT, type Clinic } from './clinic.ts'

const ZONE = 'America/New_York'
let clinic: Clinic
let patientId = ''
let count = 0

beforeAll(async () => {
  // A licensed list that warns of what experts would interrupt nobody for.
  const quiet = readPairs('drug_a,drug_b,severity\nmetoprolol,ibuprofen,major\n', {
    name: 'house list',
    version: '1',
  })
  clinic = await openClinic('sqlite', { rules: [quiet.set] })
})
afterAll(() => clinic.close())
/** Each test has a patient of its own, on a day of its own. */
beforeEach(() => {
  count++
  clinic.smtp.clear()
})

const day = (time: string): string => `2026-05-${String(count).padStart(2, '0')}T${time}`
const at = (time: string): number => Date.parse(day(time))
const remind = async () => (await clinic.orderly.perform(medicationReminder, {})).output!
const mails = (): (string | undefined)[] => clinic.smtp.received.map(({ mail }) => mail.subject)

async function admit(...resources: object[]): Promise<readonly string[]> {
  const id = `p-${count}`
  clinic.clock.set(day('11:00:00Z'))
  const own = resources.map((each) => ({ ...each, subject: { reference: `Patient/${id}` } }))
  const patient = { ...PATIENT, id, telecom: [{ system: 'email', value: `${id}@example.org` }] }
  const done = await clinic.pack.api.importBundle(bundleOf(patient, ...own), ZONE)
  patientId = done.patients[0]!
  // Others have had their doses.
  for (const other of await clinic.pack.api.patients())
    if (other !== patientId) await clinic.pack.api.setPreferences(other, { reminders: false })
  return (await clinic.pack.api.medications(patientId))!.orders.map(({ orderId }) => orderId)
}

describe('reminders', () => {
  it('are one message for what is due together', async () => {
    await admit(order('a', 'Metoprolol 50 MG Oral Tablet'), order('b', 'Lisinopril 10 MG Tablet'))
    clinic.clock.set(day('12:01:00Z'))
    expect(await remind()).toMatchObject({ reminded: 2, delivered: 1 })
    expect(mails()).toEqual(['Medication reminder'])
  })

  it('tell a caregiver once of a dose that nobody confirmed, and of none that was taken', async () => {
    const [first] = await admit(order('a', 'Metoprolol 50 MG Oral Tablet'))
    const caregiver = { email: 'carer@example.org', after: 30 }
    await clinic.pack.api.setPreferences(patientId, { channels: ['in-app'], caregiver })
    clinic.clock.set(day('12:01:00Z'))
    expect(await remind()).toMatchObject({ reminded: 1, escalated: 0 })
    clinic.clock.set(day('12:32:00Z'))
    expect(await remind()).toMatchObject({ escalated: 1 })
    expect(await remind()).toMatchObject({ escalated: 0 })
    const [{ mail, raw, to }] = clinic.smtp.received as [(typeof clinic.smtp.received)[0]]
    expect([mail.subject, to]).toEqual(['A dose was not confirmed', ['carer@example.org']])
    expect(raw).not.toMatch(/Metoprolol|Roe/)
    const dueAt = Date.parse(`2026-05-${String(count + 1).padStart(2, '0')}T00:00:00Z`)
    clinic.clock.set(dueAt + 60_000)
    await remind()
    await clinic.pack.api.noteDose(
      { patientId, orderId: first!, no: 0, dueAt },
      { what: 'taken', at: dueAt + 120_000 },
    )
    clinic.clock.set(dueAt + 40 * 60_000)
    expect(await remind()).toMatchObject({ escalated: 0 })
    count++
  })

  it('tell a caregiver no sooner of a dose that was reminded late or snoozed', async () => {
    const [first] = await admit(order('a', 'Metoprolol 50 MG Oral Tablet'))
    const caregiver = { email: 'carer@example.org', after: 30 }
    await clinic.pack.api.setPreferences(patientId, { channels: ['in-app'], caregiver })
    clinic.clock.set(day('12:50:00Z'))
    expect(await remind()).toMatchObject({ reminded: 1, escalated: 0 })
    clinic.clock.set(day('13:16:00Z'))
    expect(await remind()).toMatchObject({ escalated: 1 })
    const dueAt = at('24:00:00Z')
    const after = async (minutes: number) => {
      clinic.clock.set(dueAt + minutes * 60_000)
      return remind()
    }
    expect(await after(1)).toMatchObject({ reminded: 1 })
    await clinic.pack.api.noteDose(
      { patientId, orderId: first!, no: 0, dueAt },
      { what: 'snoozed', until: dueAt + 45 * 60_000 },
    )
    expect(await after(46)).toMatchObject({ reminded: 1, escalated: 0 })
    expect(await after(61)).toMatchObject({ escalated: 0 })
    expect(await after(76)).toMatchObject({ escalated: 1 })
    count++
  })

  it('keep quiet hours; what else can wait is told when they end, and what is urgent at once', async () => {
    const [first] = await admit(
      order('a', 'Metoprolol 50 MG Oral Tablet'),
      fill('f', 'a', day('10:00:00Z'), 60),
    )
    // From 7 to 9 in the morning in New York.
    const quiet = { from: 7 * 60, to: 9 * 60 }
    await clinic.pack.api.setPreferences(patientId, { quiet, channels: ['email'] })
    clinic.clock.set(day('12:01:00Z'))
    expect(await remind()).toMatchObject({ reminded: 0 })
    await clinic.pack.api.noteCount(patientId, first!, 12)
    expect((await clinic.orderly.perform(refillCheck, { patientId })).output).toMatchObject({
      alerted: 1,
    })
    expect(mails()).toEqual([])
    // Three days and fewer are urgent.
    await clinic.pack.api.noteCount(patientId, first!, 4)
    await clinic.orderly.perform(refillCheck, { patientId })
    expect(mails()).toEqual(['A medicine is nearly used up'])
    clinic.clock.set(day('13:01:00Z'))
    await remind()
    expect(mails()).toEqual(['A medicine is nearly used up', 'Time to refill'])
  })

  it('follow the meals of the patient from the moment they are told', async () => {
    const daily = {
      dosageInstruction: [
        {
          timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd', when: ['CM'] } },
          doseAndRate: [{ doseQuantity: { value: 1, unit: 'TAB' } }],
        },
      ],
    }
    await admit(order('a', 'Metoprolol 50 MG Oral Tablet', daily))
    const { times } = (await clinic.pack.api.medications(patientId))!.patient.preferences
    // Breakfast at a quarter to eight in New York, instead of eight.
    await clinic.pack.api.setPreferences(patientId, {
      times: { ...times, breakfast: 7 * 60 + 45 },
    })
    clinic.clock.set(day('11:46:00Z'))
    expect(await remind()).toMatchObject({ reminded: 1 })
    clinic.clock.set(day('12:01:00Z'))
    expect(await remind()).toMatchObject({ reminded: 0 })
  })

  it('rest while an order is held, and go on when the hold ends', async () => {
    const [first] = await admit(order('a', 'Metoprolol 50 MG Oral Tablet'))
    expect(await clinic.pack.api.hold(patientId, first!, { from: at('00:00:00Z') })).toBe(true)
    clinic.clock.set(day('12:01:00Z'))
    expect(await remind()).toMatchObject({ reminded: 0 })
    // A new delivery of the order does not lift it.
    await admit(order('a', 'Metoprolol 50 MG Oral Tablet'))
    clinic.clock.set(day('12:05:00Z'))
    expect(await remind()).toMatchObject({ reminded: 0 })
    await clinic.pack.api.endHold(patientId, first!)
    expect(await remind()).toMatchObject({ reminded: 0 })
    clinic.clock.set(`2026-05-${String(count + 1).padStart(2, '0')}T00:01:00Z`)
    expect(await remind()).toMatchObject({ reminded: 1 })
    expect(await clinic.pack.api.hold(patientId, 'no-such-order', { from: 0 })).toBe(false)
    count++
  })

  it('go from one step of a taper to the next', async () => {
    const step = (sequence: number, tablets: number, from: number, to: number) => ({
      sequence,
      timing: {
        repeat: {
          frequency: 1,
          period: 1,
          periodUnit: 'd',
          timeOfDay: ['08:00:00'],
          boundsPeriod: {
            start: `2026-05-${String(from).padStart(2, '0')}`,
            end: `2026-05-${String(to).padStart(2, '0')}`,
          },
        },
      },
      doseAndRate: [{ doseQuantity: { value: tablets, unit: 'TAB' } }],
    })
    const start = count
    await admit(
      order('a', 'Prednisone 10 MG Oral Tablet', {
        dosageInstruction: [step(1, 2, start, start), step(2, 1, start + 1, start + 1)],
      }),
    )
    const sent = []
    for (let n = 0; n < 3; n++) {
      clinic.clock.set(day('12:01:00Z'))
      sent.push((await remind()).reminded)
      count++
    }
    expect(sent).toEqual([1, 1, 0])
  })
})

describe('doses as needed', () => {
  it('are guarded: not too soon, not too many, and in no figure of adherence', async () => {
    const [first] = await admit(
      order('a', 'Acetaminophen 500 MG Oral Tablet', {
        dosageInstruction: [
          {
            asNeededBoolean: true,
            timing: { repeat: { frequency: 1, period: 6, periodUnit: 'h' } },
            doseAndRate: [{ doseQuantity: { value: 2, unit: 'TAB' } }],
            maxDosePerPeriod: {
              numerator: { value: 4, unit: 'TAB' },
              denominator: { value: 24, code: 'h' },
            },
          },
        ],
      }),
      order('b', 'Metoprolol 50 MG Oral Tablet'),
    )
    const orders = (await clinic.pack.api.medications(patientId))!.orders
    const dose = {
      patientId,
      orderId: orders.find(({ order: { drug } }) => drug.name.startsWith('Acet'))!.orderId,
      no: 0,
    }
    expect(first).toBeDefined()
    const { api } = clinic.pack
    expect(await api.takeAsNeeded(dose)).toEqual({ allowed: true, dosesLeft: 2 })
    expect(await api.takeAsNeeded(dose)).toEqual({
      allowed: false,
      why: 'too-soon',
      from: expect.any(Number),
    })
    clinic.clock.set(day('17:00:30Z'))
    expect(await api.mayTake(dose)).toEqual({ allowed: true, dosesLeft: 1 })
    expect(await api.takeAsNeeded(dose)).toMatchObject({ allowed: true })
    clinic.clock.set(day('23:30:00Z'))
    expect(await api.takeAsNeeded(dose)).toMatchObject({ allowed: false, why: 'most-reached' })
    // Metoprolol has its times: nobody takes it as needed.
    const other = orders.find(({ orderId }) => orderId !== dose.orderId)!.orderId
    expect(await api.mayTake({ ...dose, orderId: other })).toBeUndefined()
    expect(await api.mayTake({ ...dose, patientId: 'p0' })).toBeUndefined()
    const states = await clinic.orderly.database.query
      .selectFrom('med_doses' as never)
      .select('state' as never)
      .where('order_id' as never, '=', dose.orderId as never)
      .execute()
    expect(states).toEqual([{ state: 'as-needed' }, { state: 'as-needed' }])
  })
})

describe('findings', () => {
  const pair = { metoprolol: 'Metoprolol 50 MG Oral Tablet', verapamil: 'Verapamil 80 MG Tablet' }
  const rules = (version: string, severity: string) => ({
    name: 'licensed',
    version,
    rules: [
      {
        id: 'licensed:metoprolol+verapamil',
        severity: severity as 'major',
        a: { ingredients: ['metoprolol'] },
        b: { ingredients: ['verapamil'] },
        effect: 'Slow heart.',
        advice: 'Check the pulse.',
        sources: ['licensed'],
      },
    ],
  })

  it('stay acknowledged through runs and new lists, until a list judges otherwise', async () => {
    const home = mkdtempSync(join(tmpdir(), 'orderly-findings-'))
    const silent = { debug() {}, info() {}, warn() {}, error() {} }
    let patient = ''
    const within = async <T>(
      options: MedicationOptions,
      work: (pack: MedicationPack, check: () => Promise<unknown>) => Promise<T>,
    ): Promise<T> => {
      const pack = medication(options)
      await using orderly = await createOrderly({ home, packs: [pack], log: silent })
      await orderly.start()
      for (const { id } of await orderly.schedules())
        await orderly.pause({ schedule: id }, { reason: 'a test runs the jobs', by: 'test' })
      return await work(pack, async () => {
        const done = await orderly.enqueueAndWait(interactionCheck, { patientId: patient })
        return { ...(done as object) }
      })
    }
    try {
      const bundle = bundleOf(PATIENT, ...Object.entries(pair).map(([id, name]) => order(id, name)))
      await within({}, async (pack, check) => {
        patient = (await pack.api.importBundle(bundle, ZONE)).patients[0]!
        expect(await check()).toMatchObject({ findings: 1, new: 1 })
        const [found] = await pack.api.findings(patient)
        expect(found).toMatchObject({ severity: 'major', state: 'open' })
        expect(await pack.api.acknowledge(found!.id, 'Dr. Okafor', 'known, pulse is watched')).toBe(
          true,
        )
        expect(await check()).toMatchObject({ findings: 1, new: 0 })
        expect(await pack.api.findings(patient)).toMatchObject([
          {
            id: found!.id,
            state: 'acknowledged',
            acknowledgement: { by: 'Dr. Okafor', reason: 'known, pulse is watched' },
          },
        ])
      })
      // A list that is added and says the same, or less, re-opens nothing; nor does its next version.
      for (const [version, severity] of [
        ['1', 'major'],
        ['2', 'moderate'],
      ] as const)
        await within({ rules: [rules(version, severity)] }, async (pack, check) => {
          expect(await check()).toMatchObject({ findings: 1, new: 0 })
          expect(await pack.api.findings(patient)).toMatchObject([
            { state: 'acknowledged', rulesVersion: expect.stringContaining(`licensed@${version}`) },
          ])
        })
      // One that says worse does.
      await within({ rules: [rules('3', 'contraindicated')] }, async (pack, check) => {
        expect(await check()).toMatchObject({ findings: 1, new: 1, gone: 1 })
        expect(await pack.api.findings(patient)).toMatchObject([
          { severity: 'contraindicated', state: 'open' },
        ])
      })
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })

  it('that never interrupt are shown and not told', async () => {
    await admit(
      order('a', 'Metoprolol 50 MG Oral Tablet'),
      order('b', 'Ibuprofen 800 MG Oral Tablet'),
      order('c', 'Warfarin Sodium 5 MG Oral Tablet'),
    )
    const done = await clinic.orderly.perform(interactionCheck, { patientId })
    expect(done.output).toMatchObject({ findings: 2, new: 2 })
    const found = await clinic.pack.api.findings(patientId)
    expect(found.map(({ quiet, rule }) => [rule, quiet]).toSorted()).toEqual([
      ['house list:ibuprofen+metoprolol', true],
      ['warfarin-nsaid', false],
    ])
    expect(mails()).toEqual(['Your medicines need a look'])
  })
})
