import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { CLEAR_MS, step, type Episode } from '../../packages/orderly/src/alerts/episode.ts'
import { checkRule, HOUSE_RULES, type AlertRule } from '../../packages/orderly/src/alerts/rule.ts'
import { createOrderly, defineJob, handle, phi } from '../../packages/orderly/src/index.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { fakeClock } from '../../packages/orderly/src/testing/index.ts'
import { startSmtp } from '../support/smtp.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const SECRET = 'Wilhelmina Crabtree'

it('is told after it held for long enough, and ends only after it was well for a while', () => {
  const rule = checkRule({ name: 'r', metric: 'queue.depth', above: 10, for: '30s' })
  const numbers = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.nat({ max: 20 })))
  fc.assert(
    fc.property(numbers, (steps) => {
      let at = 0
      let episode: Episode | undefined
      let lastOver = -Infinity
      for (const [seconds, value] of steps) {
        at += seconds * 1_000
        const before = episode
        episode = step(before, value, at, rule)
        if (value > 10) lastOver = at
        if (episode?.state === 'firing' && before?.state !== 'firing')
          expect(at - episode.since).toBeGreaterThanOrEqual(30_000)
        if (episode?.state === 'resolved' && before?.state === 'firing')
          expect(at - lastOver).toBeGreaterThanOrEqual(CLEAR_MS)
        if (episode) expect(episode.worst).toBeGreaterThan(10)
      }
    }),
  )
})

it('refuses a rule that could never be or always is an alert', () => {
  const good: AlertRule = { name: 'r', metric: 'queue.depth', above: 1 }
  const wrong: Partial<AlertRule>[] = [
    { name: 'Not a word' },
    { below: 1 },
    { above: Number.NaN },
    { search: { state: 'failed' } },
    { window: '2d' },
    { subjects: ['a b'] },
  ]
  for (const part of wrong)
    expect(() => checkRule({ ...good, ...part })).toThrow(
      expect.objectContaining({ code: 'ORDERLY_INPUT_INVALID' }),
    )
  for (const rule of HOUSE_RULES) expect(() => checkRule(rule)).not.toThrow()
})

it('tells of a failing kind of job within a minute, once, by every route, and when it is over', async () => {
  const home = mkdtempSync(join(tmpdir(), 'orderly-alerts-'))
  const smtp = await startSmtp()
  const chat: string[] = []
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => chat.push(chunk.toString()))
    request.on('end', () => response.end('ok'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/token-of-chat`
  const job = defineJob({
    name: 'visit',
    input: z.object({ patient: phi.name() }),
    retry: { attempts: 1 },
  })
  let fails = true
  const clock = fakeClock()
  const orderly = await createOrderly({
    home,
    log: silent,
    clock,
    jobs: [job],
    handlers: [
      handle(job, async ({ input }) => {
        if (fails) throw new Error(`no room for ${input.patient}`)
      }),
    ],
    smtpUrl: smtp.url,
    mailFrom: 'Clinic <jobs@clinic.example>',
    webhooksAllowPrivate: true,
  })
  const rooms = roomsOf(orderly)
  await orderly.alerts.putRoute({ name: 'on-call', kind: 'mail', to: ['oncall@clinic.example'] })
  await orderly.alerts.putRoute({ name: 'chat', kind: 'slack', url })
  await orderly.alerts.putRule({
    name: 'failures',
    metric: 'jobs.failure-rate',
    above: 50,
    window: '2m',
    minimum: 3,
    severity: 'critical',
    routes: ['in-app', 'on-call', 'chat'],
  })
  const until = (check: () => unknown, interval = 10): Promise<void> =>
    expect
      .poll(
        async () => {
          clock.advance(1_000)
          return Boolean(await check())
        },
        { timeout: 20_000, interval },
      )
      .toBe(true)
  /** Time stands nearly still for what is on its way through real sockets: else it is given up for lost, and sent again. */
  const untilArrived = (check: () => unknown): Promise<void> => until(check, 250)
  const sent = async (episode: string): Promise<number> =>
    (
      await rooms.state.query
        .selectFrom('orderly_alert_notices')
        .select('route')
        .where('episode', '=', episode)
        .where('state', '=', 'sent')
        .execute()
    ).length
  const listed = async (state: 'firing' | 'resolved') =>
    (await orderly.alerts.list({ state })).filter(({ rule }) => rule === 'failures')

  await orderly.start()
  for (let n = 0; n < 4; n++) await orderly.enqueue(job, { patient: SECRET })
  await until(async () =>
    (await orderly.countJobs()).some(({ state, n }) => state === 'failed' && n === 4),
  )
  const failedAt = clock.now()
  await until(async () => (await listed('firing')).length === 1)
  const [alert] = await listed('firing')
  expect(alert).toMatchObject({ subject: 'visit', value: 100, severity: 'critical' })
  expect(alert!.firedAt! - failedAt).toBeLessThanOrEqual(60_000)
  await untilArrived(async () => (await sent(alert!.id)) === 3)
  expect([smtp.received.length > 0, chat.length]).toEqual([true, 1])
  const operator = { user: 'u_op', topics: ['#role/operator'] }
  await until(async () => (await orderly.notifications.unread(operator)).urgent > 0)

  // The past is kept by the minute.
  clock.advance(60_000)
  fails = false
  for (let n = 0; n < 5; n++) await orderly.enqueue(job, { patient: SECRET })
  await until(async () => (await listed('resolved')).length === 1)
  const subjects = (): (string | undefined)[] =>
    smtp.received.map(({ mail }) => mail.subject).filter((text) => text?.includes('failures'))
  await untilArrived(async () => (await sent(alert!.id)) === 6)
  expect(subjects()).toEqual(['Critical: failures, visit', 'Resolved: failures, visit'])
  expect(chat).toHaveLength(2)
  expect([...smtp.received.map(({ raw }) => raw), ...chat].join()).not.toContain('Crabtree')

  // The past is kept, so that a rule can be tried on it before it is saved.
  const limits = { metric: 'jobs.failure-rate', above: 50, window: '2m', minimum: 3 } as const
  const tried = await orderly.alerts.tryRule({ name: 'try', ...limits }, '1h')
  expect(tried.episodes).toMatchObject([{ subject: 'visit', worst: 100 }])
  const never = await orderly.alerts.tryRule(
    { name: 'try', metric: 'jobs.failed', above: 99 },
    '1h',
  )
  expect(never.episodes).toEqual([])

  // What is silenced is on record and told to nobody until the silence ends.
  const silence = await orderly.alerts.silence({ rule: 'quiet', for: '1h', reason: 'known' })
  const quiet = { name: 'quiet', metric: 'dead-letters', above: 0, routes: ['on-call'] } as const
  await orderly.alerts.putRule(quiet)
  const told = smtp.received.length
  await rooms.alerts.evaluate()
  const held = expect.objectContaining({ rule: 'quiet', silenced: true }) as unknown
  expect(await orderly.alerts.list({ state: 'firing' })).toEqual(expect.arrayContaining([held]))
  expect(smtp.received.length).toBe(told)
  await orderly.alerts.unsilence(silence.id)
  await until(() => smtp.received.length === told + 1)

  await orderly.close()
  await smtp.stop()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  for (const name of readdirSync(home).filter((file) => file.includes('.db')))
    expect(readFileSync(join(home, name)).toString('latin1')).not.toContain('token-of-chat')
  rmSync(home, { recursive: true })
})
