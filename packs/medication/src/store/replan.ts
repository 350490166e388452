// Works out anew when a patient's doses are due, after the patient's times or the holds of an order have changed.
import type { Hold } from '../schedule/order.ts'
import type { MedicationRecord, Medications } from '../services/ports.ts'
import { loadLastTaken, type AllLastTaken } from './last-taken.ts'
import { findMedications } from './patients.ts'
import { planRows, writePlanned } from './planned.ts'
import type { Store } from './store.ts'
import type { Tx } from './tables.ts'
import { whileUnchanged } from './unchanged.ts'

/** How a patient's orders stand, and what their times depend on. */
export interface Stand extends Pick<Medications, 'patient' | 'orders'> {
  readonly lastTaken: AllLastTaken
}

export async function findStand(store: Store, patientId: string): Promise<Stand | undefined> {
  const found = await findMedications(store, patientId)
  return found && { ...found, lastTaken: await lastTakenOf(store, store.db.query, found) }
}

function lastTakenOf(
  { clock }: Store,
  query: Tx['query'] | Store['db']['query'],
  { patient }: Pick<Medications, 'patient'>,
): Promise<AllLastTaken> {
  const { patientId, preferences } = patient
  return loadLastTaken(query, preferences.fromLastTaken ? [patientId] : [], clock.now())
}

/**
 * What a run has dealt with stays dealt with. What was due until now and no run was there for is written down as it was
 * due by `before`.
 */
export async function replan(store: Store, patientId: string, before: Stand): Promise<void> {
  await whileUnchanged(
    store,
    patientId,
    () => findMedications(store, patientId),
    async (tx, found) => {
      const { query } = tx
      const now = store.clock.now()
      const rows = await query
        .selectFrom('med_dosages')
        .select(['dosage_id', 'next_due_at'])
        .where('patient_id', '=', patientId)
        .execute()
      const reached = new Map(rows.map((row) => [row.dosage_id, row.next_due_at]))
      const lastTaken = await lastTakenOf(store, query, found)
      for (const { orderId } of found.orders) {
        const after = ofOrder({ ...found, lastTaken }, orderId)
        if (!after) continue
        const planned = planRows(after, { orderId, now, reached, before: ofOrder(before, orderId) })
        await writePlanned(tx, orderId, planned)
      }
    },
  )
}

function ofOrder({ lastTaken, orders, patient }: Stand, orderId: string) {
  const found = orders.find((each) => each.orderId === orderId)
  return found && { order: found.order, patient, lastTaken: lastTaken.get(orderId) }
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
  const before = await findStand(store, patientId)
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
  if (detail === undefined || !before) return false
  await replan(store, patientId, before)
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
