// The jobs of the email queue.
import { clear, defineJob, exponential, phi } from 'orderly'
import { z } from 'zod'

const id = z.string().min(1).max(100)
const output = z.object({
  state: z.enum(['sent', 'already-sent', 'suppressed']),
  messageId: z.string(),
})
const common = { queue: 'email', output, timeout: '2m' } as const

export const orderConfirmationEmail = defineJob({
  ...common,
  name: 'lab.email.order-confirmation',
  input: z.object({ orderId: id, userId: id }),
  priority: 1,
  retry: { attempts: 3, backoff: exponential('5s') },
  searchable: ['orderId'],
})

export const shipmentEmail = defineJob({
  ...common,
  name: 'lab.email.shipment',
  input: z.object({ orderId: id, userId: id, trackingNumber: z.string().min(1).max(100) }),
  priority: 2,
  retry: { attempts: 3, backoff: exponential('5s') },
  searchable: ['orderId'],
})

export const purchaseOrderEmail = defineJob({
  ...common,
  name: 'lab.email.purchase-order',
  input: z.object({ poId: id, supplierId: id }),
  priority: 2,
  retry: { attempts: 3, backoff: exponential('5s') },
})

export const marketplaceConnectionEmail = defineJob({
  ...common,
  name: 'lab.email.marketplace-connection',
  input: z.object({ connectionId: id, requesterCompanyId: id, targetCompanyId: id }),
  priority: 3,
  retry: { attempts: 5, backoff: exponential('5s') },
})

export const notificationEmail = defineJob({
  ...common,
  name: 'lab.email.notification',
  input: z.object({
    companyId: clear(id),
    userId: clear(id),
    // Sealed: whoever writes it may name a patient in either. The subject is a heading in the mail; the mail's own names the company.
    subject: phi.of('text', z.string().min(1).max(150)),
    text: phi.of('text', z.string().min(1).max(20_000)),
    /** Documents of the company by their ids; clinical and large ones are linked. */
    documents: clear(z.array(id).max(20).optional()),
  }),
  priority: 3,
  retry: { attempts: 3, backoff: exponential('5s') },
})

export const dailyBriefingEmail = defineJob({
  ...common,
  name: 'lab.email.daily-briefing',
  input: z.object({ userId: id, companyId: id, date: z.iso.date() }),
  priority: 5,
  retry: { attempts: 2, backoff: exponential('5s') },
})

export const EMAIL_JOBS = {
  orderConfirmationEmail,
  shipmentEmail,
  purchaseOrderEmail,
  marketplaceConnectionEmail,
  notificationEmail,
  dailyBriefingEmail,
}
