// An instance with the lab pack for tests: its companies settled, its limits out of the way, a mail server beside it.
import {
  createOrderly,
  type Orderly,
  type OrderlyOptions,
} from '../../packages/orderly/src/index.ts'
import { settle } from '../../packs/lab/fixtures/lakeside.ts'
import { lab, type Desk } from '../../packs/lab/src/index.ts'

export interface Shop {
  readonly orderly: Orderly
  readonly desk: Desk
}

const silent = { debug() {}, info() {}, warn() {}, error() {} }

export async function openShop(
  options: Omit<OrderlyOptions, 'packs'>,
  { resendUnsure = false } = {},
): Promise<Shop> {
  const pack = lab({ baseUrl: 'https://lab.example', resendUnsure })
  const orderly = await createOrderly({
    log: silent,
    mailFrom: 'Lakeside <jobs@lab.example>',
    allowVolatile: true,
    grace: '2s',
    ...options,
    packs: [pack],
  })
  const desk = pack.desk()
  await settle(desk)
  for (const queue of ['email', 'pdf', 'notification', 'ai'])
    await orderly.overrideLimit(
      { queue, limit: 'rate' },
      { value: 100_000, reason: 'a test has no time', by: 'test' },
    )
  return { orderly, desk }
}
