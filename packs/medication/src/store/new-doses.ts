// Writes doses down that are not there yet.
import { reopenDoses } from './reopen.ts'
import type { DoseRow, Tx } from './tables.ts'

const INSERT = `insert into med_doses
  (dose_id, patient_id, order_id, no, due_at, state, remind_at, reminded_at, taken_at, escalated_at, note)
  values (?, ?, ?, ?, ?, ?, null, ?, null, ?, null) on conflict (dose_id) do nothing`

/** @returns those that were not there */
export async function addDoses(
  { many, query }: Pick<Tx, 'many' | 'query'>,
  doses: readonly DoseRow[],
): Promise<DoseRow[]> {
  const changed = await many(
    INSERT,
    doses.map((dose) => [
      dose.dose_id,
      dose.patient_id,
      dose.order_id,
      dose.no,
      dose.due_at,
      dose.state,
      dose.reminded_at,
      dose.escalated_at,
    ]),
  )
  await reopenDoses(
    query,
    doses.map((dose) => dose.due_at),
  )
  return doses.filter((_, i) => changed[i]! > 0)
}
