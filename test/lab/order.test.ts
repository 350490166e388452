// An order from its route to its mail, document and notice: with Redis, without, and with Redis killed in the middle.
import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findProgram } from '../../packages/bullmq-sqlite/conformance/programs.ts'
import { startRedis, type RedisServer } from '../../packages/bullmq-sqlite/conformance/servers.ts'
import { until } from '../../packages/orderly/src/testing/outage-lab.ts'
import { watchNotifications } from '../../packages/orderly/src/testing/watch-notifications.ts'
import { LAB, NEW_ORDER, PRACTICE, PRACTICE_USER } from '../../packs/lab/fixtures/lakeside.ts'
import { queueWork, type Order } from '../../packs/lab/src/index.ts'
import { startSmtp, type SmtpKit } from '../support/smtp.ts'
import { openShop, type Shop } from './shop.ts'

const CHILD = fileURLToPath(new URL('./shop-child.ts', import.meta.url))
const KILLS = Number(process.env['KILLS'] ?? 2)
/** What a killed worker held comes back after half a minute: waited for in the long run only. */
const WAITS = process.env['KILLS'] !== undefined

let smtp: SmtpKit
let home: string
let closing: (() => Promise<unknown> | void)[] = []

beforeAll(async () => {
  smtp = await startSmtp()
  findProgram('pdftotext', 'poppler-utils')
  findProgram('zbarimg', 'zbar-tools')
})
afterAll(() => smtp.stop())
beforeEach(() => {
  smtp.clear()
  home = mkdtempSync(join(tmpdir(), 'orderly-shop-'))
})
afterEach(async () => {
  for (const close of closing.toReversed()) await close()
  closing = []
  rmSync(home, { recursive: true, force: true })
})

async function open(queueUrl?: string): Promise<Shop> {
  const shop = await openShop({
    home,
    smtpUrl: smtp.url,
    ...(queueUrl === undefined ? {} : { queueUrl }),
  })
  closing.push(() => shop.orderly.close())
  return shop
}

/** Takes an order as a route would: the order and what follows from it, all or nothing. */
function takeOrder({ orderly, desk }: Shop): Promise<Order> {
  const {
    queueOrderConfirmationEmail,
    queueOrderSheetPDF,
    queueLabWorkTicketPDF,
    queueOrderNotification,
  } = queueWork(orderly)
  return desk.createOrder({
    ...NEW_ORDER,
    async also({ id }, { query: transaction }) {
      await queueOrderConfirmationEmail(id, PRACTICE_USER, { transaction })
      await queueOrderSheetPDF(id, { transaction })
      await queueLabWorkTicketPDF(id, { transaction })
      await queueOrderNotification(id, PRACTICE_USER, 'confirmed', { transaction })
    },
  })
}

async function provePapers({ desk }: Shop, { id, number }: Order): Promise<void> {
  const save = async (company: string, kind: string): Promise<string> => {
    const file = join(home, `${kind}.pdf`)
    writeFileSync(file, await desk.document(company, `${kind}.${id}`))
    return file
  }
  const ask = (program: string, args: readonly string[]): string => {
    const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' })
    expect(status).toBe(0)
    return stdout
  }
  const text = ask('pdftotext', ['-layout', await save(PRACTICE, 'order-sheet'), '-'])
  for (const words of [`Order ${number}`, 'Birch Eye Care', '-2.25', '005'])
    expect(text).toContain(words)
  const ticket = await save(LAB, 'lab-work-ticket')
  ask('pdftoppm', ['-r', '120', '-png', '-singlefile', ticket, join(home, 'ticket')])
  expect(ask('zbarimg', ['--quiet', '--nodbus', '--raw', join(home, 'ticket.png')]).trim()).toBe(
    number,
  )
}

async function proveOrder(shop: Shop): Promise<void> {
  const { messages, close } = await watchNotifications(shop.orderly, PRACTICE_USER)
  closing.push(close)
  const order = await takeOrder(shop)
  const { queueStatistics } = queueWork(shop.orderly)
  // Nobody works yet: what was asked for stands in the statistics.
  await until(async () => {
    const { email, pdf, notification } = await queueStatistics()
    const owed = ({ counts }: typeof email): number => counts.waiting + counts.prioritized
    return owed(email) === 1 && owed(pdf) === 2 && owed(notification) === 1
  })
  await shop.orderly.start()
  await shop.orderly.whenIdle()
  const { email, pdf } = await queueStatistics()
  expect([email.counts.completed, pdf.counts.completed]).toEqual([1, 2])
  const [mail, ...more] = smtp.received
  expect(more).toEqual([])
  expect(mail!.mail.subject).toBe(`Order ${order.number} received`)
  expect(mail!.mail.html).toContain(order.number)
  expect(mail!.mail.text).toContain(order.number)
  await provePapers(shop, order)
  await until(() =>
    messages.some(
      (message) =>
        message.type === 'notification' &&
        message.notification.title === `Order ${order.number} was received`,
    ),
  )
}

describe('an order', () => {
  it('becomes a mail, documents and a notice without Redis', async () => {
    await proveOrder(await open())
  })
  describe('with Redis', () => {
    let redis: RedisServer
    beforeAll(async () => {
      redis = await startRedis('everysec')
    })
    afterAll(() => redis.stop())

    it('becomes the same', async () => {
      await proveOrder(await open(`${redis.url}/0`))
    })
    it('loses and repeats nothing when Redis is killed in the middle', async () => {
      const shop = await open(`${redis.url}/1`)
      const { messages, close } = await watchNotifications(shop.orderly, PRACTICE_USER)
      closing.push(close)
      await shop.orderly.start()
      const orders = [await takeOrder(shop), await takeOrder(shop)]
      await redis.kill()
      orders.push(await takeOrder(shop), await takeOrder(shop))
      await until(() => shop.orderly.status().mode === 'degraded')
      // What is taken without Redis does not wait for it. (What it was asked for in its last moment does: nobody knows
      // whether it took it.)
      const without = await takeOrder(shop)
      orders.push(without)
      await until(() =>
        smtp.received.some(({ mail }) => mail.subject === `Order ${without.number} received`),
      )
      await redis.start()
      orders.push(await takeOrder(shop))
      await until(async () => {
        await shop.orderly.reconcile()
        return smtp.received.length >= orders.length
      })
      await shop.orderly.whenIdle()
      const subjects = smtp.received.map(({ mail }) => mail.subject).toSorted()
      expect(subjects).toEqual(orders.map(({ number }) => `Order ${number} received`).toSorted())
      // One job of each kind for each order, whichever store it was worked in.
      for (const [queue, each] of [
        ['email', 1],
        ['pdf', 2],
        ['notification', 1],
      ] as const) {
        const jobs = await shop.orderly.findJobs({ queue, limit: 100 })
        expect(jobs.map(({ state }) => state)).toEqual(
          Array(each * orders.length).fill('completed'),
        )
      }
      const titles = orders.map(({ number }) => `Order ${number} was received`).toSorted()
      const pushed = (): string[] =>
        messages
          .flatMap((message) =>
            message.type === 'notification' ? [message.notification.title] : [],
          )
          .toSorted()
      await until(() => pushed().length >= titles.length)
      expect(pushed()).toEqual(titles)
      const kept = await shop.orderly.notifications.list({ user: PRACTICE_USER }, { limit: 100 })
      expect(kept.map(({ title }) => title).toSorted()).toEqual(titles)
      for (const { id } of orders)
        expect((await shop.desk.documents(PRACTICE)).some(({ subject }) => subject === id)).toBe(
          true,
        )
      for (const { mail } of smtp.received) {
        const { number } = orders.find(
          (order) => mail.subject === `Order ${order.number} received`,
        )!
        expect(mail.html).toContain(number)
        expect(mail.text).toContain(number)
      }
      // One from before the kill, one from while Redis was away, one from after.
      for (const order of [orders[0]!, without, orders[5]!]) await provePapers(shop, order)
    })
  })
})

describe('workers', () => {
  it(
    `send no mail twice and forget none through ${KILLS} kills`,
    async () => {
      const shop = await open()
      const children = new Set<ChildProcess>()
      closing.push(() => {
        for (const child of children) child.kill('SIGKILL')
      })
      const begin = async (): Promise<ChildProcess> => {
        const child = fork(CHILD, [home, smtp.url], {
          execArgv: ['--conditions=source', '--import', 'tsx'],
          stdio: 'inherit',
        })
        children.add(child)
        await once(child, 'message')
        return child
      }
      const orders: Order[] = []
      const { queueOrderConfirmationEmail } = queueWork(shop.orderly)
      for (let kill = 0; kill < KILLS; kill++) {
        const child = await begin()
        const before = smtp.received.length
        for (let n = 0; n < 6; n++) {
          const order = await shop.desk.createOrder(NEW_ORDER)
          orders.push(order)
          await queueOrderConfirmationEmail(order.id, PRACTICE_USER)
        }
        // Sometimes a mail is on its way when the worker dies, and nobody hears what the server says.
        if (kill % 2 === 0) smtp.fail({ slow: 300 })
        await until(() => smtp.received.length > before)
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      await shop.orderly.start()
      if (WAITS) await shop.orderly.whenIdle()
      else
        await until(async () => {
          const { email } = await queueWork(shop.orderly).queueStatistics()
          return email.counts.waiting + email.counts.prioritized === 0
        })
      const counts = new Map<string, number>()
      for (const { mail } of smtp.received)
        counts.set(mail.subject!, (counts.get(mail.subject!) ?? 0) + 1)
      expect(Math.max(...counts.values())).toBe(1)
      if (!WAITS) return
      // What died too often is a dead letter: put back, it is sent, unless it may have been.
      const dead = await shop.orderly.findJobs({ state: 'failed', limit: 1_000 })
      await shop.orderly.redrive(
        { ids: dead.map(({ id }) => id) },
        { reason: 'the workers live again', by: 'test' },
      )
      await shop.orderly.whenIdle()
      const outbox = await shop.desk.outbox(PRACTICE, 10_000)
      const unsure = outbox.filter(({ state }) => state === 'unsure').length
      const sent = outbox.filter(({ state }) => state === 'sent').length
      // Every mail was sent once, or somebody is asked to look whether it was.
      expect(sent + unsure).toBe(orders.length)
      const subjects = smtp.received.map(({ mail }) => mail.subject)
      expect(new Set(subjects).size).toBe(subjects.length)
      expect(subjects.length).toBeGreaterThanOrEqual(sent)
      const ended = await shop.orderly.countJobs()
      expect(ended.filter(({ state }) => state !== 'completed' && state !== 'failed')).toEqual([])
      process.stderr.write(
        `${KILLS} kills: ${orders.length} mails, ${subjects.length} sent, ${unsure} unsure; ${dead.length - unsure} had died too often and were put back\n`,
      )
    },
    90_000 + KILLS * 15_000,
  )
})
