// One run of the reminder: its quarter of an hour, what an outage left, snoozed doses, and doses to tell a caregiver of.
import { addNotices, sealNotices, type NewNotice } from '../store/notices.ts'
import { openOrder, openPatient } from '../store/patients.ts'
import { groupBy } from '../store/group.ts'
import { loadLastTaken } from '../store/last-taken.ts'
import { addDoses } from '../store/new-doses.ts'
import { QUARTER_MS, quarterOf } from '../store/quarter.ts'
import { reopenDoses } from '../store/reopen.ts'
import { idOf, type Store } from '../store/store.ts'
import type { DosageRow, DoseRow } from '../store/tables.ts'
import type { MedicationRecord, MedicationServices, PatientRecord } from '../services/ports.ts'
import { isHeld, type Order } from '../schedule/order.ts'
import { MINUTE_MS } from '../schedule/zone.ts'
import { digestOf, dueDoses, fateOf, type PatientDue, type Span } from './due-doses.ts'

export interface Reminded {
  readonly from: number
  readonly to: number
  readonly doses: number
  readonly reminded: number
  readonly missedWindow: number
  readonly suppressed: number
  readonly escalated: number
  readonly unreadable: number
  /** Dosages with something due that this run has not dealt with: none, or something is wrong. */
  readonly left: number
}

const PATIENTS_AT_ONCE = 100
const ESCALATE_WITHIN_MS = 24 * 60 * MINUTE_MS

const MOVE_ON = 'update med_dosages set next_due_at = ? where dosage_id = ? and next_due_at = ?'

export async function remind(
  store: Store,
  services: MedicationServices,
  signal: AbortSignal,
  onProgress: () => void,
): Promise<Reminded> {
  const now = store.clock.now()
  const span: Span = { now, to: quarterOf(now) + QUARTER_MS }
  const total = { doses: 0, reminded: 0, missedWindow: 0, suppressed: 0, unreadable: 0 }
  let from = quarterOf(now)
  for (;;) {
    signal.throwIfAborted()
    const due = await dueDosages(store, span.to)
    if (due.length === 0) break
    from = Math.min(from, ...due.map((row) => row.next_due_at!))
    const done = await remindSome(store, services, due, span)
    total.doses += done.doses
    total.reminded += done.reminded
    total.missedWindow += done.missedWindow
    total.suppressed += done.suppressed
    total.unreadable += done.unreadable
    onProgress()
    await store.clock.turn()
  }
  total.reminded += await remindSnoozed(store, span, onProgress)
  const escalated = await escalate(store, span, onProgress)
  return { from, to: span.to, ...total, escalated, left: await countDue(store, span.to) }
}

async function countDue({ db }: Store, to: number): Promise<number> {
  const { n } = await db.query
    .selectFrom('med_dosages')
    .select((expression) => expression.fn.countAll().as('n'))
    .where('next_due_at', '<', to)
    .executeTakeFirstOrThrow()
  return Number(n)
}

/** The dosages of the next patients who have something due. Each run of this moves them on, so that it ends. */
async function dueDosages({ db }: Store, to: number): Promise<DosageRow[]> {
  const patients = await db.query
    .selectFrom('med_dosages')
    .select('patient_id')
    .distinct()
    .where('next_due_at', '<', to)
    .limit(PATIENTS_AT_ONCE)
    .execute()
  if (patients.length === 0) return []
  return db.query
    .selectFrom('med_dosages')
    .selectAll()
    .where('next_due_at', '<', to)
    .where(
      'patient_id',
      'in',
      patients.map((row) => row.patient_id),
    )
    .execute()
}

async function remindSome(
  store: Store,
  { logging }: MedicationServices,
  dosages: readonly DosageRow[],
  span: Span,
) {
  const patients = await loadPatients(store, [...new Set(dosages.map((row) => row.patient_id))])
  const orders = await loadOrders(store, [...new Set(dosages.map((row) => row.order_id))])
  const fromLast = [...patients.values()].filter((each) => each.preferences.fromLastTaken)
  const lastTaken = await loadLastTaken(
    store.db.query,
    fromLast.map(({ patientId }) => patientId),
    span.now,
  )
  const all: PatientDue[] = []
  for (const [patientId, own] of groupBy(dosages, (row) => row.patient_id)) {
    const patient = patients.get(patientId)
    all.push(
      patient
        ? dueDoses(patient, orders, own, lastTaken, span)
        : {
            doses: [],
            unreadable: own.map((row) => row.dosage_id),
            reached: own.map((row) => ({
              dosageId: row.dosage_id,
              from: row.next_due_at!,
              next: null,
            })),
          },
    )
  }
  const doses = all.flatMap((each) => each.doses)
  const known = await knownDoses(store, doses)
  const fresh = doses.filter((dose) => !known.has(dose.dose_id))
  const ofPatients = groupBy(
    fresh.filter((dose) => dose.state === 'reminded'),
    (dose) => dose.patient_id,
  )
  const sealed = await sealNotices(
    store,
    [...ofPatients].map(([patientId, own]) => digestOf(patientId, own, orders)),
  )
  const written = await store.db.transaction(async (tx) => {
    // Another run at the same time may have been faster: what it wrote it tells, too.
    const own = await addDoses(tx, fresh)
    const tellers = new Set(own.map((dose) => dose.patient_id))
    await tx.many(
      MOVE_ON,
      all.flatMap(({ reached }) =>
        reached.map(({ dosageId, from, next }) => [next, dosageId, from]),
      ),
    )
    await addNotices(
      tx,
      [...ofPatients.keys()].flatMap((id, i) => (tellers.has(id) ? [sealed[i]!] : [])),
    )
    return own
  })
  const unreadable = all.flatMap((each) => each.unreadable)
  for (const dosage of unreadable)
    await logging.error('medication-reminder', 'MEDICATION_MISSING', { dosage })
  const count = (state: DoseRow['state']): number =>
    written.filter((dose) => dose.state === state).length
  return {
    doses: written.length,
    reminded: count('reminded'),
    missedWindow: count('missed-window'),
    suppressed: count('suppressed'),
    unreadable: unreadable.length,
  }
}

async function knownDoses({ db }: Store, doses: readonly DoseRow[]): Promise<ReadonlySet<string>> {
  const known = new Set<string>()
  for (let at = 0; at < doses.length; at += 500) {
    const rows = await db.query
      .selectFrom('med_doses')
      .select('dose_id')
      .where(
        'dose_id',
        'in',
        doses.slice(at, at + 500).map((dose) => dose.dose_id),
      )
      .execute()
    for (const row of rows) known.add(row.dose_id)
  }
  return known
}

async function loadPatients(
  store: Store,
  ids: readonly string[],
): Promise<Map<string, PatientRecord>> {
  const rows = await store.db.query
    .selectFrom('med_patients')
    .selectAll()
    .where('patient_id', 'in', ['', ...ids])
    .execute()
  return new Map(
    await Promise.all(
      rows.map(async (row) => [row.patient_id, await openPatient(store, row)] as const),
    ),
  )
}

/** What cannot be opened is as if it were not there: its dosages are reported, and the others go on. */
async function loadOrders(
  store: Store,
  ids: readonly string[],
): Promise<Map<string, MedicationRecord>> {
  const found = new Map<string, MedicationRecord>()
  for (let at = 0; at < ids.length; at += 500) {
    const rows = await store.db.query
      .selectFrom('med_orders')
      .selectAll()
      .where('order_id', 'in', ids.slice(at, at + 500))
      .execute()
    for (const row of rows) {
      const order = await openOrder(store, row).catch(unlessBroken)
      if (order) found.set(row.order_id, order)
    }
  }
  return found
}

/** Keys that are away are no damage: the run is tried again. */
function unlessBroken(error: unknown): undefined {
  const { code } = error as { code?: unknown }
  if (code === 'ORDERLY_SEAL_BROKEN' || code === 'ORDERLY_SHREDDED') return undefined
  throw error
}

const ROWS_AT_ONCE = 1_000

const NOT_TOLD = { state: 'suppressed', reminded_at: null } as const

/** Whether an order is one to take something of now: it may have been stopped or rested since it was snoozed. */
function isTakenAt(order: Order | undefined, now: number): boolean {
  return order?.status === 'active' && !isHeld(order.holds, now)
}

async function remindSnoozed(
  store: Store,
  { now, to }: Span,
  onProgress: () => void,
): Promise<number> {
  let reminded = 0
  for (;;) {
    const rows = await store.db.query
      .selectFrom('med_doses')
      .selectAll()
      .where('state', '=', 'snoozed')
      .where('remind_at', '<', to)
      .orderBy('remind_at')
      .limit(ROWS_AT_ONCE)
      .execute()
    if (rows.length === 0) return reminded
    const orders = await loadOrders(store, [...new Set(rows.map((row) => row.order_id))])
    const patients = await loadPatients(store, [...new Set(rows.map((row) => row.patient_id))])
    const all = rows.map((row) => {
      const patient = patients.get(row.patient_id)
      const isTaken = patient?.active && isTakenAt(orders.get(row.order_id)?.order, now)
      const fate = isTaken ? fateOf(patient, row.remind_at ?? now, now) : NOT_TOLD
      return { fate, row }
    })
    const ofPatients = groupBy(
      all.filter(({ fate }) => fate.state === 'reminded').map(({ row }) => row),
      (row) => row.patient_id,
    )
    const notices = [...ofPatients].map(([patientId, own]) => ({
      ...digestOf(patientId, own, orders),
      id: idOf('snoozed', ...own.map((row) => `${row.dose_id}@${row.remind_at ?? 0}`).toSorted()),
    }))
    const sealed = await sealNotices(store, notices)
    reminded += await store.db.transaction(async (tx) => {
      const changed = await tx.many(
        `update med_doses set state = ?, reminded_at = coalesce(?, reminded_at)
         where dose_id = ? and state = 'snoozed' and remind_at = ?`,
        all.map(({ fate, row }) => [fate.state, fate.reminded_at, row.dose_id, row.remind_at]),
      )
      await reopenDoses(
        tx.query,
        rows.map((row) => row.due_at),
      )
      // One taken or snoozed anew meanwhile is not told, nor what another run was faster with.
      const told = all.filter(({ fate }, i) => fate.state === 'reminded' && changed[i]! > 0)
      const tellers = new Set(told.map(({ row }) => row.patient_id))
      await addNotices(
        tx,
        [...ofPatients.keys()].flatMap((id, i) => (tellers.has(id) ? [sealed[i]!] : [])),
      )
      return told.length
    })
    onProgress()
    await store.clock.turn()
  }
}

/** Tells caregivers of doses that were reminded and not taken: of all there are, however many. */
async function escalate(store: Store, span: Span, onProgress: () => void): Promise<number> {
  let told = 0
  for (let after: DoseRow | undefined; ;) {
    const rows = await unconfirmed(store, span, after)
    told += await escalateSome(store, rows, span.now)
    if (rows.length < ROWS_AT_ONCE) return told
    after = rows.at(-1)
    onProgress()
    await store.clock.turn()
  }
}

function unconfirmed({ db }: Store, { now }: Span, after: DoseRow | undefined): Promise<DoseRow[]> {
  let query = db.query
    .selectFrom('med_doses')
    .selectAll()
    .where('state', '=', 'reminded')
    .where('escalated_at', 'is', null)
    .where('due_at', '<=', now - 15 * MINUTE_MS)
    .where('due_at', '>=', now - ESCALATE_WITHIN_MS)
  if (after)
    query = query.where(({ and, eb, or }) =>
      or([
        eb('due_at', '>', after.due_at),
        and([eb('due_at', '=', after.due_at), eb('dose_id', '>', after.dose_id)]),
      ]),
    )
  return query.orderBy('due_at').orderBy('dose_id').limit(ROWS_AT_ONCE).execute()
}

/** Since when the patient could confirm it: one that was late or snoozed, since the quarter in which it was reminded. */
function askedAt(row: DoseRow): number {
  return Math.max(row.due_at, quarterOf(row.reminded_at ?? row.due_at))
}

async function escalateSome(store: Store, rows: readonly DoseRow[], now: number): Promise<number> {
  const patients = await loadPatients(store, [...new Set(rows.map((row) => row.patient_id))])
  const notices: NewNotice[] = []
  const marks: [number, string][] = []
  for (const row of rows) {
    const caregiver = patients.get(row.patient_id)?.preferences.caregiver
    // 0: there is nobody to tell.
    if (!caregiver) marks.push([0, row.dose_id])
    else if (now - askedAt(row) >= caregiver.after * MINUTE_MS) {
      marks.push([now, row.dose_id])
      notices.push({
        id: idOf('caregiver', row.dose_id),
        patientId: row.patient_id,
        kind: 'caregiver-alert',
        urgent: true,
        title: 'A dose was not confirmed',
        body: 'Somebody you look after has not confirmed a dose. Please ask.',
        detail: { dose: row.dose_id },
        email: caregiver.email,
      })
    }
  }
  const sealed = await sealNotices(store, notices)
  if (marks.length > 0)
    await store.db.transaction(async (tx) => {
      await tx.many('update med_doses set escalated_at = ? where dose_id = ?', marks)
      await addNotices(tx, sealed)
    })
  return notices.length
}
