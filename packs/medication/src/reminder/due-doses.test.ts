import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ReadOrder } from '../fhir/regimen.ts'
import { dosesBetween, planOrder } from '../schedule/order.ts'
import { ALL_ZONES } from '../../fixtures/zones.ts'
import { DAY_MS, zoneOf } from '../schedule/zone.ts'
import { DEFAULT_PREFERENCES } from '../services/preferences.ts'
import type { PatientRecord } from '../services/ports.ts'
import { QUARTER_MS, quarterOf } from '../store/quarter.ts'
import type { DosageRow } from '../store/tables.ts'
import { digestOf, doseId, dueDoses } from './due-doses.ts'

const START = Date.UTC(2028, 0, 1)
const END = Date.UTC(2029, 0, 1)

const order = (timeOfDay: readonly number[], everyDays: number, hours: number): ReadOrder => ({
  id: 'r',
  patient: 'p',
  source: 'request',
  status: 'active',
  drug: { name: 'Metoprolol', rxcuis: [], codes: [] },
  authoredOn: '2027-12-25',
  holds: [],
  dosages: [
    { timeOfDay, period: everyDays, periodUnit: 'd' as const, frequency: 1 },
    { timeOfDay: [], period: hours, periodUnit: 'h' as const, frequency: 1 },
  ].map((repeat, no) => ({
    no,
    sequence: 1,
    asNeeded: false,
    timing: { events: [], repeat: { dayOfWeek: [], when: [], ...repeat } },
  })),
})

const patientIn = (zone: string): PatientRecord => ({
  patientId: 'p',
  zone,
  active: true,
  identity: { id: 'p', active: true },
  preferences: DEFAULT_PREFERENCES,
})

describe('a year of reminder runs', () => {
  it.each(ALL_ZONES)(
    'with outages, repeated runs and restarts deals with each dose once, in %s',
    (zone) => {
      const patient = patientIn(zone)
      fc.assert(
        fc.property(
          fc.uniqueArray(fc.integer({ min: 0, max: 1439 }), { minLength: 1, maxLength: 4 }),
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 5, max: 30 }),
          fc.array(fc.integer({ min: 0, max: 35_000 }), { maxLength: 6 }),
          (minutes, everyDays, hours, outages) => {
            const read = order(minutes, everyDays, hours)
            const orders = new Map([['o', { orderId: 'o', order: read, stoppedAt: undefined }]])
            const { plans } = planOrder(read, {
              zone: zoneOf(zone),
              times: DEFAULT_PREFERENCES.times,
            })
            const wanted = plans.flatMap((plan) =>
              dosesBetween(plan, START, END).map((at) => doseId('o', plan.dosage.no, at)),
            )
            const rows: DosageRow[] = plans.map(({ dosage }) => ({
              dosage_id: `o.${dosage.no}`,
              order_id: 'o',
              patient_id: 'p',
              no: dosage.no,
              next_due_at: START,
            }))
            const found: string[] = []
            for (let now = START + 7_000; now < END; now += QUARTER_MS) {
              const quarter = (now - 7_000 - START) / QUARTER_MS
              // Nobody runs for two days from each of these quarters on; in some others the run is made twice.
              if (outages.some((from) => quarter >= from && quarter < from + 192)) continue
              for (let run = 0; run <= (quarter % 500 === 0 ? 1 : 0); run++) {
                const to = quarterOf(now) + QUARTER_MS
                const due = rows.filter((row) => row.next_due_at !== null && row.next_due_at < to)
                if (due.length === 0) continue
                const { doses, reached } = dueDoses(patient, orders, due, new Map(), { now, to })
                found.push(
                  ...doses.filter(({ due_at: at }) => at < END).map((dose) => dose.dose_id),
                )
                for (const { dosageId, next } of reached)
                  rows.find((row) => row.dosage_id === dosageId)!.next_due_at = next
              }
            }
            const last = outages.some((from) => from + 192 > (END - START) / QUARTER_MS)
            expect(new Set(found).size).toBe(found.length)
            if (!last) expect(found.toSorted()).toEqual(wanted.toSorted())
          },
        ),
        { numRuns: 3, seed: 44 },
      )
    },
    60_000,
  )

  it('sends what is in time, notes what is too late, and keeps quiet hours', () => {
    const now = START + 10 * 3_600_000
    const row = {
      dosage_id: 'o.0',
      order_id: 'o',
      patient_id: 'p',
      no: 0,
      next_due_at: now - DAY_MS,
    }
    const read = order([590, 500], 1, 30)
    const orders = new Map([['o', { orderId: 'o', order: read, stoppedAt: undefined }]])
    const states = (patient: PatientRecord): (string | number)[] =>
      dueDoses(patient, orders, [row], new Map(), { now, to: now + QUARTER_MS }).doses.map(
        (dose) => dose.state,
      )
    expect(states(patientIn('UTC'))).toEqual(['missed-window', 'reminded'])
    const quiet = { ...DEFAULT_PREFERENCES, quiet: { from: 22 * 60, to: 11 * 60 } }
    expect(states({ ...patientIn('UTC'), preferences: quiet })).toEqual([
      'missed-window',
      'suppressed',
    ])
  })

  it('has one digest for doses that are due together, with one name', () => {
    const dose = (id: string) => ({ dose_id: id, order_id: 'o', due_at: START })
    expect(digestOf('p', [dose('a'), dose('b')], new Map()).id).toBe(
      digestOf('p', [dose('b'), dose('a')], new Map()).id,
    )
  })
})
