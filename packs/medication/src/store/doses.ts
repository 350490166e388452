// What patients say of their doses: taken, skipped, later.
import { doseId } from '../reminder/due-doses.ts'
import type { Store } from './store.ts'
import type { DoseRow } from './tables.ts'

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
  | { readonly what: 'as-needed'; readonly at: number }

/** Notes what became of a dose, before or after it is due. One that is taken early is not reminded. */
export async function noteDose(store: Store, dose: DoseOf, event: DoseEvent): Promise<string> {
  const id = doseId(dose.orderId, dose.no, dose.dueAt)
  const note =
    event.what === 'skipped'
      ? await store.vault.seal(event.reason, { table: 'med_doses', column: 'note', row: id })
      : null
  const change = {
    state: event.what,
    taken_at: event.what === 'taken' || event.what === 'as-needed' ? event.at : null,
    remind_at: event.what === 'snoozed' ? event.until : null,
    note,
  } satisfies Partial<DoseRow>
  await store.db.transaction(async ({ query }) => {
    await query
      .insertInto('med_doses')
      .values({
        dose_id: id,
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
    // What was summed up already is summed up again.
    await query
      .updateTable('med_rollups')
      .set({ reopened: 1 })
      .where('day', '<=', new Date(dose.dueAt).toISOString().slice(0, 10))
      .where('computed_at', '>', dose.dueAt)
      .execute()
  })
  return id
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
