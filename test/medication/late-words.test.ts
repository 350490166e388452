// What is said of a dose or a stock after a reminder or an alert was written: it changes what is told.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  interactionCheck,
  medicationReminder,
  refillCheck,
  supplyMonitor,
} from '../../packs/medication/src/index.ts'
import type { MedicationTables } from '../../packs/medication/src/store/tables.ts'
import { bundleOf, fill, openClinic, order, PATIENT, type Clinic } from './clinic.ts'

describe('what was written to be told', () => {
  let clinic: Clinic
  let patient = ''
  let count = 0
  const DAY_MS = 86_400_000
  beforeAll(async () => {
    clinic = await openClinic('sqlite')
  })
  afterAll(() => clinic.close())

  const metoprolol = order('a', 'Metoprolol 50 MG Oral Tablet')
  const lisinopril = order('b', 'Lisinopril 10 MG Oral Tablet')
  const mails = () => clinic.smtp.received.map(({ mail }) => mail.subject)
  const tables = () => clinic.orderly.database.withTables<MedicationTables>().query
  const at = (day: number, time: string) => `2026-0${count}-0${day}T${time}Z`
  const deliver = async (...resources: object[]): Promise<string> => {
    const id = `p${count}`
    const own = resources.map((each) => ({ ...each, subject: { reference: `Patient/${id}` } }))
    const bundle = bundleOf({ ...PATIENT, id }, ...own)
    return (await clinic.pack.api.importBundle(bundle, 'UTC')).patients[0]!
  }
  /** A patient of a month of its own; those before are reminded of nothing any more. */
  const admit = async (...resources: object[]): Promise<void> => {
    for (const id of await clinic.pack.api.patients())
      await clinic.pack.api.setPreferences(id, { reminders: false })
    count++
    clinic.clock.set(at(1, '06:30:00'))
    patient = await deliver(...resources)
    await clinic.pack.api.setPreferences(patient, { channels: ['email'] })
    clinic.smtp.clear()
  }
  const remind = async (day: number, time: string) => {
    clinic.clock.set(at(day, time))
    return (await clinic.orderly.perform(medicationReminder, {})).output
  }
  const act = (what: string, more: object) => clinic.pack.act(what, { patient, ...more }, 'test')
  const doses = () =>
    tables()
      .selectFrom('med_doses')
      .select(['state', 'taken_at'])
      .where('patient_id', '=', patient)
      .orderBy('due_at')
      .execute()
  const notices = () =>
    tables()
      .selectFrom('med_notifications')
      .select(['state', 'attempts'])
      .where('patient_id', '=', patient)
      .execute()
  const orderOf = async (name: string): Promise<string> => {
    const { orders } = (await clinic.pack.api.medications(patient))!
    return orders.find((each) => each.order.drug.name.startsWith(name))!.orderId
  }

  it('alerts of a stock that runs down again after it was counted', async () => {
    await admit(metoprolol)
    const id = await orderOf('Meto')
    for (const round of [1, 2]) {
      await clinic.pack.api.noteCount(patient, id, 12)
      await clinic.orderly.perform(refillCheck, { patientId: patient })
      await clinic.pack.api.noteCount(patient, id, 60)
      await clinic.orderly.perform(refillCheck, { patientId: patient })
      expect(mails()).toEqual(Array.from({ length: round }, () => 'Time to refill'))
    }
    clinic.clock.set(Date.parse(at(1, '06:30:00')) + 28.5 * DAY_MS)
    await clinic.orderly.perform(supplyMonitor, { patientId: patient })
    expect(mails().at(-1)).toBe('A medicine is nearly used up')
  })

  it('counts what went out over as long as what came in', async () => {
    count++
    const start = Date.parse(at(1, '06:30:00'))
    count--
    const fills = Array.from({ length: 30 }, (_, i) =>
      fill(`f${i}`, 'a', new Date(start - (30 - i) * 30 * DAY_MS).toISOString(), 60),
    )
    await admit({ ...metoprolol, authoredOn: '2023-01-01' }, ...fills)
    const left = async () => (await clinic.pack.api.supply(patient))[0]!.monitor
    expect(await left()).toMatchObject({ current_supply: 0, is_critical: true })
    // Counted longer ago than the walk is long, and nothing filled since: two a day are gone of it.
    await clinic.pack.api.noteCount(patient, await orderOf('Meto'), 1_000)
    clinic.clock.set(start + 450 * DAY_MS)
    expect(await left()).toMatchObject({ current_supply: 100 })
  })

  it('reminds of no dose that was taken while the mail server was away, nor of one that is too late', async () => {
    await admit(metoprolol)
    for (const said of [true, false]) {
      const day = said ? 2 : 3
      clinic.smtp.fail({ code: 450, at: 'rcpt' }, 3)
      await remind(day, '08:00:05')
      clinic.smtp.clear()
      if (said) await act('taken', { due: at(day, '08:00:00') })
      await remind(day, said ? '08:15:05' : '09:15:05')
      expect(mails()).toEqual([])
    }
    expect((await notices()).map(({ state }) => state)).toContain('suppressed')
    clinic.smtp.fail({ code: 450, at: 'rcpt' }, 3)
    await remind(4, '08:00:05')
    await remind(4, '08:15:05')
    expect(mails()).toEqual(['Medication reminder'])
  })

  it('leaves a dose that was taken as it is when it is snoozed, and reminds once of two that were', async () => {
    await admit(metoprolol, lisinopril)
    await remind(1, '08:00:05')
    const due = at(1, '08:00:00')
    await act('taken', { due, order: await orderOf('Meto') })
    const before = await doses()
    expect(await act('snooze', { due, order: await orderOf('Meto') })).toBe(false)
    const dose = { patientId: patient, orderId: await orderOf('Meto'), no: 0 }
    await clinic.pack.api.noteDose(
      { ...dose, dueAt: Date.parse(due) },
      { what: 'snoozed', until: Date.parse(at(1, '08:30:00')) },
    )
    expect(await doses()).toEqual(before)
    await remind(1, '20:00:05')
    await act('snooze', { due: at(1, '20:00:00') })
    clinic.smtp.clear()
    expect(await remind(1, '20:15:05')).toMatchObject({ reminded: 2 })
    expect(mails()).toEqual(['Medication reminder'])
  })

  it('reminds of no snoozed dose whose order was stopped or rested, that is unwanted or too late', async () => {
    await admit(metoprolol)
    const snooze = async (day: number): Promise<void> => {
      await remind(day, '08:00:05')
      await act('snooze', { due: at(day, '08:00:00') })
      clinic.smtp.clear()
    }
    await snooze(1)
    await clinic.pack.api.hold(patient, await orderOf('Meto'), {
      from: Date.parse(at(1, '08:01:00')),
      until: Date.parse(at(1, '09:00:00')),
    })
    await remind(1, '08:15:05')
    expect(mails()).toEqual([])
    await snooze(2)
    await act('no-reminders', {})
    await remind(2, '08:15:05')
    expect(mails()).toEqual([])
    await act('remind', {})
    await snooze(3)
    await remind(3, '10:15:05')
    expect(mails()).toEqual([])
    await snooze(4)
    await deliver({ ...metoprolol, status: 'stopped' })
    await remind(4, '08:15:05')
    expect(mails()).toEqual([])
    const states = (await doses()).map(({ state }) => state)
    expect(states).not.toContain('snoozed')
    expect(states).toContain('missed-window')
  })

  it('tells what is urgent when the mail server was away for hours, and gives up after a day', async () => {
    const fluoxetine = order('b', 'Fluoxetine 20 MG Oral Capsule')
    await admit(order('a', 'Phenelzine 15 MG Oral Tablet'), fluoxetine)
    await act('no-reminders', {})
    clinic.smtp.fail({ code: 451, at: 'rcpt' }, 1_000)
    await clinic.orderly.perform(interactionCheck, { patientId: patient })
    for (let n = 0; n < 5; n++) await remind(1, `0${7 + n}:00:05`.slice(-8))
    const [waiting] = await notices()
    expect(waiting).toMatchObject({ state: 'pending' })
    expect(waiting!.attempts).toBeGreaterThan(12)
    await remind(2, '07:00:05')
    expect((await notices())[0]).toMatchObject({ state: 'failed' })
    clinic.smtp.clear()
  })

  it('refuses a dose that is noted as taken ahead of the clock', async () => {
    await admit(metoprolol)
    await remind(1, '08:00:05')
    const due = at(1, '08:00:00')
    await expect(act('taken', { due, at: at(1, '09:00:00') })).rejects.toThrow(/does not fit: at/)
    const dose = { patientId: patient, orderId: await orderOf('Meto'), no: 0 }
    await expect(
      clinic.pack.api.noteDose(
        { ...dose, dueAt: Date.parse(due) },
        { what: 'taken', at: Date.parse(at(1, '09:00:00')) },
      ),
    ).rejects.toThrow(/not ahead/)
    expect(await act('taken', { due, at: at(1, '08:03:00') })).toBe(true)
  })

  it('reminds of a dose after the quiet hours in whose quarter they end, when they have', async () => {
    await admit({
      ...metoprolol,
      dosageInstruction: [
        {
          timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd', timeOfDay: ['07:10:00'] } },
        },
      ],
    })
    await clinic.pack.api.setPreferences(patient, { quiet: { from: 22 * 60, to: 7 * 60 + 5 } })
    expect(await remind(2, '07:00:05')).toMatchObject({ reminded: 1 })
    expect(mails()).toEqual([])
    await remind(2, '07:15:05')
    expect(mails()).toEqual(['Medication reminder'])
  })
})
