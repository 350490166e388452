import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { PAUSES } from '../../packages/orderly/src/events/deliver.ts'
import { newSecret, signMessage } from '../../packages/orderly/src/events/signature.ts'
import {
  createOrderly,
  defineJob,
  handle,
  phi,
  verifyWebhook,
  type Orderly,
  type OrderlyEvent,
  type WebhookDelivery,
} from '../../packages/orderly/src/index.ts'
import { listKeys, reencryptKey } from '../../packages/orderly/src/maintenance.ts'
import { fakeClock, type FakeClock } from '../../packages/orderly/src/testing/index.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const SECRET = 'Barnaby Thistlewood'
const order = defineJob({ name: 'order', input: z.object({ patient: phi.name() }) })
const handleOrder = handle(order, async () => undefined)

interface Got {
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: string
}

/** A program that receives webhooks, and answers as it is told. */
async function startReceiver() {
  const got: Got[] = []
  const answers: { status: number; headers?: Record<string, string> }[] = []
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
      const { status, headers } = answers.shift() ?? { status: 204 }
      response.writeHead(status, headers).end(status >= 400 ? `no ${SECRET}` : '')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    got,
    answers,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

describe('webhooks', () => {
  let receiver: Awaited<ReturnType<typeof startReceiver>>
  let clock: FakeClock
  let home = ''
  let orderly: Orderly
  beforeAll(async () => {
    receiver = await startReceiver()
    clock = fakeClock()
    home = mkdtempSync(join(tmpdir(), 'orderly-hooks-'))
    orderly = await createOrderly({
      home,
      log: silent,
      clock,
      jobs: [order],
      handlers: [handleOrder],
      webhooksAllowPrivate: true,
    })
  })
  afterEach(async () => {
    receiver.got.length = 0
    receiver.answers.length = 0
    for (const { id } of await orderly.webhooks.list()) await orderly.webhooks.remove(id)
  })
  afterAll(async () => {
    await orderly.close()
    await receiver.stop()
    rmSync(home, { recursive: true })
  })
  const subscribe = (types: readonly string[]) =>
    orderly.webhooks.create({ name: 'Test', url: receiver.url, filter: { types } })
  /** Lets the chores have their turns until something holds. */
  const until = (check: () => unknown, step = 1_000): Promise<void> =>
    expect
      .poll(
        async () => {
          clock.advance(step)
          return Boolean(await check())
        },
        { timeout: 8_000, interval: 10 },
      )
      .toBe(true)
  const settled = async (id: string): Promise<WebhookDelivery | undefined> =>
    (await orderly.webhooks.deliveries(id)).find(({ state }) => state !== 'due')

  it('tell of events, signed so that the receiver verifies in one line, without PHI', async () => {
    const { webhook, secret } = await subscribe(['job.accepted'])
    const { id } = await orderly.enqueue(order, { patient: SECRET })
    await until(() => receiver.got.length > 0)
    const [{ headers, body }] = receiver.got as [Got]
    const { payload } = verifyWebhook<{ type: string; data: OrderlyEvent }>(body, headers, secret, {
      now: clock.now(),
      tolerance: '1h',
    })
    expect(payload).toMatchObject({ type: 'job.accepted', data: { job: { id, name: 'order' } } })
    expect(body).not.toContain('Thistlewood')
    await until(() => settled(webhook.id))
    expect(await settled(webhook.id)).toMatchObject({
      state: 'delivered',
      attempts: 1,
      status: 204,
    })
    expect(receiver.got).toHaveLength(1)
    for (const name of readdirSync(home).filter((file) => file.includes('.db')))
      expect(readFileSync(join(home, name)).toString('latin1')).not.toContain(secret)
  })

  it('are tried again with growing pauses, die in the end, and are delivered again on demand', async () => {
    const { webhook } = await subscribe(['webhook.test'])
    const elsewhere = { location: `http://127.0.0.1:${receiver.port}/elsewhere` }
    receiver.answers.push(...PAUSES.map(() => ({ status: 500 })), {
      status: 302,
      headers: elsewhere,
    })
    await orderly.webhooks.test(webhook.id)
    for (let attempt = 1; attempt <= PAUSES.length + 1; attempt++) {
      const [{ dueAt }] = (await orderly.webhooks.deliveries(webhook.id)) as [WebhookDelivery]
      clock.advance(Math.max(0, dueAt - clock.now()))
      await until(async () => {
        const [delivery] = await orderly.webhooks.deliveries(webhook.id)
        return delivery!.attempts === attempt
      }, 500)
    }
    const dead = (await settled(webhook.id))!
    expect(dead).toMatchObject({
      state: 'dead',
      attempts: PAUSES.length + 1,
      error: 'answered 302',
    })
    expect(JSON.stringify(dead)).not.toContain('Thistlewood')
    // Where it was sent on to was not asked.
    expect(receiver.got).toHaveLength(PAUSES.length + 1)
    const ids = new Set(receiver.got.map(({ headers }) => headers['webhook-id']))
    expect(ids.size).toBe(1)
    expect(await orderly.webhooks.redeliver(webhook.id, 'dead')).toBe(1)
    await until(async () => (await settled(webhook.id))?.state === 'delivered')
    await expect(orderly.webhooks.redeliver(webhook.id, 'nothing')).rejects.toMatchObject({
      code: 'ORDERLY_NOT_FOUND',
    })
  })

  it('wait as long as the receiver asks', async () => {
    const { webhook } = await subscribe(['webhook.test'])
    receiver.answers.push({ status: 429, headers: { 'retry-after': '7200' } })
    await orderly.webhooks.test(webhook.id)
    await until(() => receiver.got.length === 1)
    await until(async () => (await orderly.webhooks.deliveries(webhook.id))[0]!.attempts === 1)
    const [{ dueAt }] = (await orderly.webhooks.deliveries(webhook.id)) as [WebhookDelivery]
    expect(dueAt - clock.now()).toBeGreaterThan(7_000_000)
  })

  it('end when the receiver says that it is gone', async () => {
    const { webhook } = await subscribe(['webhook.test'])
    receiver.answers.push({ status: 410 })
    await orderly.webhooks.test(webhook.id)
    await until(() => settled(webhook.id))
    expect(await orderly.webhooks.get(webhook.id)).toMatchObject({ state: 'gone' })
    await orderly.webhooks.test(webhook.id)
    clock.advance(10_000)
    expect(receiver.got).toHaveLength(1)
  })

  it.each(['paused', 'gone'] as const)('that are %s hold up no others', async (how) => {
    const { webhook } = await subscribe(['webhook.test'])
    if (how === 'paused') await orderly.webhooks.change(webhook.id, { state: 'paused' })
    else receiver.answers.push({ status: 410 })
    for (let n = 0; n < 210; n++) await orderly.webhooks.test(webhook.id)
    if (how === 'gone') {
      await until(async () => (await orderly.webhooks.get(webhook.id)).state === 'gone')
      const open = () => orderly.webhooks.deliveries(webhook.id, { state: 'due' })
      await expect.poll(open).toEqual([])
    }
    receiver.got.length = 0
    const other = await subscribe(['webhook.test'])
    await orderly.webhooks.test(other.webhook.id)
    await until(() => settled(other.webhook.id))
    expect(receiver.got).toHaveLength(1)
  })

  it('are signed with both secrets while one replaces the other', async () => {
    const { webhook, secret: old } = await subscribe(['webhook.test'])
    const { secret, oldUntil } = await orderly.webhooks.rotateSecret(webhook.id, '1h')
    await orderly.webhooks.test(webhook.id)
    await until(() => receiver.got.length === 1)
    const verify = (index: number, key: string) => () =>
      verifyWebhook(receiver.got[index]!.body, receiver.got[index]!.headers, key, {
        now: clock.now(),
        tolerance: '1d',
      })
    expect(verify(0, old)).not.toThrow()
    expect(verify(0, secret)).not.toThrow()
    clock.advance(oldUntil - clock.now())
    await orderly.webhooks.test(webhook.id)
    await until(() => receiver.got.length === 2)
    expect(verify(1, secret)).not.toThrow()
    expect(verify(1, old)).toThrow(expect.objectContaining({ code: 'ORDERLY_SIGNATURE_INVALID' }))
  })

  it('from outside hold with the old secret until its time is over, and with a new one from then on', async () => {
    const { secret: first } = await orderly.eventSources.put({ name: 'lims' })
    const send = (key: string, id: string): Promise<unknown> => {
      const body = JSON.stringify({ type: 'sample.read', data: { patient: SECRET } })
      const headers = signMessage(body, { id, at: clock.now(), secrets: [key] })
      return orderly.eventSources.receive('lims', body, headers)
    }
    const refused = { code: 'ORDERLY_SIGNATURE_INVALID' }
    const { secret: second, oldUntil } = await orderly.eventSources.rotateSecret('lims', '1h')
    clock.advance(oldUntil - clock.now() - 1)
    expect(await send(first!, 'old')).toMatchObject({ accepted: true })
    expect(await send(second, 'new')).toMatchObject({ accepted: true })
    clock.advance(1)
    await expect(send(first!, 'late')).rejects.toMatchObject(refused)
    expect(await send(second, 'later')).toMatchObject({ accepted: true })
    // Two that came before: what was let go does not come back with the next secret.
    await orderly.eventSources.rotateSecret('lims', '1h')
    await expect(send(first!, 'again')).rejects.toMatchObject(refused)
    const { secret: leaked } = await orderly.eventSources.rotateSecret('lims', '0s')
    const { secret: last } = await orderly.eventSources.rotateSecret('lims', '0s')
    await expect(send(leaked, 'leaked')).rejects.toMatchObject(refused)
    expect(await send(last, 'last')).toMatchObject({ accepted: true })
  })

  it('go on with the others while one receiver does not answer', async () => {
    const gone = await startReceiver()
    await gone.stop()
    await orderly.webhooks.create({
      name: 'Gone',
      url: gone.url,
      filter: { types: ['job.accepted'] },
    })
    await subscribe(['job.accepted'])
    for (let n = 0; n < 5; n++) await orderly.enqueue(order, { patient: SECRET })
    await until(() => receiver.got.length === 5)
  })

  it('go on with the others while one receiver hangs, and keep what it did not take when they close', async () => {
    const reached: string[] = []
    const hanging = createServer(({ url }) => void reached.push(url!))
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve))
    const { port } = hanging.address() as AddressInfo
    const hooks = mkdtempSync(join(tmpdir(), 'orderly-hanging-'))
    const open = () =>
      createOrderly({ home: hooks, log: silent, clock, webhooksAllowPrivate: true })
    const filter = { types: ['webhook.test'] }
    const other = await open()
    try {
      const url = `http://127.0.0.1:${port}/stuck`
      const stuck = await other.webhooks.create({ name: 'Stuck', url, filter })
      await other.webhooks.test(stuck.webhook.id)
      await until(() => reached.length > 0, 500)
      const { webhook } = await other.webhooks.create({ name: 'Quick', url: receiver.url, filter })
      for (let n = 1; n <= 3; n++) {
        await other.webhooks.test(webhook.id)
        await until(() => receiver.got.length === n, 500)
      }
      const [before] = await other.webhooks.deliveries(stuck.webhook.id)
      expect(before).toMatchObject({ state: 'due', attempts: 0 })
      await other.close()
      await using later = await open()
      const [after] = await later.webhooks.deliveries(stuck.webhook.id)
      expect(after).toMatchObject({ state: 'due', attempts: 0 })
      expect(after!.dueAt).toBeLessThanOrEqual(clock.now())
    } finally {
      await other.close()
      hanging.closeAllConnections()
      hanging.close()
      rmSync(hooks, { recursive: true })
    }
  })

  it('go on with the others while one receiver fails that has much to take', async () => {
    const failing = await startReceiver()
    failing.answers.push(...Array.from({ length: 300 }, () => ({ status: 500 })))
    const { webhook } = await orderly.webhooks.create({
      name: 'Failing',
      url: failing.url,
      filter: { types: ['webhook.test'] },
    })
    for (let n = 0; n < 210; n++) await orderly.webhooks.test(webhook.id)
    clock.advance(1_000)
    const other = await subscribe(['webhook.test'])
    await orderly.webhooks.test(other.webhook.id)
    await until(() => settled(other.webhook.id))
    expect(receiver.got).toHaveLength(1)
    expect(failing.got.length).toBeLessThan(100)
    await failing.stop()
  })

  it('are refused where they could ask what is not theirs to ask', async () => {
    const filter = { types: ['job.*'] }
    for (const url of [
      'ftp://x.example',
      'https://u:p@x.example',
      'https://x.example#a',
      'nothing',
    ])
      await expect(orderly.webhooks.create({ name: 'X', url, filter })).rejects.toMatchObject({
        code: 'ORDERLY_INPUT_INVALID',
      })
    for (const types of [[], ['job.nothing'], ['secrets.*']])
      await expect(
        orderly.webhooks.create({ name: 'X', url: 'https://x.example', filter: { types } }),
      ).rejects.toMatchObject({ code: 'ORDERLY_INPUT_INVALID' })
  })
})

describe('a private address', () => {
  it('is not asked, whatever name or spelling it hides behind, and the credentials of a cloud never', async () => {
    const receiver = await startReceiver()
    const homes: string[] = []
    const tryUrls = async (urls: readonly string[], allowPrivate: boolean): Promise<unknown[]> => {
      const home = mkdtempSync(join(tmpdir(), 'orderly-hooks-'))
      homes.push(home)
      const clock = fakeClock()
      await using orderly = await createOrderly({
        home,
        log: silent,
        clock,
        webhooksAllowPrivate: allowPrivate,
      })
      const ids: string[] = []
      for (const [index, url] of urls.entries()) {
        const filter = { types: ['webhook.test'] }
        const { webhook } = await orderly.webhooks.create({ name: `W${index}`, url, filter })
        await orderly.webhooks.test(webhook.id)
        ids.push(webhook.id)
      }
      const outcomes = async (): Promise<(string | null)[]> =>
        Promise.all(ids.map(async (id) => (await orderly.webhooks.deliveries(id))[0]!.error))
      await expect
        .poll(
          async () => {
            clock.advance(1_000)
            return (await outcomes()).every((error) => error !== null)
          },
          { timeout: 8_000 },
        )
        .toBe(true)
      return outcomes()
    }
    const { port } = receiver
    const hidden = [
      `https://127.0.0.1:${port}/`,
      `https://localhost:${port}/`,
      `https://2130706433:${port}/`,
      `https://0x7f.1:${port}/`,
      `https://[::1]:${port}/`,
      `https://[::ffff:127.0.0.1]:${port}/`,
      'https://169.254.169.254/latest/meta-data',
      'https://10.0.0.1/',
    ]
    expect(new Set(await tryUrls(hidden, false))).toEqual(new Set(['ORDERLY_ADDRESS_REFUSED']))
    expect(await tryUrls(['http://169.254.169.254/', 'http://[fd00:ec2::254]/'], true)).toEqual([
      'ORDERLY_ADDRESS_REFUSED',
      'ORDERLY_ADDRESS_REFUSED',
    ])
    expect(receiver.got).toEqual([])
    await receiver.stop()
    for (const home of homes) rmSync(home, { recursive: true })
  })
})

describe('the secret of a webhook', () => {
  it('follows its data key', async () => {
    const home = mkdtempSync(join(tmpdir(), 'orderly-hooks-'))
    const orderly = await createOrderly({ home, log: silent })
    await orderly.webhooks.create({
      name: 'X',
      url: 'https://x.example',
      filter: { types: ['job.*'] },
    })
    await orderly.close()
    const epoch = (await listKeys({ home })).dataKeys.find(({ scope }) =>
      scope.startsWith('epoch/'),
    )!
    expect(await reencryptKey({ home }, epoch.id)).toMatchObject({ values: 1, left: 0 })
    rmSync(home, { recursive: true })
  })
})

describe('verifyWebhook', () => {
  const now = Date.UTC(2026, 4, 4)
  const secret = newSecret()
  const refused = expect.objectContaining({ code: 'ORDERLY_SIGNATURE_INVALID' }) as Error

  it('takes what others sign by the standard, and headers of fetch', () => {
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    const timestamp = String(now / 1_000)
    const body = '{"type":"a"}'
    const mac = createHmac('sha256', key).update(`msg_1.${timestamp}.${body}`).digest('base64')
    const headers = new Headers({
      'Webhook-Id': 'msg_1',
      'Webhook-Timestamp': timestamp,
      'Webhook-Signature': `v1a,xxxx v1,${mac}`,
    })
    expect(verifyWebhook(body, headers, secret, { now })).toEqual({
      id: 'msg_1',
      at: now,
      payload: { type: 'a' },
    })
  })

  it('refuses any change of body, id, time or signature, and what is too old or too new', () => {
    const message = fc.record({ body: fc.json(), id: fc.stringMatching(/^[\w-]{1,40}$/) })
    fc.assert(
      fc.property(message, fc.nat(), fc.nat({ max: 255 }), ({ body, id }, at, by) => {
        const headers = signMessage(body, { id, at: now, secrets: [secret] })
        expect(verifyWebhook(body, headers, secret, { now }).id).toBe(id)
        const bytes = Buffer.from(body)
        const index = at % bytes.length
        const changed = Buffer.from(bytes)
        changed[index] = (changed[index]! + 1 + (by % 255)) % 256
        if (!changed.equals(bytes))
          expect(() => verifyWebhook(changed, headers, secret, { now })).toThrow(refused)
        expect(() =>
          verifyWebhook(body, { ...headers, 'webhook-id': `${id}x` }, secret, { now }),
        ).toThrow(refused)
        expect(() => verifyWebhook(body, headers, newSecret(), { now })).toThrow(refused)
        for (const off of [-301_000, 301_000])
          expect(() => verifyWebhook(body, headers, secret, { now: now + off })).toThrow(refused)
      }),
      { numRuns: 50 },
    )
    for (const headers of [{}, { 'webhook-id': 'a', 'webhook-timestamp': '1' }])
      expect(() => verifyWebhook('{}', headers, secret, { now })).toThrow(refused)
    const signed = signMessage('{}', { id: 'a', at: now, secrets: [secret] })
    expect(() => verifyWebhook('{}', signed, '', { now })).toThrow(refused)
    expect(() => verifyWebhook('{}', signed, [], { now })).toThrow(refused)
  })
})
