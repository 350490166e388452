// What patients say of their doses: taken, skipped, later.
import { BadInputError } from 'orderly'
import { doseId } from '../reminder/due-doses.ts'
import { MINUTE_MS } from '../schedule/zone.ts'
import { findPatient } from './patients.ts'
import { reopenDoses } from './reopen.ts'
import { findOrderOf, findStand, replan, type Stand } from './replan.ts'
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
  if (event.what === 'taken' && !mayBeTakenAt(store, event.at))
    throw new BadInputError('a dose is noted as taken when it is; give a time that is not ahead')
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
  const before = event.what === 'taken' ? await countedFromLast(store, dose.patientId) : undefined
  await store.db.transaction(({ query }) =>
    writeDose(query, dose, change, event.what === 'snoozed' ? SETTLED : []),
  )
  if (before) await replan(store, dose.patientId, before)
  return id
}

/** Clocks differ by so much. */
const SKEW_MS = 5 * MINUTE_MS

export function mayBeTakenAt({ clock }: Store, at: number): boolean {
  return at <= clock.now() + SKEW_MS
}

/** What was said of a dose that reminding again would not bring back. */
const SETTLED = ['taken', 'skipped'] as const satisfies readonly DoseRow['state'][]

type Change = Pick<DoseRow, 'state' | 'taken_at' | 'remind_at' | 'note'>

/** @param unless states in which the dose stays as it is */
export async function writeDose(
  query: Tx['query'],
  dose: DoseOf,
  change: Change,
  unless: readonly DoseRow['state'][] = [],
): Promise<void> {
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
    .onConflict((on) => {
      const update = on.column('dose_id').doUpdateSet(change)
      return unless.length === 0 ? update : update.where('med_doses.state', 'not in', unless)
    })
    .execute()
  await reopenDoses(query, [dose.dueAt])
}

/** How it stands where intervals are counted from the last dose taken: each one changes when the next is due. */
async function countedFromLast(store: Store, patientId: string): Promise<Stand | undefined> {
  const patient = await findPatient(store, patientId)
  return patient?.preferences.fromLastTaken ? findStand(store, patientId) : undefined
}

/** The doses of a patient that are due at a time; one of an order that is not due yet is named by its dosage. */
export async function dosesOf(
  store: Store,
  {
    dosage,
    dueAt,
    open = false,
    order,
    patient,
  }: {
    readonly patient: string
    readonly dueAt: number
    readonly order: string | undefined
    readonly dosage: number | undefined
    /** Without those that were taken or skipped. */
    readonly open?: boolean
  },
): Promise<DoseOf[]> {
  let query = store.db.query
    .selectFrom('med_doses')
    .select(['order_id', 'no', 'state'])
    .where('patient_id', '=', patient)
    .where('due_at', '=', dueAt)
    .where('state', '!=', 'as-needed')
  if (order !== undefined) query = query.where('order_id', '=', order)
  if (dosage !== undefined) query = query.where('no', '=', dosage)
  const rows = await query.execute()
  const found = rows
    .filter(({ state }) => !open || !SETTLED.some((settled) => settled === state))
    .map((row) => ({ patientId: patient, orderId: row.order_id, no: row.no, dueAt }))
  if (rows.length > 0 || order === undefined || dosage === undefined) return found
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
    // A count begins a new episode, as a fill does: what was told before may be told again.
    .onConflict((on) =>
      on
        .column('order_id')
        .doUpdateSet((set) => ({ ...change, episode: set('med_supply.episode', '+', 1) })),
    )
    .execute()
}
