// Every job fails with a message that names a patient: nothing of it comes to light.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  analyticsRollup,
  backup,
  errorCleanup,
  interactionCheck,
  medicationImport,
  medicationReminder,
  metricsRollup,
  notificationCleanup,
  refillCheck,
  supplyMonitor,
  type MedicationServices,
} from '../../packs/medication/src/index.ts'
import { dumpFolder } from '../canary/dump.ts'
import { bundleOf, openClinic, order, PATIENT, type Clinic } from './clinic.ts'

const NAME = 'Wilhelmina Featherstonehaugh'
const NUMBER = '999-48-8934'

describe('an error that names a patient', () => {
  let clinic: Clinic
  let isBroken = false
  const boom = async (): Promise<never> => {
    throw new Error(`cannot read ${NAME} ${NUMBER}`)
  }
  beforeAll(async () => {
    const services: Partial<MedicationServices> = {
      medication: {
        patients: boom,
        medications: boom,
        supply: boom,
        interactions: boom,
        validate: boom,
      },
      notification: { send: boom },
      logging: { operation: boom, error: boom, audit: boom, debug: boom },
      monitoring: { run: boom, error: boom, queue: boom },
    }
    clinic = await openClinic('sqlite', { services })
    isBroken = true
  })
  afterAll(() => clinic.close())

  it.each([
    [medicationReminder, {}],
    [refillCheck, {}],
    [supplyMonitor, {}],
    [interactionCheck, {}],
    [analyticsRollup, { timeRange: 'weekly' }],
    [backup, {}],
    [notificationCleanup, {}],
    [metricsRollup, {}],
    [errorCleanup, {}],
    [medicationImport, { bundle: '{}', zone: 'UTC' }],
  ] as const)('stays under seal when $name fails', async (job, input) => {
    expect(isBroken).toBe(true)
    const done = await clinic.orderly.perform(job as typeof backup, input as object)
    expect(done.state).toBe('failed')
    const log = clinic.log.join('\n')
    expect(log).toContain(job.name)
    const hay = `${log}\n${dumpFolder(clinic.orderly.settings.home).toString('latin1')}`
    expect([NAME, NUMBER, 'Featherstonehaugh'].filter((secret) => hay.includes(secret))).toEqual([])
  })
})

describe('notices', () => {
  let clinic: Clinic
  const told: string[] = []
  let mode: 'fine' | 'throws' | 'slow' = 'fine'
  let atOnce = 0
  let mostAtOnce = 0
  let letGo: (() => void) | undefined
  const MORNING = '2026-03-02T08:00:05Z'
  const rows = () =>
    clinic.orderly.database
      .withTables<{
        med_notifications: { state: string; attempts: number; urgent: number; kind: string }
      }>()
      .query.selectFrom('med_notifications')
      .select(['state', 'attempts', 'urgent'])
      .where('kind', '!=', 'admin-alert')
      .execute()
  const remind = async () => (await clinic.orderly.perform(medicationReminder, {})).output

  beforeAll(async () => {
    const notification: MedicationServices['notification'] = {
      async send({ channels, urgent }) {
        if (mode === 'throws') throw new Error(`no way to ${NAME}`)
        atOnce++
        mostAtOnce = Math.max(mostAtOnce, atOnce)
        // The first waits until another is there, too: one after the other would wait for ever.
        if (mode === 'slow' && letGo === undefined)
          await new Promise<void>((resolve) => (letGo = resolve))
        else letGo?.()
        atOnce--
        told.push(urgent ? 'urgent' : 'other')
        return { channels: { [channels[0]!]: 'sent' }, sent: true, deferred: false }
      },
    }
    clinic = await openClinic('sqlite', { services: { notification } })
  })
  afterAll(() => clinic.close())

  const admit = async (from: number, count: number): Promise<string[]> => {
    const ids: string[] = []
    for (let n = from; n < from + count; n++) {
      const own = {
        ...order('a', 'Metoprolol 50 MG Oral Tablet'),
        subject: { reference: `Patient/p${n}` },
      }
      const bundle = bundleOf({ ...PATIENT, id: `p${n}` }, own)
      ids.push((await clinic.pack.api.importBundle(bundle, 'UTC')).patients[0]!)
    }
    return ids
  }

  it('are told several at a time, and what is urgent before all others', async () => {
    clinic.clock.set('2026-03-02T07:30:00Z')
    const [first] = await admit(0, 12)
    await clinic.pack.api.setPreferences(first!, {
      caregiver: { email: 'carer@example.org', after: 15 },
    })
    clinic.clock.set(MORNING)
    mode = 'slow'
    expect(await remind()).toMatchObject({ delivered: 12 })
    expect(mostAtOnce).toBeGreaterThan(1)
    mode = 'fine'
    told.length = 0
    await admit(20, 6)
    // Those six are late by a quarter of an hour, and the caregiver of the first patient is to be told.
    clinic.clock.set('2026-03-02T08:16:00Z')
    await clinic.orderly.database
      .withTables<{ med_dosages: { next_due_at: number } }>()
      .query.updateTable('med_dosages')
      .set({ next_due_at: Date.parse('2026-03-02T08:00:00Z') })
      .where('next_due_at', '<', Date.parse('2026-03-03T00:00:00Z'))
      .execute()
    const done = await remind()
    expect(done).toMatchObject({ escalated: 1 })
    expect(told[0]).toBe('urgent')
    expect(told.length).toBeGreaterThan(1)
  })

  it('that cannot be told are tried twelve times, and no more', async () => {
    mode = 'throws'
    await admit(40, 1)
    clinic.clock.set('2026-03-02T20:00:05Z')
    const before = (await rows()).length
    await clinic.orderly.perform(medicationReminder, {})
    const waiting = (await rows()).filter(({ state }) => state === 'pending')
    expect(waiting.length).toBeGreaterThan(0)
    // Three attempts of one job, and no delivery without its count.
    expect(new Set(waiting.map(({ attempts }) => attempts))).toEqual(new Set([3]))
    await clinic.orderly.database
      .withTables<{ med_notifications: { state: string; attempts: number } }>()
      .query.updateTable('med_notifications')
      .set({ attempts: 10 })
      .where('state', '=', 'pending')
      .execute()
    await clinic.orderly.perform(medicationReminder, {})
    const left = await rows()
    expect(left.length).toBeGreaterThan(before)
    expect(left.filter(({ state }) => state === 'pending')).toEqual([])
    const failed = left.filter(({ state }) => state === 'failed')
    expect(failed.length).toBe(left.length - before)
    expect(new Set(failed.map(({ attempts }) => attempts))).toEqual(new Set([12]))
    mode = 'fine'
    // Nobody but the administrators, who are told that.
    expect(await remind()).toMatchObject({ delivered: 1 })
    expect(await remind()).toMatchObject({ delivered: 0 })
  })

  it('to caregivers do not wait behind the doses of others, however many those are', async () => {
    const due = Date.parse('2026-03-03T07:45:00Z')
    const tables = clinic.orderly.database.withTables<{ med_doses: Record<string, unknown> }>()
    const [patient] = await clinic.pack.api.patients()
    const carer = { email: 'carer@example.org', after: 30 }
    for (const id of await clinic.pack.api.patients())
      await clinic.pack.api.setPreferences(id, { reminders: false })
    // 6,000 doses that were due before, of somebody who has nobody to be told.
    const base = { patient_id: patient, order_id: 'o', no: 0, due_at: due, state: 'reminded' }
    const none = {
      remind_at: null,
      reminded_at: due,
      taken_at: null,
      escalated_at: null,
      note: null,
    }
    for (let k = 0; k < 12; k++)
      await tables.query
        .insertInto('med_doses')
        .values(
          Array.from({ length: 500 }, (_, n) => ({ dose_id: `x${k}.${n}`, ...base, ...none })),
        )
        .execute()
    await clinic.pack.api.setPreferences(patient!, { caregiver: undefined })
    clinic.clock.set('2026-03-03T07:50:00Z')
    const [mine] = await admit(60, 1)
    await clinic.pack.api.setPreferences(mine!, { caregiver: carer })
    clinic.clock.set('2026-03-03T08:00:05Z')
    await remind()
    clinic.clock.set('2026-03-03T08:30:05Z')
    expect(await remind()).toMatchObject({ escalated: 1 })
  })
})
