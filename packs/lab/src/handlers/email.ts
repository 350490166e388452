// What the jobs of the email queue do.
import { handle, RefusedError, type Handler } from 'orderly'
import {
  dailyBriefingEmail,
  marketplaceConnectionEmail,
  notificationEmail,
  orderConfirmationEmail,
  purchaseOrderEmail,
  shipmentEmail,
} from '../jobs/email.ts'
import {
  dailyBriefing,
  generalNotification,
  marketplaceConnection,
  orderConfirmation,
  purchaseOrder,
  shipment,
} from '../mail/letters.ts'
import { filesOf } from '../mail/files.ts'
import { postOnce } from '../mail/send.ts'
import type { MoneyLine } from '../pdf/money.ts'
import { findCompany, findUser } from '../store/companies.ts'
import { readFindings } from '../store/daily.ts'
import { companiesOfOrder, findOrder } from '../store/orders.ts'
import type { LabRooms } from '../store/rooms.ts'

export function emailHandlers(rooms: LabRooms): Handler[] {
  const { baseUrl } = rooms
  /** An order, who made it, and a user of one of its companies: nobody else is told of it. */
  const orderFor = async (orderId: string, userId: string) => {
    const { companyId, labId } = await companiesOfOrder(rooms, orderId)
    const [order, lab, user] = await Promise.all([
      findOrder(rooms, companyId, orderId),
      findCompany(rooms, labId),
      findUser(rooms, userId, [companyId, labId]),
    ])
    return { order: order!, lab, user, companyId }
  }
  return [
    handle(orderConfirmationEmail, async (ctx) => {
      const { orderId, userId } = ctx.input
      const { order, lab, user, companyId } = await orderFor(orderId, userId)
      return postOnce(rooms, ctx, {
        kind: 'order-confirmation',
        key: [orderId, userId],
        companyId,
        userId,
        to: user.email,
        letter: orderConfirmation({ user, baseUrl, order, lab }),
      })
    }),
    handle(shipmentEmail, async (ctx) => {
      const { orderId, userId, trackingNumber: tracking } = ctx.input
      const { order, lab, user, companyId } = await orderFor(orderId, userId)
      return postOnce(rooms, ctx, {
        kind: 'shipment',
        key: [orderId, userId, tracking],
        companyId,
        userId,
        to: user.email,
        letter: shipment({ user, baseUrl, order, lab, tracking, carrier: order.carrier }),
      })
    }),
    handle(purchaseOrderEmail, async (ctx) => {
      const { poId, supplierId } = ctx.input
      const row = await rooms.db.query
        .selectFrom('lab_purchase_orders')
        .selectAll()
        .where('po_id', '=', poId)
        .where('supplier_id', '=', supplierId)
        .executeTakeFirst()
      if (!row) throw new RefusedError('there is no such purchase order to this supplier')
      const [from, supplier] = await Promise.all([
        findCompany(rooms, row.company_id),
        findCompany(rooms, supplierId),
      ])
      return postOnce(rooms, ctx, {
        kind: 'purchase-order',
        key: [poId],
        companyId: row.company_id,
        userId: null,
        to: supplier.email,
        letter: purchaseOrder({
          number: row.number,
          from,
          supplier,
          lines: JSON.parse(row.lines) as MoneyLine[],
        }),
      })
    }),
    handle(marketplaceConnectionEmail, async (ctx) => {
      const { connectionId, requesterCompanyId, targetCompanyId } = ctx.input
      const row = await rooms.db.query
        .selectFrom('lab_connections')
        .selectAll()
        .where('connection_id', '=', connectionId)
        .where('company_id', '=', requesterCompanyId)
        .where('target_id', '=', targetCompanyId)
        .executeTakeFirst()
      if (!row) throw new RefusedError('there is no such connection between these companies')
      const [requester, target] = await Promise.all([
        findCompany(rooms, requesterCompanyId),
        findCompany(rooms, targetCompanyId),
      ])
      // Who asked hears of the answer; who was asked hears of the question.
      const [from, to] = row.state === 'requested' ? [requester, target] : [target, requester]
      return postOnce(rooms, ctx, {
        kind: 'marketplace-connection',
        key: [connectionId, row.state],
        companyId: to.id,
        userId: null,
        to: to.email,
        letter: marketplaceConnection({
          user: { id: to.id, companyId: to.id, name: to.name, email: to.email },
          baseUrl,
          connectionId,
          from,
          state: row.state,
        }),
      })
    }),
    handle(notificationEmail, async (ctx) => {
      const { companyId, documents = [], userId, subject, text } = ctx.input
      const [user, company, files] = await Promise.all([
        findUser(rooms, userId, [companyId]),
        findCompany(rooms, companyId),
        filesOf(rooms, companyId, documents),
      ])
      return postOnce(rooms, ctx, {
        kind: 'notification',
        key: [ctx.jobId],
        companyId,
        userId,
        to: user.email,
        letter: generalNotification({ name: user.name, company, subject, text, baseUrl, files }),
      })
    }),
    handle(dailyBriefingEmail, async (ctx) => {
      const { userId, companyId, date: day } = ctx.input
      const [user, company, [found]] = await Promise.all([
        findUser(rooms, userId, [companyId]),
        findCompany(rooms, companyId),
        readFindings<{ text: string }>(rooms, companyId, 'briefing', day),
      ])
      if (!found) throw new RefusedError('there is no briefing of this day; make it first')
      return postOnce(rooms, ctx, {
        kind: 'daily-briefing',
        key: [companyId, userId, day],
        companyId,
        userId,
        to: user.email,
        letter: dailyBriefing({ user, baseUrl, company, day, text: found.body.text }),
      })
    }),
  ]
}
