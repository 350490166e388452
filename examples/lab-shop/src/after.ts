// The same routes with the lab pack: they answer once the work is on disk, and workers do it.
import { queueWork, type Desk } from '@orderly/lab'
import { Router } from 'express'
import type { Orderly } from 'orderly'
import { LAB, NEW_ORDER, PRACTICE, USER } from './world.ts'

export function routesAfter(desk: Desk, orderly: Orderly): Router {
  const {
    queueOrderConfirmationEmail,
    queueOrderSheetPDF,
    queueMarketplaceConnectionEmail,
    queueMarketplaceNotification,
    queueShipmentNotificationEmail,
    queueDailyBriefing,
    queueStatistics,
  } = queueWork(orderly)
  const router = Router()

  router.post('/orders', async (_request, response) => {
    const order = await desk.createOrder({
      ...NEW_ORDER,
      // In the transaction of the order: both exist, or neither.
      async also({ id }, { query: transaction }) {
        await queueOrderConfirmationEmail(id, USER, { transaction })
        await queueOrderSheetPDF(id, { transaction })
      },
    })
    response.status(201).json({ id: order.id })
  })

  router.post('/connections', async (_request, response) => {
    // At once: they reach the disk together.
    await Promise.all([
      queueMarketplaceConnectionEmail('c-1', PRACTICE, LAB),
      queueMarketplaceNotification('c-1', USER, 'accepted'),
    ])
    response.status(201).json({ connected: false })
  })

  router.post('/orders/:id/ship', async (request, response) => {
    const { id } = request.params
    await desk.moveOrder(LAB, id, 'shipped', {
      carrier: 'UPS',
      tracking: '1Z',
      // In the transaction of the move: one write to the disk.
      async also({ query: transaction }) {
        await queueShipmentNotificationEmail(id, USER, '1Z', { transaction })
      },
    })
    response.json({ shipped: true })
  })

  // A schedule of the pack does this each morning by itself; here it can be asked for.
  router.post('/cron/daily-briefing', async (_request, response) => {
    await queueDailyBriefing(LAB, new Date().toISOString().slice(0, 10))
    response.json({ briefed: 1 })
  })

  router.get('/statistics', async (_request, response) => {
    response.json(await queueStatistics())
  })
  return router
}
