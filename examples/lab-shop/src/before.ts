// The routes as they were: each does its slow work before it answers, and loses it when it fails.
import {
  findAnomalies,
  forecast,
  renderDocument,
  writeBriefing,
  type Desk,
  type Order,
} from '@orderly/lab'
import { Router } from 'express'
import { createTransport } from 'nodemailer'
import { LAB, NEW_ORDER, PRACTICE, PRESCRIPTION, USER } from './world.ts'

const FROM = { name: 'Lakeside Lab', address: ['1 Harbor Road', 'Duluth, MN'] }
const DAYS = Array.from({ length: 365 }, (_, at) => 40 + ((at * 7) % 23) + (at % 7) * 5)

export function routesBefore(desk: Desk, smtpUrl: string): Router {
  const mail = createTransport(smtpUrl)
  const send = async (subject: string, text: string): Promise<void> => {
    const { email: to } = await desk.user(PRACTICE, USER)
    await mail.sendMail({ from: 'jobs@lab.example', to, subject, text })
  }
  const sheetOf = async ({ number, orderedOn, dueOn, createdAt }: Order): Promise<Uint8Array> => {
    const { patient, material, coating, tint, frame, notes } = NEW_ORDER.details
    const order = { number, orderedOn, dueOn, patient, material, coating, tint, frame, notes }
    return renderDocument({
      kind: 'order-sheet',
      created: createdAt,
      from: FROM,
      to: FROM,
      order: { ...order, prescription: PRESCRIPTION },
    })
  }
  const router = Router()

  router.post('/orders', async (_request, response) => {
    const order = await desk.createOrder(NEW_ORDER)
    await send(`Order ${order.number} received`, 'We have your order.')
    await sheetOf(order)
    response.status(201).json({ id: order.id })
  })

  router.post('/connections', async (_request, response) => {
    await send('Lakeside Lab asks to be connected', 'Lakeside Lab would like to work with you.')
    response.status(201).json({ connected: false })
  })

  router.post('/orders/:id/ship', async (request, response) => {
    await desk.moveOrder(LAB, request.params.id, 'shipped', { carrier: 'UPS', tracking: '1Z' })
    await send('Your order is on its way', 'Tracking number 1Z')
    response.json({ shipped: true })
  })

  // What `cron.schedule('0 8 * * *', …)` ran.
  router.post('/cron/daily-briefing', async (_request, response) => {
    for (let product = 0; product < 20; product++) {
      forecast(
        DAYS.map((value) => value + product),
        { horizon: 30 },
      )
      findAnomalies({ firstDay: 20_000, values: DAYS })
    }
    const facts = {
      company: 'Lakeside Lab',
      day: '2026-03-02',
      currency: 'USD',
      figures: [],
      notes: [],
    }
    await send('Your briefing', writeBriefing(facts))
    response.json({ briefed: 1 })
  })
  return router
}
