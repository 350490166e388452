// Orders, holds, meals and zones that change while no reminder runs, and lines that change places.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { medicationReminder } from '../../packs/medication/src/index.ts'
import type { MedicationTables } from '../../packs/medication/src/store/tables.ts'
import { bundleOf, openClinic, order, PATIENT, type Clinic } from './clinic.ts'

describe('what changes in an outage', () => {
  let clinic: Clinic
  let count = 0
  let id = ''
  let patientId = ''
  beforeAll(async () => {
    clinic = await openClinic('sqlite')
  })
  afterAll(() => clinic.close())

  const METOPROLOL = 'Metoprolol 50 MG Oral Tablet'
  const line = (time: string, tablets = 1) => ({
    timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd', timeOfDay: [`${time}:00`] } },
    doseAndRate: [{ doseQuantity: { value: tablets, unit: 'TAB' } }],
  })
  const withLines = (...lines: object[]) => order('m', METOPROLOL, { dosageInstruction: lines })
  const deliver = async (zone: string, ...resources: object[]): Promise<void> => {
    const own = resources.map((each) => ({ ...each, subject: { reference: `Patient/${id}` } }))
    const done = await clinic.pack.api.importBundle(bundleOf({ ...PATIENT, id }, ...own), zone)
    patientId = done.patients[0]!
  }
  /** A patient of its own, a month after the one before, whose orders have begun and who was reminded until the evening before. */
  const admit = async (zone: string, ...resources: object[]): Promise<void> => {
    for (const other of await clinic.pack.api.patients())
      await clinic.pack.api.setPreferences(other, { reminders: false })
    count++
    id = `p${count}`
    set(1, '23:50')
    await deliver(zone, ...resources)
    await remind(2, '00:00')
  }
  const at = (day: number, time: string) =>
    `2026-${String(count).padStart(2, '0')}-${String(day).padStart(2, '0')}T${time}:05Z`
  const set = (day: number, time: string): void => clinic.clock.set(at(day, time))
  const remind = async (day: number, time: string): Promise<number> => {
    set(day, time)
    return (await clinic.orderly.perform(medicationReminder, {})).output!.reminded
  }
  const doses = async (): Promise<string[]> =>
    (
      await clinic.orderly.database
        .withTables<MedicationTables>()
        .query.selectFrom('med_doses')
        .select(['no', 'due_at', 'state'])
        .where('patient_id', '=', patientId)
        .orderBy('due_at')
        .orderBy('no')
        .execute()
    ).map((row) => `${new Date(row.due_at).toISOString().slice(8, 16)} ${row.no} ${row.state}`)
  const orderId = async () => (await clinic.pack.api.medications(patientId))!.orders[0]!.orderId

  it('is an order: what was due until then is missed, what is due since then is not', async () => {
    await admit('UTC', withLines(line('08:00'), line('12:00')))
    set(2, '17:00')
    await deliver('UTC', withLines(line('09:00'), line('18:00'), line('12:00')))
    expect(await doses()).toEqual(['02T08:00 0 missed-window', '02T12:00 1 missed-window'])
    expect(await remind(2, '18:00')).toBe(1)
    set(3, '13:00')
    await deliver('UTC', { ...withLines(line('09:00')), status: 'stopped' })
    expect(await remind(3, '13:00')).toBe(0)
    expect((await doses()).slice(2)).toEqual([
      '02T18:00 2 reminded',
      '03T09:00 0 missed-window',
      // An hour has just passed.
      '03T12:00 1 missed-window',
    ])
  })

  it('is an order that still says the same: what is not too late is reminded', async () => {
    await admit('UTC', withLines(line('08:00'), line('12:00')))
    set(2, '12:20')
    await deliver('UTC', withLines(line('08:00', 2), line('12:00', 2)))
    expect(await doses()).toEqual(['02T08:00 0 missed-window'])
    expect(await remind(2, '12:30')).toBe(1)
    set(3, '12:20')
    await deliver('UTC', withLines(line('08:00', 2), line('13:00', 2)))
    expect(await remind(3, '12:30')).toBe(0)
    expect((await doses()).slice(1)).toEqual([
      '02T12:00 1 reminded',
      '03T08:00 0 missed-window',
      '03T12:00 1 suppressed',
    ])
  })

  it('is a hold, a meal, or the zone of a bundle without the order: each time the past stays as it was', async () => {
    const breakfast = {
      timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd', when: ['CM'] } },
      doseAndRate: [{ doseQuantity: { value: 1, unit: 'TAB' } }],
    }
    await admit('UTC', withLines(breakfast))
    const { api } = clinic.pack
    set(2, '10:00')
    await api.hold(patientId, await orderId(), { from: Date.parse(at(1, '00:00')) })
    set(3, '10:00')
    await api.endHold(patientId, await orderId())
    set(4, '10:00')
    const { times } = (await api.medications(patientId))!.patient.preferences
    await api.setPreferences(patientId, { times: { ...times, breakfast: 7 * 60 } })
    set(5, '10:00')
    await deliver('America/New_York')
    set(6, '10:00')
    await deliver('America/New_York', withLines(breakfast))
    await remind(6, '12:00')
    expect(await doses()).toEqual([
      '02T08:00 0 missed-window',
      '04T08:00 0 missed-window',
      '05T07:00 0 missed-window',
      // From ten on the fifth it is seven in New York, which is noon.
      '05T12:00 0 missed-window',
      '06T12:00 0 reminded',
    ])
  })

  it('is the place of lines: none of them is reminded again', async () => {
    await admit('UTC', withLines(line('08:00'), line('08:05', 2), line('20:00')))
    expect(await remind(2, '08:00')).toBe(2)
    set(2, '08:01')
    await deliver('UTC', withLines(line('20:00'), line('08:05', 2), line('08:00')))
    expect(await remind(2, '08:02')).toBe(0)
    await deliver('UTC', withLines(line('08:05', 2), line('08:00')))
    await deliver('UTC', withLines(line('20:00'), line('08:00'), line('08:05', 3)))
    expect(await remind(2, '08:03')).toBe(0)
    expect(await remind(2, '20:00')).toBe(1)
    expect(await doses()).toEqual([
      '02T08:00 0 reminded',
      '02T08:05 1 reminded',
      '02T20:00 2 reminded',
    ])
    const { order: kept } = (await clinic.pack.api.medications(patientId))!.orders[0]!
    // Changed places are no change; leaving a line out, and bringing it back with another amount beside, are.
    expect(kept.past).toHaveLength(2)
  })
})
