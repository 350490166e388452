// What patients say of their doses: taken, skipped, later.
import { doseId } from '../reminder/due-doses.ts'
import { findPatient } from './patients.ts'
import { reopenDoses } from './reopen.ts'
import { findOrderOf, replan } from './replan.ts'
import type { Store } from './store.ts'
import type { DoseRow, Tx } from './tables.ts'

/** A dose by its id, or by what it is a dose of. */
export interface DoseOf {
  readonly patientId: string
  readonly orderId: string
  readonly no: number
  readonly dueAt: number
}

export type DoseEvent =
  | { readonly what: 'taken'; readonly at: number }
  | { readonly what: 'skipped'; readonly reason: string }
  | { readonly what: 'snoozed'; readonly until: number }

/** Notes what became of a dose, before or after it is due. One that is taken early is not reminded. */
export async function noteDose(store: Store, dose: DoseOf, event: DoseEvent): Promise<string> {
  const id = doseId(dose.orderId, dose.no, dose.dueAt)
  const note =
    event.what === 'skipped'
      ? await store.vault.seal(event.reason, { table: 'med_doses', column: 'note', row: id })
      : null
  const change = {
    state: event.what,
    taken_at: event.what === 'taken' ? event.at : null,
    remind_at: event.what === 'snoozed' ? event.until : null,
    note,
  } satisfies Change
  await store.db.transaction(({ query }) => writeDose(query, dose, change))
  if (event.what === 'taken') await countFromHere(store, dose.patientId)
  return id
}

type Change = Pick<DoseRow, 'state' | 'taken_at' | 'remind_at' | 'note'>

export async function writeDose(query: Tx['query'], dose: DoseOf, change: Change): Promise<void> {
  await query
    .insertInto('med_doses')
    .values({
      dose_id: doseId(dose.orderId, dose.no, dose.dueAt),
      patient_id: dose.patientId,
      order_id: dose.orderId,
      no: dose.no,
      due_at: dose.dueAt,
      reminded_at: null,
      escalated_at: null,
      ...change,
    })
    .onConflict((on) => on.column('dose_id').doUpdateSet(change))
    .execute()
  await reopenDoses(query, [dose.dueAt])
}

/** Where intervals are counted from the last dose taken, the next one is due by this one. */
async function countFromHere(store: Store, patientId: string): Promise<void> {
  const patient = await findPatient(store, patientId)
  if (patient?.preferences.fromLastTaken) await replan(store, patientId)
}

/** The doses of a patient that are due at a time; one of an order that is not due yet is named by its dosage. */
export async function dosesOf(
  store: Store,
  {
    dosage,
    dueAt,
    order,
    patient,
  }: {
    readonly patient: string
    readonly dueAt: number
    readonly order: string | undefined
    readonly dosage: number | undefined
  },
): Promise<DoseOf[]> {
  let query = store.db.query
    .selectFrom('med_doses')
    .select(['order_id', 'no'])
    .where('patient_id', '=', patient)
    .where('due_at', '=', dueAt)
    .where('state', '!=', 'as-needed')
  if (order !== undefined) query = query.where('order_id', '=', order)
  if (dosage !== undefined) query = query.where('no', '=', dosage)
  const rows = await query.execute()
  const found = rows.map((row) => ({
    patientId: patient,
    orderId: row.order_id,
    no: row.no,
    dueAt,
  }))
  if (found.length > 0 || order === undefined || dosage === undefined) return found
  const known = await findOrderOf(store, patient, order)
  const isThere = known?.order.dosages.some(({ asNeeded, no }) => no === dosage && !asNeeded)
  return isThere ? [{ patientId: patient, orderId: order, no: dosage, dueAt }] : []
}

/** What was counted of a medicine, in tablets, millilitres or actuations. */
export async function noteCount(
  { clock, db }: Store,
  patientId: string,
  orderId: string,
  counted: number,
): Promise<void> {
  const change = { counted, counted_at: clock.now(), alerted: null }
  await db.query
    .insertInto('med_supply')
    .values({
      order_id: orderId,
      patient_id: patientId,
      detail: null,
      episode: 1,
      checked_at: null,
      ...change,
    })
    .onConflict((on) => on.column('order_id').doUpdateSet(change))
    .execute()
}
