// When the dosages of an order are due next, and which have no times at all and why: as it is kept.
import { leftBehind } from '../reminder/left-behind.ts'
import { nextDose, planOrder, type LastTaken, type Order } from '../schedule/order.ts'
import type { PatientRecord } from '../services/ports.ts'
import { addDoses } from './new-doses.ts'
import { dayOfPatient } from './patients.ts'
import { quarterOf } from './quarter.ts'
import type { DosageRow, DoseRow, Tx, UnplannedRow } from './tables.ts'

export interface Planned {
  readonly dosages: readonly DosageRow[]
  readonly unplanned: readonly UnplannedRow[]
  /** What was due by what was said before, and nobody will be reminded of. */
  readonly missed: readonly DoseRow[]
}

/** An order and what its times depend on. */
export interface Standing {
  readonly order: Order
  readonly patient: Omit<PatientRecord, 'identity'>
  readonly lastTaken: ReadonlyMap<number, LastTaken> | undefined
}

export interface PlanAt {
  readonly orderId: string
  readonly now: number
  /** How far each dosage has come, by its id. */
  readonly reached: ReadonlyMap<string, number | null>
  /** How it stood until now; undefined when it is new. */
  readonly before: Standing | undefined
}

export function planRows(after: Standing, { before, now, orderId, reached }: PlanAt): Planned {
  const { lastTaken, order, patient } = after
  const { plans, unplanned } = planOrder(order, dayOfPatient(patient), { lastTaken })
  const row = (no: number) => ({
    dosage_id: `${orderId}.${no}`,
    order_id: orderId,
    patient_id: patient.patientId,
    no,
  })
  const without = unplanned
    .filter(({ why }) => why !== 'as-needed')
    .map(({ no, why }): UnplannedRow => ({ ...row(no), why, seen_at: now }))
  if (order.status === 'active' && order.dosages.length === 0)
    without.push({ ...row(0), why: 'no-dosage', seen_at: now })
  const { missed, waiting } = leftBehind(
    before,
    patient.active ? plans : [],
    (no) => reached.get(row(no).dosage_id),
    { now, orderId },
  )
  return {
    dosages: plans.map((plan): DosageRow => {
      const { no } = plan.dosage
      // What is due earlier than before is not passed over; what was reminded of already is known by its id.
      const from = Math.min(waiting.get(no) ?? Infinity, quarterOf(now))
      return { ...row(no), next_due_at: nextDose(plan, from) ?? null }
    }),
    unplanned: without,
    missed,
  }
}

/** What is no longer scheduled loses its row, and so does what now has its times. */
export async function writePlanned(
  tx: Pick<Tx, 'many' | 'query'>,
  orderId: string,
  { dosages, missed, unplanned }: Planned,
): Promise<void> {
  await addDoses(tx, missed)
  const { query } = tx
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
