// Runs, outages and changes of an order in any sequence: what was due by what was said at the time is dealt with.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keepNumbers } from '../schedule/numbers.ts'
import { dosesBetween, planOrder, type Dosage, type Order } from '../schedule/order.ts'
import { DAY_MS, MINUTE_MS } from '../schedule/zone.ts'
import { DEFAULT_PREFERENCES } from '../services/preferences.ts'
import type { PatientRecord } from '../services/ports.ts'
import { planRows, type Standing } from '../store/planned.ts'
import { dayOfPatient } from '../store/patients.ts'
import { QUARTER_MS, quarterOf } from '../store/quarter.ts'
import type { DosageRow, DoseRow } from '../store/tables.ts'
import { doseId, dueDoses } from './due-doses.ts'

const START = Date.UTC(2026, 2, 7)
const END = START + 4 * DAY_MS

interface Said {
  readonly status: Order['status']
  readonly lines: readonly (readonly number[])[]
  readonly zone: string
}

const orderOf = ({ lines, status }: Said, before: Order | undefined): Order => {
  const dosages = lines.map((timeOfDay, no): Dosage => ({
    no,
    sequence: 1,
    asNeeded: false,
    timing: {
      events: [],
      repeat: { dayOfWeek: [], timeOfDay, when: [], frequency: 1, period: 1, periodUnit: 'd' },
    },
  }))
  const authoredOn = '2026-01-01'
  const numbered = before ? keepNumbers(dosages, before) : dosages
  return { id: 'o', status, dosages: numbered, holds: [], authoredOn }
}

const patientIn = (zone: string): PatientRecord => ({
  patientId: 'p',
  zone,
  active: true,
  identity: { id: 'p', active: true },
  preferences: DEFAULT_PREFERENCES,
})

/** What the tables would hold, without a database. */
function openTables() {
  let rows: readonly DosageRow[] = []
  const doses = new Map<string, DoseRow>()
  let stand: Standing | undefined
  const note = (found: readonly DoseRow[]): void => {
    for (const dose of found) if (!doses.has(dose.dose_id)) doses.set(dose.dose_id, dose)
  }
  return {
    doses,
    change(said: Said, now: number): Standing {
      const order = orderOf(said, stand?.order)
      const after: Standing = { order, patient: patientIn(said.zone), lastTaken: undefined }
      const reached = new Map(rows.map((row) => [row.dosage_id, row.next_due_at]))
      const planned = planRows(after, { orderId: 'o', now, reached, before: stand })
      note(planned.missed)
      rows = planned.dosages
      stand = after
      return after
    },
    run(now: number): void {
      if (!stand) return
      const to = quarterOf(now) + QUARTER_MS
      const due = rows.filter((row) => row.next_due_at !== null && row.next_due_at < to)
      const read = {
        ...stand.order,
        patient: 'p',
        source: 'request' as const,
        drug: { name: '', rxcuis: [], codes: [] },
      }
      const orders = new Map([['o', { orderId: 'o', order: read, stoppedAt: undefined }]])
      const found = dueDoses(patientIn(stand.patient.zone), orders, due, new Map(), { now, to })
      note(found.doses)
      const next = new Map(found.reached.map((each) => [each.dosageId, each.next]))
      rows = rows.map((row) => ({
        ...row,
        next_due_at: next.get(row.dosage_id) ?? (next.has(row.dosage_id) ? null : row.next_due_at),
      }))
    },
  }
}

const minutes = fc.uniqueArray(
  fc.integer({ min: 0, max: 95 }).map((n) => n * 15 + 7),
  {
    minLength: 1,
    maxLength: 3,
  },
)
const said = fc.record({
  status: fc.constantFrom<Order['status']>('active', 'active', 'active', 'stopped'),
  lines: fc.array(minutes, { minLength: 1, maxLength: 3 }),
  zone: fc.constantFrom('UTC', 'America/New_York'),
})

describe('a change of an order', () => {
  it('leaves no dose unrecorded that was due before it, nor records one that was not', () => {
    fc.assert(
      fc.property(
        said,
        fc.array(fc.record({ at: fc.integer({ min: 1, max: 4 * 1440 - 1 }), said }), {
          maxLength: 4,
        }),
        fc.array(fc.integer({ min: 0, max: 4 * 96 }), { maxLength: 3 }),
        (first, changes, outages) => {
          const tables = openTables()
          const versions = [{ from: START, stand: tables.change(first, START) }]
          const todo = changes.toSorted((a, b) => a.at - b.at)
          for (let now = START + 7_000; now < END + QUARTER_MS; now += QUARTER_MS) {
            while (todo[0] && START + todo[0].at * MINUTE_MS <= now) {
              const [{ at, said: next }] = todo.splice(0, 1) as [(typeof todo)[number]]
              const from = START + at * MINUTE_MS
              versions.push({ from, stand: tables.change(next, from) })
            }
            const quarter = Math.floor((now - START) / QUARTER_MS)
            if (outages.some((from) => quarter >= from && quarter < from + 60) && now < END)
              continue
            tables.run(now)
          }
          const wanted = new Set<string>()
          for (const [n, { from, stand }] of versions.entries()) {
            const to = versions[n + 1]?.from ?? END
            for (const plan of planOrder(stand.order, dayOfPatient(stand.patient)).plans)
              for (const at of dosesBetween(plan, from, to))
                wanted.add(doseId('o', plan.dosage.no, at))
          }
          for (const id of wanted) expect(tables.doses.has(id)).toBe(true)
          for (const dose of tables.doses.values()) {
            if (wanted.has(dose.dose_id) || dose.due_at >= END) continue
            // A run is up to a quarter of an hour ahead, and a change looks back over its own and what is not too late.
            const near = versions.some(
              ({ from }) => Math.abs(dose.due_at - from) <= DEFAULT_PREFERENCES.grace * MINUTE_MS,
            )
            expect(near).toBe(true)
          }
        },
      ),
      { numRuns: 80 },
    )
  })
})
