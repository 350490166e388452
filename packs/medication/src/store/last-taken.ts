// Where dosages stand that are counted from the last dose taken.
import type { LastTaken } from '../schedule/order.ts'
import { QUARTER_MS, quarterOf } from './quarter.ts'
import type { Store } from './store.ts'
import type { MedicationTables, Tx } from './tables.ts'

/** By order, then by dosage. */
export type AllLastTaken = ReadonlyMap<string, ReadonlyMap<number, LastTaken>>

type Query = Tx['query'] | Store['db']['query']

/** Of those of the patients who want it so. */
export async function loadLastTaken(
  query: Query,
  patients: readonly string[],
  now: number,
): Promise<AllLastTaken> {
  const all = new Map<string, Map<number, LastTaken>>()
  if (patients.length === 0) return all
  const own = (query as Store['db']['query'])
    .selectFrom('med_doses')
    .where('patient_id', 'in', patients)
    .groupBy(['order_id', 'no'])
  const taken = await own
    .select(({ fn }) => ['order_id', 'no', fn.max('taken_at').as('at')])
    .where('state', '=', 'taken')
    .execute()
  const open = await own
    // PostgreSQL gives a maximum as text.
    .select(({ fn }) => ['order_id', 'no', fn.max<number | string>('due_at').as('at')])
    .where('state', 'not in', [
      'taken',
      'as-needed',
    ] satisfies MedicationTables['med_doses']['state'][])
    .where('due_at', '<', quarterOf(now) + QUARTER_MS)
    .execute()
  const openAt = new Map(open.map((row) => [`${row.order_id}.${row.no}`, Number(row.at)]))
  for (const { at, no, order_id: orderId } of taken) {
    const ofOrder = all.get(orderId) ?? new Map<number, LastTaken>()
    all.set(orderId, ofOrder.set(no, { at: Number(at), open: openAt.get(`${orderId}.${no}`) }))
  }
  return all
}
