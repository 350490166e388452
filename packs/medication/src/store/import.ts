// Puts what a bundle says into the tables: again and again with the same outcome.
import { BadInputError } from 'orderly'
import type { Issue } from '../fhir/issue.ts'
import type { ReadBundle, ReadFill, ReadOrder } from '../fhir/regimen.ts'
import { startOfText } from '../schedule/date-text.ts'
import { nextDose, planOrder } from '../schedule/order.ts'
import { isZone, zoneOf } from '../schedule/zone.ts'
import { DEFAULT_PREFERENCES } from '../services/preferences.ts'
import { quarterOf } from './quarter.ts'
import { openOrder, openPatient } from './patients.ts'
import { idOf, type Store } from './store.ts'
import type { DosageRow, OrderRow, PatientRow, Tx } from './tables.ts'

export interface Imported {
  readonly patients: readonly string[]
  readonly orders: number
  readonly scheduled: number
  readonly fills: number
  readonly issues: readonly Issue[]
}

const ENDED = new Set(['stopped', 'completed', 'cancelled', 'entered-in-error'])

/**
 * @param zone the IANA zone its patients live in: FHIR does not say
 * @throws BadInputError when there is no such zone
 */
export async function importBundle(
  store: Store,
  bundle: ReadBundle,
  zone: string,
): Promise<Imported> {
  if (!isZone(zone))
    throw new BadInputError(
      'the time zone is none this machine knows; give one such as Europe/Dublin',
    )
  const patients: string[] = []
  let [orders, scheduled, fills] = [0, 0, 0]
  for (const patient of bundle.patients) {
    const patientId = await store.blindId('patient', patient.id)
    const own = bundle.orders.filter((order) => order.patient === patient.id)
    const ownFills = bundle.fills.filter((fill) => fill.patient === patient.id)
    const rows = await prepare(store, patientId, zone, { patient, orders: own, fills: ownFills })
    await store.db.transaction((tx) => write(tx, rows))
    patients.push(patientId)
    orders += rows.orders.length
    scheduled += rows.dosages.filter((row) => row.next_due_at !== null).length
    fills += rows.fills.length
  }
  const [first] = patients
  if (first !== undefined) await noteIssues(store, first, bundle.issues)
  return { patients, orders, scheduled, fills, issues: bundle.issues }
}

type Rows = Awaited<ReturnType<typeof prepare>>

async function prepare(
  store: Store,
  patientId: string,
  zone: string,
  given: {
    readonly patient: ReadBundle['patients'][number]
    readonly orders: readonly ReadOrder[]
    readonly fills: readonly ReadFill[]
  },
) {
  const { clock, db, vault } = store
  const now = clock.now()
  const before = await db.query
    .selectFrom('med_patients')
    .selectAll()
    .where('patient_id', '=', patientId)
    .executeTakeFirst()
  const known = new Map(
    (
      await db.query
        .selectFrom('med_orders')
        .selectAll()
        .where('patient_id', '=', patientId)
        .execute()
    ).map((row) => [row.order_id, row]),
  )
  const reached = new Map(
    (
      await db.query
        .selectFrom('med_dosages')
        .select(['dosage_id', 'next_due_at'])
        .where('patient_id', '=', patientId)
        .execute()
    ).map((row) => [row.dosage_id, row.next_due_at]),
  )
  const preferences = before ? (await openPatient(store, before)).preferences : DEFAULT_PREFERENCES
  const day = { zone: zoneOf(zone), times: preferences.times }
  const patient: PatientRow = {
    patient_id: patientId,
    zone,
    active: given.patient.active && given.patient.deceasedOn === undefined ? 1 : 0,
    identity: await vault.seal(given.patient, {
      table: 'med_patients',
      column: 'identity',
      row: patientId,
    }),
    preferences: before?.preferences ?? null,
    updated_at: now,
  }
  const orders: OrderRow[] = []
  const dosages: DosageRow[] = []
  const orderIds = new Map<string, string>()
  for (const read of given.orders) {
    const orderId = await store.blindId('order', `${patientId}|${read.source}|${read.id}`)
    orderIds.set(read.id, orderId)
    const row = known.get(orderId)
    // Holds are said to the pack, not in the order: a new delivery of the order keeps them.
    const holds = row ? (await openOrder(store, row)).order.holds : []
    const order: ReadOrder = { ...read, holds }
    orders.push({
      order_id: orderId,
      patient_id: patientId,
      status: order.status,
      detail: await vault.seal(order, { table: 'med_orders', column: 'detail', row: orderId }),
      stopped_at: stoppedAt(order, row, zone, now),
      updated_at: now,
    })
    for (const { dosage, plan, holds: rests } of planOrder(order, day).plans) {
      const dosageId = `${orderId}.${dosage.no}`
      // What is due earlier than before is not passed over; what was reminded of already is known by its id.
      const from = Math.min(reached.get(dosageId) ?? Infinity, quarterOf(now))
      dosages.push({
        dosage_id: dosageId,
        order_id: orderId,
        patient_id: patientId,
        no: dosage.no,
        next_due_at: nextDose({ dosage, plan, holds: rests }, from) ?? null,
      })
    }
  }
  const fills = await Promise.all(
    given.fills.map(async (fill) => {
      const fillId = await store.blindId('fill', `${patientId}|${fill.id}`)
      return {
        fill_id: fillId,
        patient_id: patientId,
        order_id: (fill.order !== undefined && orderIds.get(fill.order)) || null,
        filled_at: startOfText(fill.on, zoneOf(zone)),
        detail: await vault.seal(fill, { table: 'med_fills', column: 'detail', row: fillId }),
      }
    }),
  )
  return { patient, orders, dosages, fills }
}

/** When an order ended: as it says itself, or when we first saw that it has. What was never seen active has no time. */
function stoppedAt(
  order: ReadOrder,
  before: OrderRow | undefined,
  zone: string,
  now: number,
): number | null {
  if (!ENDED.has(order.status)) return null
  if (order.stoppedOn !== undefined) return startOfText(order.stoppedOn, zoneOf(zone))
  if (!before) return null
  return before.status === 'active' ? now : before.stopped_at
}

async function write({ query }: Tx, { dosages, fills, orders, patient }: Rows): Promise<void> {
  const { patient_id: patientId, ...changed } = patient
  await query
    .insertInto('med_patients')
    .values(patient)
    .onConflict((on) => on.column('patient_id').doUpdateSet(changed))
    .execute()
  for (const order of orders) {
    const { order_id: _id, ...rest } = order
    await query
      .insertInto('med_orders')
      .values(order)
      .onConflict((on) => on.column('order_id').doUpdateSet(rest))
      .execute()
    // What is no longer scheduled loses its dosages; what still is keeps how far it has come.
    const kept = dosages.filter((row) => row.order_id === order.order_id)
    await query
      .deleteFrom('med_dosages')
      .where('order_id', '=', order.order_id)
      .where('dosage_id', 'not in', ['', ...kept.map((row) => row.dosage_id)])
      .execute()
    for (const row of kept)
      await query
        .insertInto('med_dosages')
        .values(row)
        .onConflict((on) => on.column('dosage_id').doUpdateSet({ next_due_at: row.next_due_at }))
        .execute()
  }
  for (const fill of fills) {
    const isNew = await query
      .insertInto('med_fills')
      .values(fill)
      .onConflict((on) => on.column('fill_id').doNothing())
      .executeTakeFirst()
    if ((isNew.numInsertedOrUpdatedRows ?? 0n) === 0n || fill.order_id === null) continue
    // A fill begins a new episode: alerts of the last one are over.
    await query
      .insertInto('med_supply')
      .values({
        order_id: fill.order_id,
        patient_id: patientId,
        detail: null,
        counted_at: null,
        counted: null,
        alerted: null,
        episode: 1,
        checked_at: null,
      })
      .onConflict((on) =>
        on
          .column('order_id')
          .doUpdateSet((set) => ({ alerted: null, episode: set('med_supply.episode', '+', 1) })),
      )
      .execute()
  }
}

const MOST_ISSUES = 1_000

async function noteIssues(
  { clock, db }: Store,
  patientId: string,
  issues: readonly Issue[],
): Promise<void> {
  await db.transaction(async ({ query }) => {
    await query.deleteFrom('med_issues').where('patient_id', '=', patientId).execute()
    for (const { at, code, severity } of issues.slice(0, MOST_ISSUES))
      await query
        .insertInto('med_issues')
        .values({
          issue_id: idOf(patientId, code, at),
          patient_id: patientId,
          code,
          severity,
          place: at,
          seen_at: clock.now(),
        })
        .onConflict((on) => on.column('issue_id').doNothing())
        .execute()
  })
}
