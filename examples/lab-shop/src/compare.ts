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
  readonly before: Spread
  /** While workers do what the calls before it have left to do. */
  readonly after: Spread
  readonly speedUp: number
}

export interface Comparison {
  readonly timings: readonly Timing[]
  /** Mails that workers have sent for the routes after. */
  readonly mailsSent: number
}

/**
 * @param options `calls` of each route; `mailDelay`: what a mail server takes for a mail, and `roundTrip` what a line to it
 *   and back takes, both in milliseconds: a server in the next city, by no means a slow one; `workers`: whether they work
 *   `beside` the routes after, in the same process, while those are timed, or `afterwards`
 */
export async function compareRoutes(
  home: string,
  {
    calls = 30,
    mailDelay = 80,
    roundTrip = 25,
    workers = 'beside',
  }: {
    calls?: number
    mailDelay?: number
    roundTrip?: number
    workers?: 'beside' | 'afterwards'
  } = {},
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
    for (const queue of ['email', 'pdf', 'notification', 'ai'])
      await orderly.overrideLimit(
        { queue, limit: 'rate' },
        { value: 10_000, reason: 'to see the end', by: 'example' },
      )
    const routes = await openRoutes(orderly, pack.desk(), sink.url)
    try {
      const before = await routes.measure('before', calls)
      const mailsBefore = sink.count
      if (workers === 'beside') await orderly.start()
      const after = await routes.measure('after', calls)
      if (workers === 'afterwards') await orderly.start()
      await orderly.whenIdle()
      const timings = before.map(({ route, spread }, at) => {
        const then = after[at]!.spread
        return { route, before: spread, after: then, speedUp: spread.p50 / then.p50 }
      })
      return { timings, mailsSent: sink.count - mailsBefore }
    } finally {
      routes.close()
    }
  } finally {
    await orderly.close()
    await sink.close()
    rmSync(home, { recursive: true, force: true })
  }
}

interface Spread {
  readonly p50: number
  readonly p95: number
}

interface Routes {
  /** Calls each route so many times, one call after another. */
  measure(
    side: 'before' | 'after',
    calls: number,
  ): Promise<readonly { readonly route: string; readonly spread: Spread }[]>
  close(): void
}

async function openRoutes(orderly: Orderly, desk: Desk, smtpUrl: string): Promise<Routes> {
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
  return {
    async measure(side, calls) {
      const measured = []
      for (const [route, path] of routes) {
        const times: number[] = []
        for (let call = 0; call < calls; call++) times.push(await took(`/${side}${await path()}`))
        measured.push({ route, spread: spread(times) })
      }
      return measured
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function spread(times: readonly number[]): Spread {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
  return { p50: at(0.5), p95: at(0.95) }
}

const QUIET = { debug() {}, info() {}, warn() {}, error() {} }
