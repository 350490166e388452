// Patients, their orders and their fills, as they are kept.
import type { ReadFill, ReadOrder, ReadPatient } from '../fhir/regimen.ts'
import type { PatientDay } from '../schedule/compile.ts'
import { zoneOf } from '../schedule/zone.ts'
import { DEFAULT_PREFERENCES, type Preferences } from '../services/preferences.ts'
import type { MedicationRecord, Medications, PatientRecord } from '../services/ports.ts'
import type { Store } from './store.ts'
import type { FillRow, OrderRow, PatientRow } from './tables.ts'

/** Patients' ids in order, after one of them. */
export async function listPatients({ db }: Store, after: string, limit: number): Promise<string[]> {
  const rows = await db.query
    .selectFrom('med_patients')
    .select('patient_id')
    .where('patient_id', '>', after)
    .where('active', '=', 1)
    .orderBy('patient_id')
    .limit(limit)
    .execute()
  return rows.map((row) => row.patient_id)
}

export async function findMedications(
  store: Store,
  patientId: string,
): Promise<Medications | undefined> {
  const { query } = store.db
  const row = await query
    .selectFrom('med_patients')
    .selectAll()
    .where('patient_id', '=', patientId)
    .executeTakeFirst()
  if (!row) return undefined
  const [orders, fills] = await Promise.all([
    query
      .selectFrom('med_orders')
      .selectAll()
      .where('patient_id', '=', patientId)
      .orderBy('order_id')
      .execute(),
    query
      .selectFrom('med_fills')
      .selectAll()
      .where('patient_id', '=', patientId)
      .orderBy('filled_at')
      .execute(),
  ])
  return {
    patient: await openPatient(store, row),
    orders: await Promise.all(orders.map((order) => openOrder(store, order))),
    fills: await Promise.all(fills.map((fill) => openFill(store, fill))),
  }
}

export async function openPatient({ vault }: Store, row: PatientRow): Promise<PatientRecord> {
  const at = (column: string) => ({ table: 'med_patients', column, row: row.patient_id })
  const own =
    row.preferences === null
      ? {}
      : await vault.open<Partial<Preferences>>(row.preferences, at('preferences'))
  return {
    patientId: row.patient_id,
    zone: row.zone,
    active: row.active === 1,
    identity: await vault.open<ReadPatient>(row.identity, at('identity')),
    preferences: { ...DEFAULT_PREFERENCES, ...own },
  }
}

export async function openOrder({ vault }: Store, row: OrderRow): Promise<MedicationRecord> {
  const order = await vault.open<ReadOrder>(row.detail, {
    table: 'med_orders',
    column: 'detail',
    row: row.order_id,
  })
  return { orderId: row.order_id, order, stoppedAt: row.stopped_at ?? undefined }
}

async function openFill(
  { vault }: Store,
  row: FillRow,
): Promise<ReadFill & { orderId: string | undefined; filledAt: number }> {
  const fill = await vault.open<ReadFill>(row.detail, {
    table: 'med_fills',
    column: 'detail',
    row: row.fill_id,
  })
  return { ...fill, orderId: row.order_id ?? undefined, filledAt: row.filled_at }
}

export function dayOfPatient({ preferences, zone }: PatientRecord): PatientDay {
  return { zone: zoneOf(zone), times: preferences.times }
}

export async function savePreferences(
  { clock, db, vault }: Store,
  patientId: string,
  preferences: Partial<Preferences>,
): Promise<boolean> {
  const sealed = await vault.seal(preferences, {
    table: 'med_patients',
    column: 'preferences',
    row: patientId,
  })
  const done = await db.query
    .updateTable('med_patients')
    .set({ preferences: sealed, updated_at: clock.now() })
    .where('patient_id', '=', patientId)
    .executeTakeFirst()
  return done.numUpdatedRows > 0n
}
