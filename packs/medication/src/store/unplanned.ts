// The dosages of active orders that have no times: somebody must look at them, for nobody is reminded.
import type { Store } from './store.ts'
import type { UnplannedRow } from './tables.ts'

export interface Unscheduled {
  readonly patient_id: string
  readonly order_id: string
  /** Its number in the order, from 0. */
  readonly dosage: number
  readonly why: UnplannedRow['why']
  readonly since: string
}

const MOST_LISTED = 1_000

/** Of one patient or of all, the newest first. */
export async function listUnscheduled(
  { db }: Pick<Store, 'db'>,
  patientId?: string,
  limit: number = MOST_LISTED,
): Promise<Unscheduled[]> {
  let query = db.query
    .selectFrom('med_unplanned')
    .innerJoin('med_patients', 'med_patients.patient_id', 'med_unplanned.patient_id')
    .select(['med_unplanned.patient_id', 'order_id', 'no', 'why', 'seen_at'])
    .where('med_patients.active', '=', 1)
  if (patientId !== undefined) query = query.where('med_unplanned.patient_id', '=', patientId)
  const rows = await query
    .orderBy('seen_at', 'desc')
    .orderBy('dosage_id')
    .limit(Math.min(limit, MOST_LISTED))
    .execute()
  return rows.map((row) => ({
    patient_id: row.patient_id,
    order_id: row.order_id,
    dosage: row.no,
    why: row.why,
    since: new Date(row.seen_at).toISOString(),
  }))
}
