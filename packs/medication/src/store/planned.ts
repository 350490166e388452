// When the dosages of an order are due next, and which have no times at all and why: as it is kept.
import { nextDose, planOrder, type LastTaken } from '../schedule/order.ts'
import type { PatientDay } from '../schedule/compile.ts'
import type { MedicationRecord } from '../services/ports.ts'
import { quarterOf } from './quarter.ts'
import type { DosageRow, Tx, UnplannedRow } from './tables.ts'

export interface Planned {
  readonly dosages: readonly DosageRow[]
  readonly unplanned: readonly UnplannedRow[]
}

export interface PlanAt {
  readonly patientId: string
  readonly day: PatientDay
  readonly now: number
  /** How far each dosage has come, by its id. */
  readonly reached: ReadonlyMap<string, number | null>
  readonly lastTaken: ReadonlyMap<number, LastTaken> | undefined
}

export function planRows(
  { order, orderId }: Pick<MedicationRecord, 'order' | 'orderId'>,
  { day, lastTaken, now, patientId, reached }: PlanAt,
): Planned {
  const { plans, unplanned } = planOrder(order, day, { lastTaken })
  const row = (no: number) => ({
    dosage_id: `${orderId}.${no}`,
    order_id: orderId,
    patient_id: patientId,
    no,
  })
  const without = unplanned
    .filter(({ why }) => why !== 'as-needed')
    .map(({ no, why }): UnplannedRow => ({ ...row(no), why, seen_at: now }))
  if (order.status === 'active' && order.dosages.length === 0)
    without.push({ ...row(0), why: 'no-dosage', seen_at: now })
  return {
    dosages: plans.map((plan): DosageRow => {
      const own = row(plan.dosage.no)
      // What is due earlier than before is not passed over; what was reminded of already is known by its id.
      const from = Math.min(reached.get(own.dosage_id) ?? Infinity, quarterOf(now))
      return { ...own, next_due_at: nextDose(plan, from) ?? null }
    }),
    unplanned: without,
  }
}

/** What is no longer scheduled loses its row, and so does what now has its times. */
export async function writePlanned(
  query: Tx['query'],
  orderId: string,
  { dosages, unplanned }: Planned,
): Promise<void> {
  await query
    .deleteFrom('med_dosages')
    .where('order_id', '=', orderId)
    .where('dosage_id', 'not in', ['', ...dosages.map((row) => row.dosage_id)])
    .execute()
  for (const row of dosages)
    await query
      .insertInto('med_dosages')
      .values(row)
      .onConflict((on) => on.column('dosage_id').doUpdateSet({ next_due_at: row.next_due_at }))
      .execute()
  await query.deleteFrom('med_unplanned').where('order_id', '=', orderId).execute()
  for (const row of unplanned) await query.insertInto('med_unplanned').values(row).execute()
}
