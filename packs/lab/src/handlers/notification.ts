// What the jobs of the notification queue do: rows first, pushed by the platform.
import { handle, RefusedError, type Handler } from 'orderly'
import {
  aiInsightNotification,
  marketplaceNotification,
  orderNotification,
  systemNotification,
} from '../jobs/notification.ts'
import { findCompany, findUser } from '../store/companies.ts'
import { companiesOfOrder, findOrder } from '../store/orders.ts'
import type { LabRooms } from '../store/rooms.ts'

const ORDER_WORDS = {
  confirmed: 'was received',
  shipped: 'is on its way',
  delivered: 'was delivered',
  cancelled: 'was cancelled',
} as const

const SYSTEM_TITLE = 'You have a message'

export function notificationHandlers(rooms: LabRooms): Handler[] {
  const { notifications } = rooms
  return [
    handle(systemNotification, async ({ jobId, input }) => {
      const { companyId, userId, title, message, priority, actionUrl } = input
      await findUser(rooms, userId, [companyId])
      return created(
        await notifications.notify({
          to: userId,
          key: `system/${jobId}`,
          kind: 'lab.system',
          // Titles are kept in the clear, and people may name a patient in one: only its reader sees what was written.
          title: SYSTEM_TITLE,
          priority,
          detail: { title, message },
          ...(actionUrl === undefined ? {} : { link: actionUrl }),
        }),
      )
    }),
    handle(orderNotification, async ({ input: { orderId, userId, status } }) => {
      const { companyId, labId } = await companiesOfOrder(rooms, orderId)
      await findUser(rooms, userId, [companyId, labId])
      const order = await findOrder(rooms, companyId, orderId)
      return created(
        await notifications.notify({
          to: userId,
          key: `order/${orderId}/${status}`,
          kind: `lab.order-${status}`,
          title: `Order ${order!.number} ${ORDER_WORDS[status]}`,
          priority: status === 'cancelled' ? 'high' : 'medium',
          link: `/orders/${orderId}`,
        }),
      )
    }),
    handle(aiInsightNotification, async ({ jobId, input }) => {
      const { companyId, userId, insight, title, summary, detailUrl } = input
      await findUser(rooms, userId, [companyId])
      return created(
        await notifications.notify({
          to: userId,
          key: `insight/${jobId}`,
          kind: `lab.${insight}`,
          title,
          body: summary,
          priority: insight === 'anomaly' ? 'high' : 'low',
          ...(detailUrl === undefined ? {} : { link: detailUrl }),
        }),
      )
    }),
    handle(marketplaceNotification, async ({ input: { connectionId, userId, event } }) => {
      const row = await rooms.db.query
        .selectFrom('lab_connections')
        .select(['company_id', 'target_id'])
        .where('connection_id', '=', connectionId)
        .executeTakeFirst()
      if (!row) throw new RefusedError('there is no such connection')
      const [to, from] =
        event === 'request' ? [row.target_id, row.company_id] : [row.company_id, row.target_id]
      await findUser(rooms, userId, [to])
      const { name } = await findCompany(rooms, from)
      const said = {
        request: 'asks to be connected',
        accepted: 'has accepted your connection',
        rejected: 'has declined your connection',
      }[event]
      return created(
        await notifications.notify({
          to: userId,
          key: `connection/${connectionId}/${event}`,
          kind: `lab.connection-${event}`,
          title: `${name} ${said}`,
          link: `/marketplace/${connectionId}`,
        }),
      )
    }),
  ]
}

function created({ created }: { readonly created: number }): { created: number } {
  return { created }
}
