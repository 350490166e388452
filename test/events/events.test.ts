import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startPostgres, startRedis } from '../../packages/bullmq-sqlite/conformance/servers.ts'
import { openEventLog } from '../../packages/orderly/src/events/event-log.ts'
import { runConsumer } from '../../packages/orderly/src/events/consumer.ts'
import type { HistoryDatabase } from '../../packages/orderly/src/history/record.ts'
import {
  createOrderly,
  defineJob,
  fixed,
  handle,
  phi,
  type Orderly,
  type OrderlyEvent,
  type OrderlyOptions,
} from '../../packages/orderly/src/index.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import { fakeClock } from '../../packages/orderly/src/testing/index.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const SECRET = 'Philomena Vexworth'

const visit = defineJob({
  name: 'visit',
  input: z.object({ patient: phi.name(), n: z.number() }),
  output: z.object({ seen: z.string() }),
  retry: { attempts: 2, backoff: fixed('1ms') },
})
const handleVisit = handle(visit, async ({ input }) => {
  if (input.n === 13) throw new Error(`no room for ${input.patient}`)
  return { seen: input.patient }
})
const print = defineJob({ name: 'print', input: z.object({}), retry: { attempts: 1 } })
const handlePrint = handle(print, async () => {
  throw new Error('out of paper')
})

let server: Awaited<ReturnType<typeof startPostgres>>
const home = mkdtempSync(join(tmpdir(), 'orderly-events-'))
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(async () => {
  await server.stop()
  rmSync(home, { recursive: true })
})

describe.each(['sqlite', 'postgres'] as const)('events (record on %s)', (store) => {
  const instances: Orderly[] = []
  afterEach(async () => {
    await Promise.all(instances.splice(0).map((orderly) => orderly.close()))
  })
  const open = async (options: Partial<OrderlyOptions> = {}): Promise<Orderly> => {
    const orderly = await createOrderly({
      home,
      log: silent,
      jobs: [visit, print],
      handlers: [handleVisit, handlePrint],
      ...(store === 'postgres' ? { databaseUrl: server.url } : {}),
      ...options,
    })
    instances.push(orderly)
    return orderly
  }
  const run = async (orderly: Orderly, numbers: readonly number[]): Promise<string[]> => {
    const jobs = await orderly.enqueueMany(
      visit,
      numbers.map((n) => ({ input: { patient: SECRET, n } })),
    )
    return jobs.map(({ id }) => id)
  }

  it('are told in the order of each job, and hold nothing of a patient', async () => {
    const orderly = await open()
    const told: OrderlyEvent[] = []
    const stop = orderly.on('*', { jobs: ['visit'] }, (event) => told.push(event))
    await orderly.start()
    const ids = await run(orderly, [1, 13])
    const typesOf = (id: string): string[] =>
      told.filter(({ job }) => job.id === id).map(({ type }) => type)
    await expect.poll(() => typesOf(ids[1]!).at(-1), { timeout: 5_000 }).toBe('job.failed')
    expect(typesOf(ids[0]!)).toEqual(['job.accepted', 'job.started', 'job.completed'])
    expect(typesOf(ids[1]!)).toEqual([
      'job.accepted',
      'job.started',
      'job.attempt-failed',
      'job.retried',
      'job.started',
      'job.attempt-failed',
      'job.failed',
    ])
    expect(told.find(({ type }) => type === 'job.failed')).toMatchObject({
      version: 1,
      job: { name: 'visit', queue: 'visit' },
      data: { code: 'ORDERLY_HANDLER_FAILED', fingerprint: expect.any(String) as string },
    })
    expect(JSON.stringify(told)).not.toMatch(/Philomena|Vexworth|\$o/)
    await stop()
    const before = told.length
    await run(orderly, [2])
    await orderly.whenIdle()
    await systemClock.sleep(400)
    expect(told.length).toBe(before)
  })

  it('reach a named consumer across restarts, once each where nothing breaks', async () => {
    const told: string[] = []
    const listen = (orderly: Orderly) =>
      orderly.on(
        'job.completed',
        { consumer: `billing-${store}`, from: 'now', jobs: ['visit'] },
        ({ job }) => told.push(job.id),
      )
    const first = await open()
    await first.start()
    listen(first)
    const name = `billing-${store}`
    await expect
      .poll(async () => (await first.events.consumers()).some((one) => one.name === name))
      .toBe(true)
    const ids = await run(first, [1, 2, 3])
    await expect.poll(() => told.length, { timeout: 5_000 }).toBe(3)
    await first.close()

    const away = await open()
    await away.start()
    ids.push(...(await run(away, [4, 5])))
    await away.whenIdle()
    await away.close()
    expect(told).toHaveLength(3)

    // Two processes ask for it; one is told at a time.
    const [second, third] = [await open(), await open()]
    await second.start()
    listen(second)
    listen(third)
    ids.push(...(await run(third, [6, 7])))
    await expect.poll(() => told.length, { timeout: 8_000 }).toBe(7)
    expect(told.toSorted()).toEqual(ids.toSorted())

    // A range is told once more, and only that.
    const cursor = (await second.events.consumers()).find((one) => one.name === name)!.cursor
    await second.events.replay(name, { after: 0, upTo: cursor })
    await expect(second.events.replay(name, { after: 0 })).rejects.toMatchObject({
      code: 'ORDERLY_INPUT_INVALID',
    })
    // All that had completed by then, from the beginning of the record: one more ran before this consumer was there.
    await expect.poll(() => new Set(told.slice(7)).size, { timeout: 5_000 }).toBe(ids.length + 2)
    await expect
      .poll(async () => (await second.events.consumers()).find((one) => one.name === name))
      .toMatchObject({ replaying: false, cursor, last: cursor })
    await expect(second.events.replay('nobody', {})).rejects.toMatchObject({
      code: 'ORDERLY_NOT_FOUND',
    })
  })

  it('are told again when a consumer fails, and left out when it never succeeds', async () => {
    const orderly = await open()
    await orderly.start()
    await run(orderly, [21, 22])
    await orderly.whenIdle()
    await roomsOf(orderly).recorder.flush()
    const { history, state } = roomsOf(orderly)
    const clock = fakeClock()
    let tries = 0
    const done: number[] = []
    let poison: string | undefined
    const consumer = runConsumer(
      { history, state, clock, log: silent, eventLog: openEventLog(history) },
      {
        name: `fragile-${store}`,
        filter: { types: ['job.completed'] },
        from: 'start',
        async handle([event]) {
          poison ??= event!.id
          tries++
          if (event!.id === poison) throw Object.assign(new Error(SECRET), { code: 'EPOISON' })
          done.push(event!.sequence)
        },
      },
    )
    const signal = new AbortController().signal
    for (let turns = 0; turns < 40; turns++) {
      await consumer.turn('me', signal)
      clock.advance(60_000)
    }
    expect(done.length).toBeGreaterThanOrEqual(1)
    expect(done).toEqual(done.toSorted((a, b) => a - b))
    expect(tries).toBe(done.length + 12)
    const row = (await orderly.events.consumers()).find(({ name }) => name === `fragile-${store}`)
    expect(row).toMatchObject({ skipped: 1, errorCode: 'EPOISON', failures: 0 })
    expect(row?.cursor).toBe(row?.last)
  })

  it('are told to all others while one consumer comes to no end', async () => {
    const orderly = await open()
    await orderly.start()
    let letGo = (): void => undefined
    const stuck = new Promise<void>((resolve) => (letGo = resolve))
    orderly.on('job.completed', { consumer: `stuck-${store}` }, () => stuck)
    const told: Record<string, string[]> = { named: [], passing: [] }
    orderly.on('job.completed', { consumer: `other-${store}` }, ({ job }) =>
      told['named']!.push(job.id),
    )
    orderly.on('job.completed', {}, ({ job }) => told['passing']!.push(job.id))
    const known = async () => (await orderly.events.consumers()).map(({ name }) => name)
    await expect.poll(known).toEqual(expect.arrayContaining([`stuck-${store}`, `other-${store}`]))
    const ids = await run(orderly, [41, 42])
    await expect.poll(() => told['named']!.toSorted()).toEqual(ids.toSorted())
    await expect.poll(() => told['passing']!.toSorted()).toEqual(ids.toSorted())
    letGo()
  })

  it('are handed on when the place they go to is back, however long it was away', async () => {
    const orderly = await open()
    await orderly.start()
    await run(orderly, [31, 32])
    await orderly.whenIdle()
    await roomsOf(orderly).recorder.flush()
    const { history, state } = roomsOf(orderly)
    const clock = fakeClock()
    const name = `patient-${store}`
    const got: string[] = []
    let isAway = true
    const consumer = runConsumer(
      { history, state, clock, log: silent, eventLog: openEventLog(history) },
      {
        name,
        filter: { types: ['job.accepted'] },
        from: 'start',
        batch: 100,
        isPatient: true,
        async handle(events) {
          if (isAway) throw new Error('away')
          got.push(...events.map(({ job }) => job.id))
        },
      },
    )
    const signal = new AbortController().signal
    const find = async () => (await orderly.events.consumers()).find((one) => one.name === name)
    for (let minute = 0; minute < 30; minute++) {
      await consumer.turn('me', signal)
      clock.advance(60_000)
    }
    expect(await find()).toMatchObject({ skipped: 0, failures: 30 })
    isAway = false
    while (await consumer.turn('me', signal)) if (got.length > 1_000) break
    const jobs = await orderly.findJobs({ name: 'visit' })
    expect(new Set(got)).toEqual(new Set(jobs.map(({ id }) => id)))
    expect(await find()).toMatchObject({ skipped: 0, failures: 0 })
  })

  it('tell code and fingerprint of a failure, whether or not its job holds PHI', async () => {
    const orderly = await open()
    const told: OrderlyEvent[] = []
    const stop = orderly.on('job.failed', { jobs: ['print'] }, (event) => told.push(event))
    await orderly.start()
    await orderly.enqueue(print, {})
    await expect.poll(() => told.length).toBe(1)
    expect(told[0]!.data).toEqual({
      code: 'ORDERLY_HANDLER_FAILED',
      fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/),
    })
    await stop()
  })
})

describe('a record on PostgreSQL', () => {
  let orderly: Orderly
  beforeAll(async () => {
    orderly = await createOrderly({
      home,
      log: silent,
      jobs: [visit],
      databaseUrl: server.url,
      publish: [{ to: 'postgres', channel: 'lab_events', types: ['job.accepted'] }],
    })
  })
  afterAll(() => orderly.close())

  it('leaves no event out that is committed after a later one', async () => {
    const { id } = await orderly.enqueue(visit, { patient: SECRET, n: 1 })
    const history: HistoryDatabase = roomsOf(orderly).history
    const [slow, fast] = [new pg.Client(server.url), new pg.Client(server.url)]
    await Promise.all([slow.connect(), fast.connect()])
    const insert = (key: string) =>
      `insert into orderly_events (job_id, key, at, type, detail) values ('${id}', '${key}', 1, 'stalled', '{}')`
    const log = openEventLog(history)
    const start = await log.last()
    const read = async (cursor: number): Promise<string[]> =>
      (await log.after(cursor, 100)).map((event) => event.id.split(':').at(-1)!)
    await slow.query('begin')
    await slow.query(insert('first'))
    await fast.query(insert('second'))
    expect(await read(start)).toEqual([])
    await slow.query('commit')
    expect(await read(start)).toEqual(['first', 'second'])
    // A number that nobody uses any more holds nothing up.
    const next = await log.last()
    await slow.query('begin')
    await slow.query(insert('undone'))
    await fast.query(insert('third'))
    expect(await read(next)).toEqual([])
    await slow.query('rollback')
    await expect.poll(() => read(next)).toEqual(['third'])
    await Promise.all([slow.end(), fast.end()])
  })

  it('notifies the programs that listen', async () => {
    const listener = new pg.Client(server.url)
    await listener.connect()
    await listener.query('listen lab_events')
    const heard: OrderlyEvent[] = []
    listener.on('notification', ({ payload }) => heard.push(JSON.parse(payload!) as OrderlyEvent))
    const { id } = await orderly.enqueue(visit, { patient: SECRET, n: 2 })
    await expect.poll(() => heard.map(({ job }) => job.id), { timeout: 5_000 }).toContain(id)
    expect(JSON.stringify(heard)).not.toContain('Vexworth')
    await listener.end()
  })
})

describe('a Redis stream', () => {
  it('gets every event in order, also those of the time it was away', async () => {
    const redisServer = await startRedis('always')
    const home = mkdtempSync(join(tmpdir(), 'orderly-events-'))
    const url = `redis://127.0.0.1:${redisServer.port}`
    const orderly = await createOrderly({
      home,
      log: silent,
      jobs: [visit],
      handlers: [handleVisit],
      publish: [{ to: 'redis', url, stream: 'lab:events', types: ['job.completed'] }],
    })
    await orderly.start()
    const visitOf = (n: number) => orderly.enqueueAndWait(visit, { patient: SECRET, n })
    const redis = new Redis(url)
    redis.on('error', () => undefined)
    const published = async (): Promise<string[]> =>
      (await redis.xrange('lab:events', '-', '+')).map(
        ([, fields]) => (JSON.parse(fields[5]!) as OrderlyEvent).job.id,
      )
    await visitOf(1)
    await expect.poll(published, { timeout: 15_000 }).toHaveLength(1)
    await redisServer.kill()
    await visitOf(2)
    await visitOf(3)
    const failures = async () => (await orderly.events.consumers())[0]?.failures
    await expect.poll(failures, { timeout: 15_000 }).toBeGreaterThan(0)
    await redisServer.start()
    await expect.poll(published, { timeout: 25_000 }).toHaveLength(3)
    // Ids begin with the time.
    const jobs = await orderly.findJobs({ name: 'visit' })
    expect(await published()).toEqual(jobs.map(({ id }) => id).toSorted())
    redis.disconnect()
    await orderly.close()
    await redisServer.stop()
    rmSync(home, { recursive: true })
  })

  it('is refused where there is no PostgreSQL to notify through', async () => {
    const home = mkdtempSync(join(tmpdir(), 'orderly-events-'))
    await expect(
      createOrderly({ home, log: silent, publish: [{ to: 'postgres' }] }),
    ).rejects.toMatchObject({ code: 'ORDERLY_SETTING_INVALID' })
    rmSync(home, { recursive: true })
  })
})
