// Orders: made, found by their companies, and moved on. What is of the patient is sealed.
import { randomUUID } from 'node:crypto'
import { RefusedError, type SealedAt } from 'orderly'
import { sql, type SelectQueryBuilder } from 'kysely'
import { z } from 'zod'
import { dayNumber } from '../forecast/series.ts'
import type { Prescription } from '../optics/prescription.ts'
import { checkPrescription, type Finding } from '../optics/rules.ts'
import type { OrderStatus } from '../orders/status.ts'
import { totalsOf, type MoneyLine } from '../pdf/money.ts'
import { holdCompanies } from './companies.ts'
import { addDaily, bookOrder } from './daily.ts'
import type { LabRooms, Query, Tx } from './rooms.ts'
import type { LabTables, OrderRow } from './tables.ts'

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
  /** `YYYY-MM-DD` */
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
 * @throws PrescriptionError when a rule with severity `error` is broken; RefusedError for lines or a day that are none
 */
export async function createOrder(rooms: LabRooms, given: NewOrder): Promise<Order> {
  const { db, clock, vault } = rooms
  checkTerms(given)
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
    const companies = [given.companyId, given.labId]
    if (!(await holdCompanies(tx.query, companies)))
      throw new RefusedError('an order is of companies that are saved; save them first')
    await connected(tx.query, given.companyId, given.labId)
    const n = await nextNumber(tx.query, given.labId, `orders-${orderedOn.slice(0, 4)}`, id)
    const row: OrderRow = {
      order_id: id,
      company_id: given.companyId,
      lab_id: given.labId,
      number: `ORD-${orderedOn.slice(0, 4)}-${String(n).padStart(5, '0')}`,
      status: 'pending',
      status_at: now,
      held_from: null,
      told_at: now,
      sealed,
      lines: JSON.stringify(given.lines),
      net_cents: net,
      ordered_on: orderedOn,
      due_on: given.dueOn ?? null,
      carrier: null,
      tracking: null,
      lims_job: null,
      remakes: 0,
      remade_at: null,
      lims_status: null,
      lims_since: null,
      lims_asked_at: 0,
      created_at: now,
      finished_at: null,
    }
    await tx.query.insertInto('lab_orders').values(row).execute()
    for (const company of new Set([given.companyId, given.labId]))
      await addDaily(tx.query, company, 'orders', dayNumber(orderedOn), 1)
    await bookOrder(tx.query, row, 1)
    const order = orderOf(row)
    await given.also?.(order, tx)
    return order
  })
}

const MOST_LINES = 200

/** @throws RefusedError for an order of nothing, or a due day that is no day of the calendar */
function checkTerms({ dueOn, lines }: NewOrder): void {
  const hasLines = lines.length > 0 && lines.length <= MOST_LINES
  if (!hasLines || lines.some(({ quantity }) => !(quantity > 0)))
    throw new RefusedError(
      `an order has 1 to ${MOST_LINES} lines, each of one piece or more; add what is ordered`,
    )
  if (dueOn !== undefined && !z.iso.date().safeParse(dueOn).success)
    throw new RefusedError('dueOn is a day of the calendar such as 2026-03-02; give one or none')
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
    .selectAll()
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
    .selectAll()
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
  const rows = await filtered(ofCompany(db.query, companyId).selectAll(), filter)
    .orderBy('created_at', 'desc')
    .orderBy('number', 'desc')
    .limit(Math.min(filter.limit ?? 100, MOST_LISTED))
    .execute()
  return rows.map(orderOf)
}

/** How many orders of a company there are, however many that is. */
export async function countOrders(
  { db }: LabRooms,
  companyId: string,
  filter: Omit<OrderFilter, 'limit'> = {},
): Promise<number> {
  const { n } = await filtered(ofCompany(db.query, companyId), filter)
    .select(({ fn }) => fn.countAll().as('n'))
    .executeTakeFirstOrThrow()
  return Number(n)
}

function filtered<Row>(
  from: SelectQueryBuilder<LabTables, 'lab_orders', Row>,
  filter: OrderFilter,
): SelectQueryBuilder<LabTables, 'lab_orders', Row> {
  let query = from
  if (filter.status) query = query.where('status', 'in', [...filter.status])
  if (filter.number !== undefined) query = query.where('number', '=', filter.number)
  if (filter.orderedFrom !== undefined) query = query.where('ordered_on', '>=', filter.orderedFrom)
  if (filter.orderedTo !== undefined) query = query.where('ordered_on', '<=', filter.orderedTo)
  if (filter.dueBefore !== undefined) query = query.where('due_on', '<', filter.dueBefore)
  return query
}

function ofCompany(query: Query, companyId: string) {
  return query
    .selectFrom('lab_orders')
    .where((eb) => eb.or([eb('company_id', '=', companyId), eb('lab_id', '=', companyId)]))
}

/** The next number of a series, without gaps; asked again for the same subject, the same number. */
export async function nextNumber(
  query: Query,
  companyId: string,
  series: string,
  subject: string,
): Promise<number> {
  // Whoever else wants a number of this company waits here until this transaction has ended.
  await holdCompanies(query, [companyId])
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
