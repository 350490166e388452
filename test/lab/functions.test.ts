// Every function that queues work, with Redis and without: its job, its input, and that it is done.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRedis, type RedisServer } from '../../packages/bullmq-sqlite/conformance/servers.ts'
import {
  EXAMINATION,
  LAB,
  LAB_USER,
  NEW_ORDER,
  PRACTICE,
  PRACTICE_USER,
  SUPPLIER,
} from '../../packs/lab/fixtures/lakeside.ts'
import { queueWork, type QueueFunctions } from '../../packs/lab/src/index.ts'
import { startSmtp, type SmtpKit } from '../support/smtp.ts'
import { openShop, type Shop } from './shop.ts'

type Queue = (
  work: QueueFunctions,
  orderId: string,
) => ReturnType<QueueFunctions['queueInvoicePDF']>

const DAY = '2026-03-02'
/** As the seed names and counts them: five for mail, five for PDF, four for notifications, five for AI. */
const CALLS: Readonly<Record<string, readonly [job: string, call: Queue]>> = {
  queueOrderConfirmationEmail: [
    'lab.email.order-confirmation',
    (work, id) => work.queueOrderConfirmationEmail(id, PRACTICE_USER),
  ],
  queueShipmentNotificationEmail: [
    'lab.email.shipment',
    (work, id) => work.queueShipmentNotificationEmail(id, PRACTICE_USER, '1Z999'),
  ],
  queuePurchaseOrderEmail: [
    'lab.email.purchase-order',
    (work) => work.queuePurchaseOrderEmail('po-1', SUPPLIER),
  ],
  queueMarketplaceConnectionEmail: [
    'lab.email.marketplace-connection',
    (work) => work.queueMarketplaceConnectionEmail('conn-1', PRACTICE, LAB),
  ],
  queueNotificationEmail: [
    'lab.email.notification',
    (work) =>
      work.queueNotificationEmail({
        companyId: LAB,
        userId: LAB_USER,
        subject: 'The oven is down',
        text: 'Coating waits until noon.',
      }),
  ],
  queueOrderSheetPDF: ['lab.pdf.order-sheet', (work, id) => work.queueOrderSheetPDF(id)],
  queueInvoicePDF: ['lab.pdf.invoice', (work, id) => work.queueInvoicePDF(id)],
  queueReceiptPDF: ['lab.pdf.receipt', (work, id) => work.queueReceiptPDF(id)],
  queueLabWorkTicketPDF: ['lab.pdf.lab-work-ticket', (work, id) => work.queueLabWorkTicketPDF(id)],
  queueExaminationFormPDF: [
    'lab.pdf.examination-form',
    (work) => work.queueExaminationFormPDF(PRACTICE, 'pat-1'),
  ],
  queueSystemNotification: [
    'lab.notification.system',
    (work) =>
      work.queueSystemNotification({
        companyId: LAB,
        userId: LAB_USER,
        title: 'Maintenance tonight',
        message: 'From ten to eleven.',
      }),
  ],
  queueOrderNotification: [
    'lab.notification.order',
    (work, id) => work.queueOrderNotification(id, PRACTICE_USER, 'shipped'),
  ],
  queueAIInsightNotification: [
    'lab.notification.ai-insight',
    (work) =>
      work.queueAIInsightNotification({
        companyId: LAB,
        userId: LAB_USER,
        insight: 'forecast',
        title: 'PR-160 runs out',
        summary: 'In four days.',
      }),
  ],
  queueMarketplaceNotification: [
    'lab.notification.marketplace',
    (work) => work.queueMarketplaceNotification('conn-1', PRACTICE_USER, 'accepted'),
  ],
  queueDailyBriefing: ['lab.ai.daily-briefing', (work) => work.queueDailyBriefing(LAB, DAY)],
  queueDemandForecast: [
    'lab.ai.demand-forecast',
    (work) => work.queueDemandForecast(LAB, { forecastDays: 7 }),
  ],
  queueAnomalyDetection: [
    'lab.ai.anomaly-detection',
    (work) => work.queueAnomalyDetection(LAB, 'revenue', 'weekly'),
  ],
  queueInsightGeneration: [
    'lab.ai.insight-generation',
    (work) => work.queueInsightGeneration(LAB, 'operations', { start: DAY, end: DAY }),
  ],
  queueChatResponse: [
    'lab.ai.chat-response',
    (work) => work.queueChatResponse(LAB_USER, LAB, 'c-1', 'late orders'),
  ],
}

describe.each(['without Redis', 'with Redis'] as const)(
  'the functions that queue work, %s',
  (how) => {
    let smtp: SmtpKit
    let redis: RedisServer | undefined
    let shop: Shop
    let orderId: string
    const home = mkdtempSync(join(tmpdir(), 'orderly-functions-'))

    beforeAll(async () => {
      smtp = await startSmtp()
      redis = how === 'with Redis' ? await startRedis() : undefined
      shop = await openShop({ home, smtpUrl: smtp.url, ...(redis ? { queueUrl: redis.url } : {}) })
      const { desk } = shop
      orderId = (await desk.createOrder(NEW_ORDER)).id
      await desk.savePurchaseOrder({
        id: 'po-1',
        companyId: LAB,
        supplierId: SUPPLIER,
        number: 'PO-7',
        lines: [{ description: 'Blank 70', quantity: 40, unitCents: 350, taxRate: 0 }],
      })
      await desk.saveExamination(EXAMINATION)
    })
    afterAll(async () => {
      await shop?.orderly.close()
      await smtp?.stop()
      await redis?.stop()
      rmSync(home, { recursive: true, force: true })
    })

    it('each put one job of its kind on disk, which is done once there are workers', async () => {
      const { orderly } = shop
      const work = queueWork(orderly)
      expect(Object.keys(CALLS).toSorted()).toEqual(
        Object.keys(work)
          .filter((name) => name !== 'queueStatistics')
          .toSorted(),
      )
      expect(orderly.status().mode).toBe('normal')
      const queued = new Map<string, string>()
      for (const [name, [, call]] of Object.entries(CALLS))
        queued.set(name, (await call(work, orderId)).id)
      const before = await work.queueStatistics()
      expect(Object.entries(before).map(([name, { counts }]) => [name, owed(counts)])).toEqual([
        ['email', 5],
        ['pdf', 5],
        ['notification', 4],
        ['ai', 5],
        ['oma', 0],
        ['scheduled', 0],
      ])
      await orderly.start()
      await orderly.whenIdle()
      for (const [name, id] of queued)
        expect([name, await stateOf(id)]).toEqual([name, [CALLS[name]![0], 'completed']])
      const after = await work.queueStatistics()
      expect(owed(after.email.counts) + owed(after.pdf.counts) + owed(after.ai.counts)).toBe(0)
      expect(after.pdf.counts.completed).toBe(5)
      expect(smtp.received.length).toBeGreaterThanOrEqual(5)
      expect((await shop.desk.documents(LAB)).length).toBeGreaterThanOrEqual(3)
    })

    it('refuse what fits no job, before anything is queued', async () => {
      const work = queueWork(shop.orderly)
      await expect(work.queueInvoicePDF('')).rejects.toMatchObject({
        code: 'ORDERLY_INPUT_INVALID',
      })
      await expect(work.queueDailyBriefing(LAB, 'tomorrow')).rejects.toMatchObject({
        code: 'ORDERLY_INPUT_INVALID',
      })
    })

    async function stateOf(id: string): Promise<[string | undefined, string | undefined]> {
      const found = await shop.orderly.inspectJob(id)
      return [found?.name, found?.state]
    }
  },
)

function owed(counts: Readonly<Record<string, number>>): number {
  return (counts['waiting'] ?? 0) + (counts['prioritized'] ?? 0)
}
