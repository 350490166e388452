// Puts what a bundle says into the tables: again and again with the same outcome.
import { BadInputError } from 'orderly'
import type { Issue } from '../fhir/issue.ts'
import type { ReadBundle, ReadFill, ReadOrder } from '../fhir/regimen.ts'
import { startOfText } from '../schedule/date-text.ts'
import { byNumber, keepNumbers } from '../schedule/numbers.ts'
import type { PastOrder } from '../schedule/order.ts'
import { isZone, zoneOf } from '../schedule/zone.ts'
import { DEFAULT_PREFERENCES } from '../services/preferences.ts'
import { loadLastTaken } from './last-taken.ts'
import { openOrder, openPatient } from './patients.ts'
import { planRows, writePlanned, type Planned } from './planned.ts'
import { reopenFills } from './reopen.ts'
import { findStand, replan } from './replan.ts'
import { idOf, type Store } from './store.ts'
import type { FillRow, OrderRow, PatientRow, Tx } from './tables.ts'
import { whileUnchanged } from './unchanged.ts'

export interface Imported {
  readonly patients: readonly string[]
  readonly orders: number
  readonly scheduled: number
  /** Dosages of active orders that have no times: nobody is reminded of them. */
  readonly unplanned: number
  readonly fills: number
  readonly issues: readonly Issue[]
}

const ENDED = new Set(['stopped', 'completed', 'cancelled', 'entered-in-error'])
/** Changes of one order that are remembered. */
const MOST_PAST = 50

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
  let [orders, scheduled, unplanned, fills] = [0, 0, 0, 0]
  for (const patient of bundle.patients) {
    const patientId = await store.blindId('patient', patient.id)
    const isOwn = (each: { readonly patient: string }): boolean => each.patient === patient.id
    const given = {
      patient,
      orders: newestOf(bundle.orders.filter(isOwn)),
      fills: bundle.fills.filter(isOwn),
      withdrawn: bundle.withdrawn.filter(isOwn),
    }
    const rows = await whileUnchanged(
      store,
      patientId,
      () => prepare(store, patientId, zone, given),
      write,
    )
    if (rows.stand) await replan(store, patientId, rows.stand)
    patients.push(patientId)
    orders += rows.orders.length
    for (const { planned } of rows.orders) {
      scheduled += planned.dosages.filter((row) => row.next_due_at !== null).length
      unplanned += planned.unplanned.length
    }
    fills += rows.fills.length
  }
  const [first] = patients
  if (first !== undefined) await noteIssues(store, first, bundle.issues)
  return { patients, orders, scheduled, unplanned, fills, issues: bundle.issues }
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
    readonly withdrawn: ReadBundle['withdrawn']
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
  const stood = before && (await openPatient(store, before))
  const preferences = stood?.preferences ?? DEFAULT_PREFERENCES
  const last = await loadLastTaken(db.query, preferences.fromLastTaken ? [patientId] : [], now)
  const active = given.patient.active && given.patient.deceasedOn === undefined
  const patient: PatientRow = {
    patient_id: patientId,
    zone,
    active: active ? 1 : 0,
    identity: await vault.seal(given.patient, {
      table: 'med_patients',
      column: 'identity',
      row: patientId,
    }),
    preferences: before?.preferences ?? null,
    updated_at: now,
  }
  const orders: { readonly row: OrderRow; readonly planned: Planned }[] = []
  for (const sent of given.orders) {
    const orderId = await orderIdOf(store, patientId, sent.source, sent.id)
    const row = known.get(orderId)
    const kept = row && (await openOrder(store, row)).order
    const read = !kept
      ? sent
      : isOlder(sent, kept)
        ? kept
        : { ...sent, dosages: keepNumbers(sent.dosages, kept) }
    // Holds are said to the pack, not in the order: a new delivery of the order keeps them.
    const order: ReadOrder = { ...read, holds: kept?.holds ?? [], past: pastOf(kept, read, now) }
    const lastTaken = last.get(orderId)
    orders.push({
      row: {
        order_id: orderId,
        patient_id: patientId,
        status: order.status,
        detail: await vault.seal(order, { table: 'med_orders', column: 'detail', row: orderId }),
        stopped_at: stoppedAt(order, row, zone, now),
        updated_at: now,
      },
      planned: planRows(
        { order, patient: { patientId, zone, active, preferences }, lastTaken },
        {
          orderId,
          now,
          reached,
          before: kept && stood && { order: kept, patient: stood, lastTaken },
        },
      ),
    })
  }
  const fills = await Promise.all(
    given.fills.map(async (fill): Promise<FillRow> => {
      const fillId = await store.blindId('fill', `${patientId}|${fill.id}`)
      return {
        fill_id: fillId,
        patient_id: patientId,
        // The order may come later, or have come before: its id is the same.
        order_id:
          fill.order === undefined
            ? null
            : await orderIdOf(store, patientId, 'request', fill.order),
        filled_at: startOfText(fill.on, zoneOf(zone)),
        detail: await vault.seal(fill, { table: 'med_fills', column: 'detail', row: fillId }),
      }
    }),
  )
  const withdrawn = await Promise.all(
    given.withdrawn.map(({ id }) => store.blindId('fill', `${patientId}|${id}`)),
  )
  // Another zone, or the end of care, changes orders that are not in the bundle, too.
  const isMoved = stood && (stood.zone !== zone || stood.active !== active)
  const stand = isMoved ? await findStand(store, patientId) : undefined
  return { patient, orders, fills, withdrawn, stand }
}

function orderIdOf(
  store: Store,
  patientId: string,
  source: ReadOrder['source'],
  id: string,
): Promise<string> {
  return store.blindId('order', `${patientId}|${source}|${id}`)
}

/** Versions may come in any order. Where one of two does not say when it was written, the later to come counts. */
function isOlder(one: ReadOrder, other: ReadOrder): boolean {
  return (one.versionAt ?? Infinity) < (other.versionAt ?? -Infinity)
}

/** One version of each order. */
function newestOf(orders: readonly ReadOrder[]): ReadOrder[] {
  const newest = new Map<string, ReadOrder>()
  for (const order of orders) {
    const key = `${order.source}|${order.id}`
    const other = newest.get(key)
    if (!other || !isOlder(order, other)) newest.set(key, order)
  }
  return [...newest.values()]
}

/** What was ordered until now, where this says something else: what was taken meanwhile was taken by that. */
function pastOf(
  kept: ReadOrder | undefined,
  read: ReadOrder,
  now: number,
): readonly PastOrder[] | undefined {
  if (!kept) return undefined
  const said = ({ authoredOn, dosages, end, status }: ReadOrder) => ({
    status,
    dosages,
    authoredOn,
    end,
  })
  const same = (order: ReadOrder): string =>
    JSON.stringify({ ...said(order), dosages: byNumber(order.dosages) })
  if (same(kept) === same(read)) return kept.past
  return [...(kept.past ?? []), { ...said(kept), until: now }].slice(-MOST_PAST)
}

/**
 * When an order ended or was interrupted: as it says itself, or when we first saw that it is active no more, for what
 * was taken until then still acts. What was never seen active has no time.
 */
function stoppedAt(
  order: ReadOrder,
  before: OrderRow | undefined,
  zone: string,
  now: number,
): number | null {
  if (order.status === 'active') return null
  if (ENDED.has(order.status) && order.stoppedOn !== undefined)
    return startOfText(order.stoppedOn, zoneOf(zone))
  if (!before) return null
  return before.status === 'active' ? now : before.stopped_at
}

async function write(tx: Tx, { fills, orders, patient, withdrawn }: Rows): Promise<void> {
  const { query } = tx
  // Preferences are said to the pack and may have been saved meanwhile.
  const { patient_id: patientId, preferences: _, ...changed } = patient
  await query
    .insertInto('med_patients')
    .values(patient)
    .onConflict((on) => on.column('patient_id').doUpdateSet(changed))
    .execute()
  for (const { planned, row } of orders) {
    const { order_id: orderId, ...rest } = row
    await query
      .insertInto('med_orders')
      .values(row)
      .onConflict((on) => on.column('order_id').doUpdateSet(rest))
      .execute()
    await writePlanned(tx, orderId, planned)
  }
  const known = await query
    .selectFrom('med_fills')
    .select(['fill_id', 'order_id', 'filled_at'])
    .where('patient_id', '=', patientId)
    .execute()
  await writeFills(query, fills, new Map(known.map((row) => [row.fill_id, row])))
  // What was a fill and is none any more counts for nothing.
  const gone = known.filter((row) => withdrawn.includes(row.fill_id))
  await query
    .deleteFrom('med_fills')
    .where('fill_id', 'in', ['', ...gone.map((row) => row.fill_id)])
    .execute()
  await reopenFills(
    query,
    gone.map((row) => row.filled_at),
  )
}

async function writeFills(
  query: Tx['query'],
  fills: readonly FillRow[],
  known: ReadonlyMap<string, Pick<FillRow, 'order_id' | 'filled_at'>>,
): Promise<void> {
  const changed: number[] = []
  for (const fill of fills) {
    const { fill_id: id, ...rest } = fill
    const before = known.get(id)
    await query
      .insertInto('med_fills')
      .values(fill)
      .onConflict((on) => on.column('fill_id').doUpdateSet(rest))
      .execute()
    if (before?.filled_at !== fill.filled_at) changed.push(fill.filled_at)
    if (fill.order_id === null || before?.order_id === fill.order_id) continue
    // A fill begins a new episode: alerts of the last one are over.
    await query
      .insertInto('med_supply')
      .values({
        order_id: fill.order_id,
        patient_id: fill.patient_id,
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
  await reopenFills(query, changed)
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
