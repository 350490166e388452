// The doses that are due for a number of patients, and what becomes of each: worked out, not yet written.
import { dosesBetween, nextDose, planOrder } from '../schedule/order.ts'
import { minuteOfDay, MINUTE_MS, zoneOf } from '../schedule/zone.ts'
import { isQuiet } from '../services/preferences.ts'
import type { MedicationRecord, PatientRecord } from '../services/ports.ts'
import type { NewNotice } from '../store/notices.ts'
import type { AllLastTaken } from '../store/last-taken.ts'
import { idOf } from '../store/store.ts'
import type { DosageRow, DoseRow, DoseState } from '../store/tables.ts'

export interface Span {
  readonly now: number
  /** Doses before this are dealt with by this run. */
  readonly to: number
}

export interface PatientDue {
  readonly doses: readonly DoseRow[]
  /** How far each dosage has come by this run. */
  readonly reached: readonly {
    readonly dosageId: string
    readonly from: number
    readonly next: number | null
  }[]
  /** The dosages whose order cannot be found or read any more. */
  readonly unreadable: readonly string[]
}

/** Of one run; of more, the next ones are dealt with by another. */
export const MOST_DOSES_OF_A_DOSAGE = 5_000

export function dueDoses(
  patient: PatientRecord,
  orders: ReadonlyMap<string, MedicationRecord>,
  dosages: readonly DosageRow[],
  lastTaken: AllLastTaken,
  { now, to }: Span,
): PatientDue {
  const doses: DoseRow[] = []
  const reached: { dosageId: string; from: number; next: number | null }[] = []
  const unreadable: string[] = []
  const day = { zone: zoneOf(patient.zone), times: patient.preferences.times }
  for (const row of dosages) {
    const from = row.next_due_at!
    const record = orders.get(row.order_id)
    const plan =
      record && patient.active
        ? planOrder(record.order, day, {
            lastTaken: lastTaken.get(row.order_id),
          }).plans.find(({ dosage }) => dosage.no === row.no)
        : undefined
    if (!record) unreadable.push(row.dosage_id)
    if (!plan) {
      reached.push({ dosageId: row.dosage_id, from, next: null })
      continue
    }
    const all = dosesBetween(plan, from, to)
    for (const at of all.slice(0, MOST_DOSES_OF_A_DOSAGE))
      doses.push({
        dose_id: doseId(row.order_id, row.no, at),
        patient_id: patient.patientId,
        order_id: row.order_id,
        no: row.no,
        due_at: at,
        remind_at: null,
        taken_at: null,
        // 0: there is nobody to tell.
        escalated_at: patient.preferences.caregiver ? null : 0,
        note: null,
        ...fateOf(patient, at, now),
      })
    const next = all[MOST_DOSES_OF_A_DOSAGE] ?? nextDose(plan, to) ?? null
    reached.push({ dosageId: row.dosage_id, from, next })
  }
  return { doses, reached, unreadable }
}

/** Opaque, and the same however often the dose is worked out. */
export function doseId(orderId: string, no: number, at: number): string {
  return idOf(orderId, no, at)
}

/** What becomes of a dose to be told at `at`. A run is ahead of most of its quarter: quiet is what is quiet then. */
export function fateOf(
  { preferences, zone }: PatientRecord,
  at: number,
  now: number,
): { state: DoseState; reminded_at: number | null } {
  if (now - at > preferences.grace * MINUTE_MS) return { state: 'missed-window', reminded_at: null }
  if (!preferences.reminders || isQuiet(preferences, minuteOfDay(zoneOf(zone), Math.max(now, at))))
    return { state: 'suppressed', reminded_at: null }
  return { state: 'reminded', reminded_at: now }
}

/** One notice for all doses of a patient that are due together. */
export function digestOf(
  patientId: string,
  doses: readonly {
    readonly dose_id: string
    readonly order_id: string
    readonly due_at: number
  }[],
  orders: ReadonlyMap<string, MedicationRecord>,
): NewNotice {
  return {
    id: idOf('reminder', ...doses.map((dose) => dose.dose_id).toSorted()),
    patientId,
    kind: 'medication-reminder',
    urgent: false,
    title: 'Medication reminder',
    body: 'It is time for your medicine. Sign in to see which.',
    detail: doses.map((dose) => ({
      dose: dose.dose_id,
      medicine: orders.get(dose.order_id)?.order.drug.name ?? null,
      due: new Date(dose.due_at).toISOString(),
    })),
  }
}
