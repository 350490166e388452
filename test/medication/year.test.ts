// Weeks of quarter hours through the real job on a real store, with both a leap day and a change of clocks, an outage,
// repeated runs and restarts. ORDERLY_MEDICATION_YEAR=1 makes it a whole year in all twelve zones, one after the other;
// ORDERLY_MEDICATION_YEAR=Europe/Dublin,Africa/Cairo one in these.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createOrderly } from '../../packages/orderly/src/index.ts'
import {
  dosesBetween,
  medication,
  medicationReminder,
  planOrder,
  zoneOf,
} from '../../packs/medication/src/index.ts'
import { doseId } from '../../packs/medication/src/reminder/due-doses.ts'
import type { MedicationTables } from '../../packs/medication/src/store/tables.ts'
import { ALL_ZONES } from '../../packs/medication/fixtures/zones.ts'
import { bundleOf, movedClock, order, PATIENT } from './clinic.ts'

const YEAR = process.env['ORDERLY_MEDICATION_YEAR']
const IS_YEAR = YEAR !== undefined
const DAY = 86_400_000
const QUARTER = 900_000
const [START, END] = IS_YEAR
  ? [Date.UTC(2028, 0, 1), Date.UTC(2029, 0, 1)]
  : [Date.UTC(2028, 1, 28), Date.UTC(2028, 2, 15)]
const ZONES = !IS_YEAR ? ['America/New_York'] : YEAR !== '1' ? YEAR.split(',') : ALL_ZONES
const silent = { debug() {}, info() {}, warn() {}, error() {} }

const dosage = (repeat: object) => ({
  authoredOn: '2027-12-25',
  dosageInstruction: [
    { timing: { repeat }, doseAndRate: [{ doseQuantity: { value: 1, unit: 'TAB' } }] },
  ],
})

it.each(ZONES)(
  'each dose is dealt with once and told once at most, in %s',
  async (zone) => {
    const home = mkdtempSync(join(tmpdir(), 'orderly-year-'))
    const clock = movedClock()
    /** Doses by how often they were told, of the patient's own notices. */
    const told = new Map<string, number>()
    const open = async () => {
      const pack = medication({
        services: {
          notification: {
            async send({ channels, detail }) {
              for (const { dose } of detail as { dose: string }[])
                told.set(dose, (told.get(dose) ?? 0) + 1)
              return { channels: { [channels[0]!]: 'sent' }, sent: true, deferred: false }
            },
          },
        },
      })
      const orderly = await createOrderly({ home, packs: [pack], clock, log: silent })
      await orderly.start()
      for (const { id } of await orderly.schedules())
        await orderly.pause({ schedule: id }, { reason: 'a test runs the jobs', by: 'test' })
      return { orderly, pack }
    }
    clock.set(START)
    let { orderly, pack } = await open()
    try {
      const daily = { frequency: 1, period: 1, periodUnit: 'd' }
      const { patients } = await pack.api.importBundle(
        bundleOf(
          PATIENT,
          // A time that the clocks skip in New York, and one that is shown twice.
          order('d', 'Metoprolol 50 MG Oral Tablet', dosage({ ...daily, timeOfDay: ['02:30:00'] })),
          order('e', 'Lisinopril 10 MG Oral Tablet', dosage({ ...daily, timeOfDay: ['02:30:00'] })),
          order('h', 'Amoxicillin', dosage({ frequency: 1, period: 50, periodUnit: 'h' })),
        ),
        zone,
      )
      const { orders, patient } = (await pack.api.medications(patients[0]!))!
      const day = { zone: zoneOf(zone), times: patient.preferences.times }
      const wanted = orders.flatMap((each) =>
        planOrder(each.order, day).plans.flatMap((plan) =>
          dosesBetween(plan, START, END).map((at) => ({
            at,
            id: doseId(each.orderId, plan.dosage.no, at),
          })),
        ),
      )
      const quarters = [...new Set(wanted.map(({ at }) => Math.floor(at / QUARTER) * QUARTER))]
      const outage = { from: START + 9 * DAY, to: START + 11 * DAY }
      const runs = quarters.toSorted((a, b) => a - b)
      for (const [n, quarter] of runs.entries()) {
        if (quarter >= outage.from && quarter < outage.to) continue
        clock.set(quarter + 7_000)
        // Some runs are made twice, some while another is made; every so often the process ends between two.
        const twice = n % 7 === 3 ? 2 : 1
        await Promise.all(
          Array.from({ length: twice }, () =>
            orderly.enqueueAndWait(medicationReminder, {}, { timeout: '60s' }),
          ),
        )
        if (n % 15 !== 8) continue
        await orderly.close()
        ;({ orderly, pack } = await open())
      }
      // The last run is in the quarter after the end, which may have doses of its own.
      clock.set(END + 7_000)
      await orderly.enqueueAndWait(medicationReminder, {}, { timeout: '60s' })
      const rows = await orderly.database
        .withTables<MedicationTables>()
        .query.selectFrom('med_doses')
        .select(['dose_id', 'due_at', 'state'])
        .where('due_at', '<', END)
        .execute()
      expect(rows.map((row) => row.dose_id).toSorted()).toEqual(
        wanted.map(({ id }) => id).toSorted(),
      )
      const missed = rows.filter(({ state }) => state === 'missed-window')
      expect(missed.length).toBeGreaterThan(2)
      for (const { due_at: at, state } of rows) {
        const isInTime = !(at >= outage.from - DAY && at < outage.to + DAY)
        if (isInTime) expect(state).toBe('reminded')
      }
      for (const { dose_id: id, state } of rows)
        expect(told.get(id) ?? 0).toBe(state === 'reminded' ? 1 : 0)
    } finally {
      await orderly.close()
      rmSync(home, { recursive: true, force: true })
    }
  },
  IS_YEAR ? 1_800_000 : 60_000,
)
