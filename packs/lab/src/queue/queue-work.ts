// The functions an application calls to have something done: one for each kind of job, with or without Redis.
import type { EnqueuedJob, EnqueueOptions, Orderly, QueueSummary } from 'orderly'
import {
  anomalyDetection,
  chatResponse,
  dailyBriefing,
  demandForecast,
  insightGeneration,
  type AREAS,
  type METRICS,
} from '../jobs/ai.ts'
import {
  marketplaceConnectionEmail,
  notificationEmail,
  orderConfirmationEmail,
  purchaseOrderEmail,
  shipmentEmail,
} from '../jobs/email.ts'
import {
  aiInsightNotification,
  marketplaceNotification,
  orderNotification,
  systemNotification,
} from '../jobs/notification.ts'
import {
  examinationFormPdf,
  invoicePdf,
  labWorkTicketPdf,
  orderSheetPdf,
  receiptPdf,
} from '../jobs/pdf.ts'
import { QUEUE_NAMES, type LabQueueName } from '../jobs/queues.ts'

export type Queued = Promise<EnqueuedJob>
export type Options = EnqueueOptions

export interface SystemMessage {
  readonly companyId: string
  readonly userId: string
  readonly title: string
  readonly message: string
  readonly priority?: 'low' | 'medium' | 'high' | 'urgent'
  readonly actionUrl?: string
}

export interface InsightMessage {
  readonly companyId: string
  readonly userId: string
  readonly insight: 'briefing' | 'forecast' | 'anomaly' | 'recommendation'
  readonly title: string
  readonly summary: string
  readonly detailUrl?: string
}

export interface WrittenMessage {
  readonly companyId: string
  readonly userId: string
  readonly subject: string
  readonly text: string
  /** Documents of the company by their ids, 20 at most; clinical ones and what is over 10 MB are linked. */
  readonly documents?: string[]
}

/**
 * Five functions for mail, five for PDF, four for notifications, five for AI, and one for statistics. Each resolves once
 * the job is on disk, whether or not Redis is there; the last argument takes what `orderly.enqueue` takes, such as
 * `{ transaction }`.
 *
 * They throw what `orderly.enqueue` throws.
 */
export interface QueueFunctions {
  queueOrderConfirmationEmail(orderId: string, userId: string, options?: Options): Queued
  queueShipmentNotificationEmail(
    orderId: string,
    userId: string,
    trackingNumber: string,
    options?: Options,
  ): Queued
  queuePurchaseOrderEmail(poId: string, supplierId: string, options?: Options): Queued
  queueMarketplaceConnectionEmail(
    connectionId: string,
    requesterCompanyId: string,
    targetCompanyId: string,
    options?: Options,
  ): Queued
  queueNotificationEmail(message: WrittenMessage, options?: Options): Queued

  queueOrderSheetPDF(orderId: string, options?: Options): Queued
  queueInvoicePDF(orderId: string, options?: Options): Queued
  queueReceiptPDF(orderId: string, options?: Options): Queued
  queueLabWorkTicketPDF(orderId: string, options?: Options): Queued
  queueExaminationFormPDF(
    companyId: string,
    patientId: string,
    examinationId?: string,
    options?: Options,
  ): Queued

  queueSystemNotification(message: SystemMessage, options?: Options): Queued
  queueOrderNotification(
    orderId: string,
    userId: string,
    status: 'confirmed' | 'shipped' | 'delivered' | 'cancelled',
    options?: Options,
  ): Queued
  queueAIInsightNotification(message: InsightMessage, options?: Options): Queued
  queueMarketplaceNotification(
    connectionId: string,
    userId: string,
    event: 'request' | 'accepted' | 'rejected',
    options?: Options,
  ): Queued

  /** @param date `YYYY-MM-DD`; asked twice for a day while the first has not ended, there is one */
  queueDailyBriefing(companyId: string, date: string, options?: Options): Queued
  queueDemandForecast(
    companyId: string,
    wanted?: { forecastDays?: number; productIds?: string[] },
    options?: Options,
  ): Queued
  queueAnomalyDetection(
    companyId: string,
    metric: (typeof METRICS)[number],
    period?: 'daily' | 'weekly' | 'monthly',
    options?: Options,
  ): Queued
  queueInsightGeneration(
    companyId: string,
    area: (typeof AREAS)[number],
    period: { start: string; end: string },
    options?: Options,
  ): Queued
  queueChatResponse(
    userId: string,
    companyId: string,
    conversationId: string,
    message: string,
    options?: Options,
  ): Queued

  /** How many jobs of each queue stand in each state now. */
  queueStatistics(): Promise<Record<LabQueueName, QueueSummary>>
}

/** The functions, bound to an instance: `const { queueOrderSheetPDF } = queueWork(orderly)`. */
export function queueWork(orderly: Pick<Orderly, 'enqueue' | 'queues'>): QueueFunctions {
  return {
    queueOrderConfirmationEmail: (orderId, userId, options) =>
      orderly.enqueue(orderConfirmationEmail, { orderId, userId }, options),
    queueShipmentNotificationEmail: (orderId, userId, trackingNumber, options) =>
      orderly.enqueue(shipmentEmail, { orderId, userId, trackingNumber }, options),
    queuePurchaseOrderEmail: (poId, supplierId, options) =>
      orderly.enqueue(purchaseOrderEmail, { poId, supplierId }, options),
    queueMarketplaceConnectionEmail: (connectionId, requesterCompanyId, targetCompanyId, options) =>
      orderly.enqueue(
        marketplaceConnectionEmail,
        { connectionId, requesterCompanyId, targetCompanyId },
        options,
      ),
    queueNotificationEmail: (message, options) =>
      orderly.enqueue(notificationEmail, { ...message }, options),

    queueOrderSheetPDF: (orderId, options) => orderly.enqueue(orderSheetPdf, { orderId }, options),
    queueInvoicePDF: (orderId, options) => orderly.enqueue(invoicePdf, { orderId }, options),
    queueReceiptPDF: (orderId, options) => orderly.enqueue(receiptPdf, { orderId }, options),
    queueLabWorkTicketPDF: (orderId, options) =>
      orderly.enqueue(labWorkTicketPdf, { orderId }, options),
    queueExaminationFormPDF: (companyId, patientId, examinationId, options) =>
      orderly.enqueue(
        examinationFormPdf,
        { companyId, patientId, ...(examinationId === undefined ? {} : { examinationId }) },
        options,
      ),

    queueSystemNotification: (message, options) =>
      orderly.enqueue(systemNotification, { ...message }, options),
    queueOrderNotification: (orderId, userId, status, options) =>
      orderly.enqueue(orderNotification, { orderId, userId, status }, options),
    queueAIInsightNotification: (message, options) =>
      orderly.enqueue(aiInsightNotification, { ...message }, options),
    queueMarketplaceNotification: (connectionId, userId, event, options) =>
      orderly.enqueue(marketplaceNotification, { connectionId, userId, event }, options),

    queueDailyBriefing: (companyId, date, options) =>
      orderly.enqueue(dailyBriefing, { companyId, date }, options),
    queueDemandForecast: (companyId, wanted = {}, options) =>
      orderly.enqueue(demandForecast, { companyId, ...wanted }, options),
    queueAnomalyDetection: (companyId, metric, period = 'daily', options) =>
      orderly.enqueue(anomalyDetection, { companyId, metric, period }, options),
    queueInsightGeneration: (companyId, area, { start, end }, options) =>
      orderly.enqueue(
        insightGeneration,
        { companyId, area, periodStart: start, periodEnd: end },
        options,
      ),
    queueChatResponse: (userId, companyId, conversationId, message, options) =>
      orderly.enqueue(chatResponse, { userId, companyId, conversationId, message }, options),

    async queueStatistics() {
      const queues = await orderly.queues()
      const found = QUEUE_NAMES.map((name) => [name, queues.find((queue) => queue.name === name)])
      return Object.fromEntries(found) as Record<LabQueueName, QueueSummary>
    },
  }
}
