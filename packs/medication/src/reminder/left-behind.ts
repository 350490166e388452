// What no run has dealt with when an order changes: doses that were due by what was said until then.
import { dosesBetween, planOrder, type DosePlan } from '../schedule/order.ts'
import { MINUTE_MS } from '../schedule/zone.ts'
import { dayOfPatient } from '../store/patients.ts'
import type { Standing } from '../store/planned.ts'
import type { DoseRow } from '../store/tables.ts'
import { doseId, MOST_DOSES_OF_A_DOSAGE } from './due-doses.ts'

export interface LeftBehind {
  /** As they are to be written down: nobody is reminded of them any more. */
  readonly missed: readonly DoseRow[]
  /** By dosage the first that is not too late and still ordered: the next run reminds of it. */
  readonly waiting: ReadonlyMap<number, number>
}

/**
 * @param plans what is ordered from now on
 * @param reachedBy up to where the runs have dealt with a dosage
 */
export function leftBehind(
  before: Standing | undefined,
  plans: readonly DosePlan[],
  reachedBy: (no: number) => number | null | undefined,
  { now, orderId }: { readonly now: number; readonly orderId: string },
): LeftBehind {
  const missed: DoseRow[] = []
  const waiting = new Map<number, number>()
  if (!before?.patient.active) return { missed, waiting }
  const { lastTaken, order, patient } = before
  const grace = patient.preferences.grace * MINUTE_MS
  for (const plan of planOrder(order, dayOfPatient(patient), { lastTaken }).plans) {
    const { no } = plan.dosage
    const from = reachedBy(no) ?? now
    if (from >= now) continue
    const still = plans.find(({ dosage }) => dosage.no === no)
    for (const at of dosesBetween(plan, from, now).slice(-MOST_DOSES_OF_A_DOSAGE)) {
      const isInTime = now - at <= grace
      if (isInTime && still && dosesBetween(still, at, at + 1).length > 0) {
        waiting.set(no, Math.min(waiting.get(no) ?? Infinity, at))
        continue
      }
      missed.push({
        dose_id: doseId(orderId, no, at),
        patient_id: patient.patientId,
        order_id: orderId,
        no,
        due_at: at,
        state: isInTime ? 'suppressed' : 'missed-window',
        remind_at: null,
        reminded_at: null,
        taken_at: null,
        // 0: there is nobody to tell.
        escalated_at: 0,
        note: null,
      })
    }
  }
  return { missed, waiting }
}
