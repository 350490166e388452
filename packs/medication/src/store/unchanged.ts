// Writes what was worked out from a patient's orders and times only while those are still as they were read.
import { sql } from 'kysely'
import { ExternalError } from 'orderly'
import type { Store } from './store.ts'
import type { Tx } from './tables.ts'

const MOST_TRIES = 50

/**
 * Reads and works out with `prepare`, then runs `write` in a transaction that no other of this patient overlaps. When
 * somebody has changed the patient's orders or preferences in between, both are done again: what they changed stays.
 * Values are sealed and opened in `prepare`, for the vault may need the database itself.
 *
 * @returns what `prepare` returned at last; `write` is left out where that is undefined
 * @throws ExternalError when others change it all the time
 */
export async function whileUnchanged<T>(
  { db }: Store,
  patientId: string,
  prepare: () => Promise<T>,
  write: (tx: Tx, prepared: NonNullable<T>) => Promise<void>,
): Promise<T> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const before = await stampOf(db.query, patientId)
    const prepared = await prepare()
    if (prepared === undefined || prepared === null) return prepared
    const isDone = await db.transaction(async (tx) => {
      // On SQLite no transaction overlaps another anyway. A patient who is new has no row to lock.
      if (db.dialect === 'postgres')
        await sql`select pg_advisory_xact_lock(hashtextextended(${`med/${patientId}`}, 0))`.execute(
          tx.query,
        )
      if ((await stampOf(tx.query, patientId)) !== before) return false
      await write(tx, prepared)
      return true
    })
    if (isDone) return prepared
  }
  throw new ExternalError(
    'the orders of the patient were changed by others all the time; try again',
  )
}

/** Sealed values differ each time they are sealed, so equal ones have not been written since. */
async function stampOf(query: Tx['query'] | Store['db']['query'], patientId: string) {
  const own = query as Store['db']['query']
  const patient = await own
    .selectFrom('med_patients')
    .select(['zone', 'active', 'preferences'])
    .where('patient_id', '=', patientId)
    .executeTakeFirst()
  const orders = await own
    .selectFrom('med_orders')
    .select(['order_id', 'detail'])
    .where('patient_id', '=', patientId)
    .orderBy('order_id')
    .execute()
  return JSON.stringify([
    patient && [patient.zone, patient.active, patient.preferences],
    orders.map((row) => [row.order_id, row.detail]),
  ])
}
