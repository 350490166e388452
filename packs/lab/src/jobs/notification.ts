// The jobs of the notification queue.
import { clear, defineJob, exponential, phi } from 'orderly'
import { z } from 'zod'

const id = z.string().min(1).max(100)
const output = z.object({ created: z.int() })
const common = { queue: 'notification', output, timeout: '30s' } as const
const priority = z.enum(['low', 'medium', 'high', 'urgent'])
const link = z.string().regex(/^\/(?!\/)/, 'a path of the application, such as /orders/17')

export const systemNotification = defineJob({
  ...common,
  name: 'lab.notification.system',
  input: z.object({
    companyId: clear(id),
    userId: clear(id),
    /** Sealed, as the message: people write both, and may name a patient. Only their reader sees them. */
    title: phi.of('text', z.string().min(1).max(150)),
    message: phi.of('text', z.string().max(4_000)),
    priority: clear(priority.default('medium')),
    actionUrl: clear(link.optional()),
  }),
  output: z.object({ created: clear(z.int()) }),
  priority: 2,
  retry: { attempts: 5, backoff: exponential('1s') },
})

export const orderNotification = defineJob({
  ...common,
  name: 'lab.notification.order',
  input: z.object({
    orderId: id,
    userId: id,
    status: z.enum(['confirmed', 'shipped', 'delivered', 'cancelled']),
  }),
  priority: 2,
  retry: { attempts: 5, backoff: exponential('1s') },
})

export const aiInsightNotification = defineJob({
  ...common,
  name: 'lab.notification.ai-insight',
  input: z.object({
    companyId: id,
    userId: id,
    insight: z.enum(['briefing', 'forecast', 'anomaly', 'recommendation']),
    title: z.string().min(1).max(150),
    summary: z.string().max(500),
    detailUrl: link.optional(),
  }),
  priority: 3,
  retry: { attempts: 3, backoff: exponential('1s') },
})

export const marketplaceNotification = defineJob({
  ...common,
  name: 'lab.notification.marketplace',
  input: z.object({
    connectionId: id,
    userId: id,
    event: z.enum(['request', 'accepted', 'rejected']),
  }),
  priority: 2,
  retry: { attempts: 3, backoff: exponential('1s') },
})

export const NOTIFICATION_JOBS = {
  systemNotification,
  orderNotification,
  aiInsightNotification,
  marketplaceNotification,
}
