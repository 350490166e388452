// What is on the shelf, what was paid, what was bought.
import { RefusedError } from 'orderly'
import { dayNumber } from '../forecast/series.ts'
import type { MoneyLine } from '../pdf/money.ts'
import { holdCompanies } from './companies.ts'
import { setDaily } from './daily.ts'
import { dayIn } from './orders.ts'
import type { LabRooms } from './rooms.ts'
import type { StockRow } from './tables.ts'

export interface Stock {
  readonly companyId: string
  readonly sku: string
  readonly name: string
  readonly onHand: number
  readonly onOrder: number
  readonly leadDays: number
  readonly packSize: number
}

export interface Payment {
  readonly id: string
  /** The laboratory that was paid. */
  readonly companyId: string
  readonly orderId: string
  /** `YYYY-MM-DD` */
  readonly paidOn: string
  readonly method: string
  readonly cents: number
}

export interface PurchaseOrder {
  readonly id: string
  readonly companyId: string
  readonly supplierId: string
  readonly number: string
  readonly lines: readonly MoneyLine[]
}

/** Keeps what is on the shelf; all pieces of a company together are its `inventory` of the day. @throws RefusedError for a company that was not saved */
export async function saveStock({ clock, db, zone }: LabRooms, stock: Stock): Promise<void> {
  const row: StockRow = {
    company_id: stock.companyId,
    sku: stock.sku,
    name: stock.name,
    on_hand: stock.onHand,
    on_order: stock.onOrder,
    lead_days: stock.leadDays,
    pack_size: stock.packSize,
  }
  const today = dayNumber(dayIn(zone, clock.now()))
  await db.transaction(async ({ query }) => {
    if (!(await holdCompanies(query, [stock.companyId])))
      throw new RefusedError('stock is of a company that is saved; save it first')
    await query
      .insertInto('lab_stock')
      .values(row)
      .onConflict((conflict) => conflict.columns(['company_id', 'sku']).doUpdateSet(row))
      .execute()
    const { pieces } = await query
      .selectFrom('lab_stock')
      .select(({ fn }) => fn.sum('on_hand').as('pieces'))
      .where('company_id', '=', stock.companyId)
      .executeTakeFirstOrThrow()
    await setDaily(query, stock.companyId, 'inventory', today, Number(pieces))
  })
}

/** Keeps a payment, once. @throws RefusedError when another company has one with this id */
export async function savePayment({ db }: LabRooms, payment: Payment): Promise<void> {
  const saved = await db.query
    .insertInto('lab_payments')
    .values({
      payment_id: payment.id,
      company_id: payment.companyId,
      order_id: payment.orderId,
      paid_on: payment.paidOn,
      method: payment.method,
      cents: payment.cents,
    })
    // Kept once, it stays as it is.
    .onConflict((conflict) =>
      conflict
        .column('payment_id')
        .doUpdateSet({ payment_id: payment.id })
        .where('lab_payments.company_id', '=', payment.companyId),
    )
    .returning('payment_id')
    .executeTakeFirst()
  if (!saved)
    throw new RefusedError('this payment id is taken by another company; give it one of its own')
}

export async function savePurchaseOrder(
  { db, clock }: LabRooms,
  order: PurchaseOrder,
): Promise<void> {
  await db.query
    .insertInto('lab_purchase_orders')
    .values({
      po_id: order.id,
      company_id: order.companyId,
      supplier_id: order.supplierId,
      number: order.number,
      lines: JSON.stringify(order.lines),
      created_at: clock.now(),
    })
    .execute()
}
