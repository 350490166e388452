// Opens the shop, calls each route before and after, and says what each took.
import { rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { lab, type Desk } from '@orderly/lab'
import express from 'express'
import { createOrderly, type Orderly } from 'orderly'
import { routesAfter } from './after.ts'
import { routesBefore } from './before.ts'
import { startMailSink } from './mail-sink.ts'
import { LAB, NEW_ORDER, settle } from './world.ts'

export interface Timing {
  readonly route: string
  /** Milliseconds in which half, and 95 of 100, were answered. */
  readonly before: { readonly p50: number; readonly p95: number }
  readonly after: { readonly p50: number; readonly p95: number }
  readonly speedUp: number
}

export interface Comparison {
  readonly timings: readonly Timing[]
  /** Mails that workers have sent for the routes after. */
  readonly mailsSent: number
}

/**
 * @param options `calls` of each route; `mailDelay`: what a mail server takes for a mail, and `roundTrip` what a line to it
 *   and back takes, both in milliseconds: a server in the next city, by no means a slow one
 */
export async function compareRoutes(
  home: string,
  {
    calls = 30,
    mailDelay = 80,
    roundTrip = 25,
  }: { calls?: number; mailDelay?: number; roundTrip?: number } = {},
): Promise<Comparison> {
  const sink = await startMailSink(mailDelay, roundTrip)
  const pack = lab()
  const orderly = await createOrderly({
    home,
    packs: [pack],
    smtpUrl: sink.url,
    mailFrom: 'jobs@lab.example',
    log: QUIET,
  })
  try {
    await settle(pack.desk())
    const timings = await measure(orderly, pack.desk(), sink.url, calls)
    const before = sink.count
    for (const queue of ['email', 'pdf'])
      await orderly.overrideLimit(
        { queue, limit: 'rate' },
        { value: 10_000, reason: 'to see the end', by: 'example' },
      )
    await orderly.start()
    await orderly.whenIdle()
    return { timings, mailsSent: sink.count - before }
  } finally {
    await orderly.close()
    await sink.close()
    rmSync(home, { recursive: true, force: true })
  }
}

async function measure(
  orderly: Orderly,
  desk: Desk,
  smtpUrl: string,
  calls: number,
): Promise<Timing[]> {
  const app = express()
  app.use('/before', routesBefore(desk, smtpUrl))
  app.use('/after', routesAfter(desk, orderly))
  const server = app.listen(0, '127.0.0.1')
  await new Promise<void>((resolve) => server.once('listening', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const took = async (path: string): Promise<number> => {
    const started = performance.now()
    const response = await fetch(base + path, { method: 'POST' })
    await response.arrayBuffer()
    if (!response.ok) throw new Error(`${path} answers ${response.status}`)
    return performance.now() - started
  }
  const toShip = async (): Promise<string> => {
    const { id } = await desk.createOrder(NEW_ORDER)
    await desk.moveOrder(LAB, id, 'in_production')
    await desk.moveOrder(LAB, id, 'quality_check')
    return `/orders/${id}/ship`
  }
  const routes: readonly (readonly [string, () => Promise<string>])[] = [
    ['create an order', async () => '/orders'],
    ['request a connection', async () => '/connections'],
    ['ship an order', toShip],
    ['daily briefing', async () => '/cron/daily-briefing'],
  ]
  try {
    const timings: Timing[] = []
    for (const [route, path] of routes) {
      const times = { before: [] as number[], after: [] as number[] }
      for (let call = 0; call < calls; call++)
        for (const side of ['before', 'after'] as const)
          times[side].push(await took(`/${side}${await path()}`))
      const [before, after] = [spread(times.before), spread(times.after)]
      timings.push({ route, before, after, speedUp: before.p50 / after.p50 })
    }
    return timings
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

function spread(times: readonly number[]): { p50: number; p95: number } {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
  return { p50: at(0.5), p95: at(0.95) }
}

const QUIET = { debug() {}, info() {}, warn() {}, error() {} }
