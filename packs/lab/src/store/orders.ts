// Orders: made, found by their companies, and moved on. What is of the patient is sealed.
import { randomUUID } from 'node:crypto'
import { RefusedError, type SealedAt } from 'orderly'
import { sql } from 'kysely'
import { dayNumber } from '../forecast/series.ts'
import type { Prescription } from '../optics/prescription.ts'
import { checkPrescription, type Finding } from '../optics/rules.ts'
import { judgeMove, judgeNews, type Move, type OrderStatus } from '../orders/status.ts'
import { totalsOf, type MoneyLine } from '../pdf/money.ts'
import { addDaily } from './daily.ts'
import type { LabRooms, Query, Tx } from './rooms.ts'
import type { OrderRow } from './tables.ts'

export interface OrderDetails {
  readonly patientId: string
  /** What laboratory and documents see of the patient's name. */
  readonly patient: string
  readonly prescription: Prescription
  readonly material: string
  readonly coating: string
  readonly tint: string
  readonly frame: string
  readonly notes: string
}

export interface Order {
  readonly id: string
  readonly companyId: string
  readonly labId: string
  readonly number: string
  readonly status: OrderStatus
  readonly lines: readonly (MoneyLine & { readonly sku?: string })[]
  readonly orderedOn: string
  readonly dueOn: string | null
  readonly carrier: string | null
  readonly tracking: string | null
  readonly limsJob: string | null
  readonly createdAt: number
}

export interface NewOrder {
  /** The practice that orders. */
  readonly companyId: string
  readonly labId: string
  readonly details: OrderDetails
  readonly lines: readonly (MoneyLine & { readonly sku?: string })[]
  readonly dueOn?: string
  /** Runs in the transaction of the order, such as to enqueue what follows from it. */
  readonly also?: (order: Order, tx: Tx) => Promise<void>
}

/** An order that cannot be made as it is. */
export class PrescriptionError extends RefusedError {
  readonly findings: readonly Finding[]

  constructor(findings: readonly Finding[]) {
    super(
      `the prescription has ${findings.length} errors: ${findings.map(({ code }) => code).join(', ')}`,
    )
    this.findings = findings
  }
}

/**
 * Takes an order: checks it, gives it the next number of its laboratory, seals what is the patient's, all or nothing.
 *
 * @throws PrescriptionError when a rule with severity `error` is broken
 */
export async function createOrder(rooms: LabRooms, given: NewOrder): Promise<Order> {
  const { db, clock, vault } = rooms
  const now = clock.now()
  const orderedOn = dayIn(rooms.zone, now)
  const errors = checkPrescription(given.details.prescription, orderedOn).filter(
    ({ severity }) => severity === 'error',
  )
  if (errors.length > 0) throw new PrescriptionError(errors)
  const id = `ord_${randomUUID()}`
  const sealed = await vault.seal(given.details, sealedAt(id))
  const net = totalsOf(given.lines).net
  return db.transaction(async (tx) => {
    await connected(tx.query, given.companyId, given.labId)
    const n = await nextNumber(tx.query, given.labId, `orders-${orderedOn.slice(0, 4)}`, id)
    const row: OrderRow = {
      order_id: id,
      company_id: given.companyId,
      lab_id: given.labId,
      number: `ORD-${orderedOn.slice(0, 4)}-${String(n).padStart(5, '0')}`,
      status: 'pending',
      status_at: now,
      sealed,
      lines: JSON.stringify(given.lines),
      net_cents: net,
      ordered_on: orderedOn,
      due_on: given.dueOn ?? null,
      carrier: null,
      tracking: null,
      lims_job: null,
      remakes: 0,
      created_at: now,
      finished_at: null,
    }
    await tx.query.insertInto('lab_orders').values(row).execute()
    const day = dayNumber(orderedOn)
    for (const company of new Set([given.companyId, given.labId])) {
      await addDaily(tx.query, company, 'orders', day, 1)
      await addDaily(tx.query, company, 'revenue', day, net / 100)
      for (const { sku, quantity } of given.lines)
        if (sku !== undefined) await addDaily(tx.query, company, `sku:${sku}`, day, quantity)
    }
    const order = orderOf(row)
    await given.also?.(order, tx)
    return order
  })
}

/** A practice orders from itself, or from a laboratory the marketplace has connected it with. */
async function connected(query: Query, companyId: string, labId: string): Promise<void> {
  if (companyId === labId) return
  const found = await query
    .selectFrom('lab_connections')
    .select('connection_id')
    .where('state', '=', 'accepted')
    .where((eb) =>
      eb.or([
        eb.and([eb('company_id', '=', companyId), eb('target_id', '=', labId)]),
        eb.and([eb('company_id', '=', labId), eb('target_id', '=', companyId)]),
      ]),
    )
    .executeTakeFirst()
  if (!found)
    throw new RefusedError(
      'this practice and this laboratory are not connected; connect them first',
    )
}

/** The companies an order is of. What a job knows is only its id; everything after that names a company. */
export async function companiesOfOrder(
  { db }: LabRooms,
  orderId: string,
): Promise<{ companyId: string; labId: string }> {
  const row = await db.query
    .selectFrom('lab_orders')
    .select(['company_id', 'lab_id'])
    .where('order_id', '=', orderId)
    .executeTakeFirst()
  if (!row) throw new RefusedError('there is no such order; was it removed?')
  return { companyId: row.company_id, labId: row.lab_id }
}

/** An order as a company sees it: its own, or one it makes. Undefined for whoever else asks. */
export async function findOrder(
  { db }: LabRooms,
  companyId: string,
  orderId: string,
): Promise<Order | undefined> {
  const row = await ofCompany(db.query, companyId)
    .where('order_id', '=', orderId)
    .executeTakeFirst()
  return row && orderOf(row)
}

/** What is sealed of an order. @throws RefusedError for a company that it is not of */
export async function openDetails(
  rooms: LabRooms,
  companyId: string,
  orderId: string,
): Promise<OrderDetails> {
  const row = await ofCompany(rooms.db.query, companyId)
    .where('order_id', '=', orderId)
    .executeTakeFirst()
  if (!row) throw new RefusedError('there is no such order of this company')
  return rooms.vault.open<OrderDetails>(row.sealed, sealedAt(orderId))
}

export interface OrderFilter {
  readonly status?: readonly OrderStatus[]
  readonly number?: string
  readonly orderedFrom?: string
  readonly orderedTo?: string
  readonly dueBefore?: string
  readonly limit?: number
}

const MOST_LISTED = 500

/** Orders of a company, newest first. */
export async function listOrders(
  { db }: LabRooms,
  companyId: string,
  filter: OrderFilter = {},
): Promise<Order[]> {
  let query = ofCompany(db.query, companyId)
  if (filter.status) query = query.where('status', 'in', [...filter.status])
  if (filter.number !== undefined) query = query.where('number', '=', filter.number)
  if (filter.orderedFrom !== undefined) query = query.where('ordered_on', '>=', filter.orderedFrom)
  if (filter.orderedTo !== undefined) query = query.where('ordered_on', '<=', filter.orderedTo)
  if (filter.dueBefore !== undefined) query = query.where('due_on', '<', filter.dueBefore)
  const rows = await query
    .orderBy('created_at', 'desc')
    .orderBy('number', 'desc')
    .limit(Math.min(filter.limit ?? 100, MOST_LISTED))
    .execute()
  return rows.map(orderOf)
}

function ofCompany(query: Query, companyId: string) {
  return query
    .selectFrom('lab_orders')
    .selectAll()
    .where((eb) => eb.or([eb('company_id', '=', companyId), eb('lab_id', '=', companyId)]))
}

export interface StatusChange {
  readonly carrier?: string
  readonly tracking?: string
  /** A LIMS tells of it: nobody has decided it here. */
  readonly isNews?: boolean
  /** Runs in the transaction of the move, when there is one, such as to enqueue what follows from it. */
  readonly also?: (tx: Tx) => Promise<void>
}

const DONE: ReadonlySet<OrderStatus> = new Set<OrderStatus>(['shipped', 'delivered', 'completed'])

/** Moves an order on, unless it has gone past that. Only the laboratory that makes it may. */
export function moveOrder(
  { db, clock, zone }: LabRooms,
  labId: string,
  orderId: string,
  to: OrderStatus,
  { also, carrier, isNews = false, tracking }: StatusChange = {},
): Promise<Move> {
  const now = clock.now()
  return db.transaction(async (tx) => {
    const { query } = tx
    const row = await query
      .selectFrom('lab_orders')
      .select(['status', 'remakes', 'company_id', 'finished_at'])
      .where('order_id', '=', orderId)
      .where('lab_id', '=', labId)
      .executeTakeFirst()
    if (!row) throw new RefusedError('there is no such order of this laboratory')
    const move = (isNews ? judgeNews : judgeMove)(row.status, to)
    if (move !== 'moved') return move
    const isRemake = row.status === 'quality_check' && to === 'in_production'
    const changed = await query
      .updateTable('lab_orders')
      .set({
        status: to,
        status_at: now,
        remakes: row.remakes + Number(isRemake),
        finished_at: DONE.has(to) ? (row.finished_at ?? now) : null,
        ...(carrier === undefined ? {} : { carrier }),
        ...(tracking === undefined ? {} : { tracking }),
      })
      .where('order_id', '=', orderId)
      .where('status', '=', row.status)
      .executeTakeFirst()
    // Somebody else moved it between the two: the news is judged again by its next telling.
    if (changed.numUpdatedRows === 0n) return 'refused'
    if (to === 'shipped') {
      const day = dayNumber(dayIn(zone, now))
      for (const company of new Set([labId, row.company_id]))
        await addDaily(query, company, 'shipped', day, 1)
    }
    await also?.(tx)
    return 'moved'
  })
}

export async function noteLimsJob(
  { db }: LabRooms,
  labId: string,
  orderId: string,
  job: string,
): Promise<void> {
  await db.query
    .updateTable('lab_orders')
    .set({ lims_job: job })
    .where('order_id', '=', orderId)
    .where('lab_id', '=', labId)
    .execute()
}

/** The next number of a series, without gaps; asked again for the same subject, the same number. */
export async function nextNumber(
  query: Query,
  companyId: string,
  series: string,
  subject: string,
): Promise<number> {
  // Whoever else wants a number of this company waits here until this transaction has ended.
  await query
    .updateTable('lab_companies')
    .set(({ ref }) => ({ company_id: ref('company_id') }))
    .where('company_id', '=', companyId)
    .execute()
  const known = await query
    .selectFrom('lab_numbers')
    .select('n')
    .where('company_id', '=', companyId)
    .where('series', '=', series)
    .where('subject', '=', subject)
    .executeTakeFirst()
  if (known) return known.n
  const row = await query
    .insertInto('lab_numbers')
    .values({
      company_id: companyId,
      series,
      subject,
      n: sql<number>`(select coalesce(max(n), 0) + 1 from lab_numbers where company_id = ${companyId} and series = ${series})`,
    })
    .returning('n')
    .executeTakeFirstOrThrow()
  return row.n
}

const sealedAt = (orderId: string): SealedAt => ({
  table: 'lab_orders',
  column: 'sealed',
  row: orderId,
})

/** The calendar day of an instant in a zone. */
export function dayIn(zone: string, at: number): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(at)
}

function orderOf(row: OrderRow): Order {
  return {
    id: row.order_id,
    companyId: row.company_id,
    labId: row.lab_id,
    number: row.number,
    status: row.status,
    lines: JSON.parse(row.lines) as Order['lines'],
    orderedOn: row.ordered_on,
    dueOn: row.due_on,
    carrier: row.carrier,
    tracking: row.tracking,
    limsJob: row.lims_job,
    createdAt: row.created_at,
  }
}
