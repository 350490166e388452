// Patients, their orders and their fills, as they are kept.
import { ExternalError } from 'orderly'
import type { ReadFill, ReadOrder, ReadPatient } from '../fhir/regimen.ts'
import type { PatientDay } from '../schedule/compile.ts'
import { DAY_MS, zoneOf } from '../schedule/zone.ts'
import {
  DEFAULT_PREFERENCES,
  type Preferences,
  type PreferencesChange,
} from '../services/preferences.ts'
import type { MedicationRecord, Medications, PatientRecord } from '../services/ports.ts'
import type { Store } from './store.ts'
import type { FillRow, OrderRow, PatientRow } from './tables.ts'

/** Patients' ids in order, after one of them. */
export async function listPatients(
  { db }: Store,
  after: string,
  limit: number,
  which: 'active' | 'all' = 'active',
): Promise<string[]> {
  const rows = await db.query
    .selectFrom('med_patients')
    .select('patient_id')
    .where('patient_id', '>', after)
    .where('active', 'in', which === 'all' ? [0, 1] : [1])
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

export async function findPatient(
  store: Store,
  patientId: string,
): Promise<PatientRecord | undefined> {
  const row = await store.db.query
    .selectFrom('med_patients')
    .selectAll()
    .where('patient_id', '=', patientId)
    .executeTakeFirst()
  return row && (await openPatient(store, row))
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

export function dayOfPatient({
  preferences,
  zone,
}: Pick<PatientRecord, 'preferences' | 'zone'>): PatientDay {
  return { zone: zoneOf(zone), times: preferences.times }
}

/** Who is to be told from now on is told of what is open now, too. */
async function reopenEscalation(db: Store['db'], now: number, patientId: string): Promise<void> {
  await db.query
    .updateTable('med_doses')
    .set({ escalated_at: null })
    .where('patient_id', '=', patientId)
    .where('state', '=', 'reminded')
    .where('escalated_at', '=', 0)
    .where('due_at', '>=', now - DAY_MS)
    .execute()
}

const MOST_TRIES = 20

/**
 * Changes what is named and leaves the rest; what is named and undefined is as if it had never been set.
 *
 * @returns whether there is such a patient
 */
export async function savePreferences(
  { clock, db, vault }: Store,
  patientId: string,
  change: PreferencesChange,
): Promise<boolean> {
  const at = { table: 'med_patients', column: 'preferences', row: patientId }
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const row = await db.query
      .selectFrom('med_patients')
      .select('preferences')
      .where('patient_id', '=', patientId)
      .executeTakeFirst()
    if (!row) return false
    const before = row.preferences
    const own = before === null ? {} : await vault.open<Partial<Preferences>>(before, at)
    const done = await db.query
      .updateTable('med_patients')
      .set({ preferences: await vault.seal({ ...own, ...change }, at), updated_at: clock.now() })
      .where('patient_id', '=', patientId)
      .where('preferences', before === null ? 'is' : '=', before)
      .executeTakeFirst()
    // Somebody else has changed them meanwhile: what they changed stays, too.
    if (done.numUpdatedRows > 0n) {
      if (change.caregiver) await reopenEscalation(db, clock.now(), patientId)
      return true
    }
  }
  throw new ExternalError('the preferences were changed by others all the time; try again')
}
