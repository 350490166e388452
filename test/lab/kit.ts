// An instance with the lab pack on a database of one's choice, an SMTP server, a LIMS in memory, and one order.
import { afterAll, afterEach, beforeAll } from 'vitest'
import { createTestOrderly, type TestOrderly } from '../../packages/orderly/src/testing/index.ts'
import { NEW_ORDER, settle } from '../../packs/lab/fixtures/lakeside.ts'
import {
  lab,
  orderReceived,
  type Desk,
  type LimsPort,
  type Order,
} from '../../packs/lab/src/index.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import type { LabRooms } from '../../packs/lab/src/store/rooms.ts'
import type { LabTables } from '../../packs/lab/src/store/tables.ts'
import { PLACES, type Place } from '../record/databases.ts'
import { startSmtp, type SmtpKit } from '../support/smtp.ts'

export interface LabKit {
  readonly smtp: SmtpKit
  readonly orderly: TestOrderly
  readonly desk: Desk
  readonly order: Order
  limsCalls(): number
  /** What the LIMS says of a job from now on; null for no answer. */
  limsSays(jobId: string, status: string | null): void
  /** What a mail is sent with, but the mailer. */
  mailRooms(): Pick<LabRooms, 'db' | 'clock' | 'resendUnsure' | 'mailsPerDomain'>
}

/** Opens it ahead of the tests of the `describe` it is called in, and closes it behind them. */
export function openLab(database: keyof typeof PLACES): LabKit {
  let place: Place
  let smtp: SmtpKit
  let orderly: TestOrderly
  let desk: Desk
  let order: Order
  let calls = 0
  const jobs = new Map<string, string>()
  const said = new Map<string, string | null>()
  /** It keeps to the port: asked twice for an order, there is one job. */
  const lims: LimsPort = {
    async createJob({ orderId }) {
      calls++
      const known = jobs.get(orderId) ?? `lims-${jobs.size + 1}`
      jobs.set(orderId, known)
      return { jobId: known }
    },
    async status(jobId) {
      const status = said.get(jobId)
      if (status === null) throw new Error('the LIMS is away')
      return { status: status ?? 'Processing' }
    },
  }
  beforeAll(async () => {
    place = await PLACES[database]()
    smtp = await startSmtp()
    const pack = lab({ baseUrl: 'https://lab.example', lims })
    orderly = await createTestOrderly({
      packs: [pack],
      workflows: [orderReceived],
      databaseUrl: await place.fresh(),
      smtpUrl: smtp.url,
      mailFrom: 'Lakeside <jobs@lab.example>',
    })
    desk = pack.desk()
    for (const queue of ['ai', 'pdf', 'email'])
      await orderly.overrideLimit(
        { queue, limit: 'rate' },
        { value: 10_000, reason: 'test', by: 'test' },
      )
    await settle(desk)
    order = await desk.createOrder(NEW_ORDER)
  })
  afterEach(() => smtp.clear())
  afterAll(async () => {
    await orderly?.close()
    await smtp?.stop()
    await place?.stop()
  })
  return {
    get smtp() {
      return smtp
    },
    get orderly() {
      return orderly
    },
    get desk() {
      return desk
    },
    get order() {
      return order
    },
    limsCalls: () => calls,
    limsSays: (jobId, status) => void said.set(jobId, status),
    mailRooms: () => ({
      db: orderly.database.withTables<LabTables>(),
      clock: systemClock,
      resendUnsure: false,
      mailsPerDomain: undefined,
    }),
  }
}
