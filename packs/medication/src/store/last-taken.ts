// Where dosages stand that are counted from the last dose taken.
import type { LastTaken } from '../schedule/order.ts'
import { DAY_MS } from '../schedule/zone.ts'
import { QUARTER_MS, quarterOf } from './quarter.ts'
import type { Store } from './store.ts'
import type { Tx } from './tables.ts'

/** By order, then by dosage. */
export type AllLastTaken = ReadonlyMap<string, ReadonlyMap<number, LastTaken>>

type Query = Tx['query'] | Store['db']['query']

/** Longer than any interval. */
const LOOK_BACK_MS = 400 * DAY_MS

/** Of those of the patients who want it so. */
export async function loadLastTaken(
  query: Query,
  patients: readonly string[],
  now: number,
): Promise<AllLastTaken> {
  const all = new Map<string, Map<number, LastTaken>>()
  if (patients.length === 0) return all
  // By patients and time alone: an index of states would lead through the doses of everybody.
  const rows = await (query as Store['db']['query'])
    .selectFrom('med_doses')
    .select(({ case: when, fn, ref }) => [
      'order_id',
      'no',
      'state',
      // PostgreSQL gives a maximum as text.
      fn.max<number | string | null>('taken_at').as('taken'),
      fn
        .max<number | string | null>(
          when()
            .when('due_at', '<', quarterOf(now) + QUARTER_MS)
            .then(ref('due_at'))
            .end(),
        )
        .as('due'),
    ])
    .where('patient_id', 'in', patients)
    .where('due_at', '>=', now - LOOK_BACK_MS)
    .groupBy(['order_id', 'no', 'state'])
    .execute()
  const openAt = new Map<string, number>()
  for (const { due, no, order_id: orderId, state, taken } of rows) {
    if (state === 'taken' && taken !== null) {
      const ofOrder = all.get(orderId) ?? new Map<number, LastTaken>()
      all.set(orderId, ofOrder.set(no, { at: Number(taken) }))
    } else if (state !== 'as-needed' && due !== null) {
      const key = `${orderId}.${no}`
      openAt.set(key, Math.max(Number(due), openAt.get(key) ?? 0))
    }
  }
  for (const [orderId, ofOrder] of all)
    for (const [no, { at }] of ofOrder)
      ofOrder.set(no, { at, open: openAt.get(`${orderId}.${no}`) })
  return all
}
