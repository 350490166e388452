// Works out anew when a patient's doses are due, after the patient's times or the holds of an order have changed.
import type { Hold } from '../schedule/order.ts'
import { loadLastTaken } from './last-taken.ts'
import { dayOfPatient, findMedications } from './patients.ts'
import { planRows, writePlanned } from './planned.ts'
import type { MedicationRecord } from '../services/ports.ts'
import type { Store } from './store.ts'
import { whileUnchanged } from './unchanged.ts'

/** What a run has dealt with stays dealt with; what it has not is worked out from there. */
export async function replan(store: Store, patientId: string): Promise<void> {
  await whileUnchanged(
    store,
    patientId,
    () => findMedications(store, patientId),
    async ({ query }, { orders, patient }) => {
      const day = dayOfPatient(patient)
      const now = store.clock.now()
      const rows = await query
        .selectFrom('med_dosages')
        .select(['dosage_id', 'next_due_at'])
        .where('patient_id', '=', patientId)
        .execute()
      const reached = new Map(rows.map((row) => [row.dosage_id, row.next_due_at]))
      const { fromLastTaken } = patient.preferences
      const last = await loadLastTaken(query, fromLastTaken ? [patientId] : [], now)
      for (const each of orders)
        await writePlanned(
          query,
          each.orderId,
          planRows(each, { patientId, day, now, reached, lastTaken: last.get(each.orderId) }),
        )
    },
  )
}

const MOST_HOLDS = 100

/**
 * Changes the holds of an order and what is due by them.
 *
 * @returns whether there is such an order of this patient
 */
export async function changeHolds(
  store: Store,
  patientId: string,
  orderId: string,
  change: (holds: readonly Hold[]) => readonly Hold[],
): Promise<boolean> {
  const detail = await whileUnchanged(
    store,
    patientId,
    async () => {
      const found = await findOrderOf(store, patientId, orderId)
      if (!found) return undefined
      const order = { ...found.order, holds: change(found.order.holds).slice(-MOST_HOLDS) }
      return store.vault.seal(order, { table: 'med_orders', column: 'detail', row: orderId })
    },
    async ({ query }, sealed) => {
      await query
        .updateTable('med_orders')
        .set({ detail: sealed, updated_at: store.clock.now() })
        .where('order_id', '=', orderId)
        .execute()
    },
  )
  if (detail === undefined) return false
  await replan(store, patientId)
  return true
}

export async function findOrderOf(
  store: Store,
  patientId: string,
  orderId: string,
): Promise<MedicationRecord | undefined> {
  const found = await findMedications(store, patientId)
  return found?.orders.find((each) => each.orderId === orderId)
}
