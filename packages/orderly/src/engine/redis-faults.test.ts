import { Redis } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
import {
  startRedis,
  type RedisServer,
  type RunningServer,
} from '../../../bullmq-sqlite/conformance/servers.ts'
import { defineQueue, serve } from '../index.ts'
import { systemClock } from '../primitives/clock.ts'
import { newId } from '../primitives/ids.ts'
import { openFlakyProxy, type FlakyProxy } from '../testing/flaky-proxy.ts'
import { memoryVault } from '../testing/memory-vault.ts'
import { openLab, until, work, type Lab } from '../testing/outage-lab.ts'
import { openEngine, type Engine } from './open.ts'
import { redisStore, verdict } from './redis.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function redis(...extra: string[]): Promise<RedisServer> {
  const server = await startRedis('everysec', extra)
  closers.push(() => server.stop())
  return server
}

async function proxyTo(server: RunningServer): Promise<FlakyProxy> {
  const proxy = await openFlakyProxy(server.port)
  closers.push(() => proxy.close())
  return proxy
}

async function labAt(
  port: number,
  ...given: [Parameters<typeof openLab>[1]?, boolean?]
): Promise<Lab> {
  const opened = await openLab(`redis://127.0.0.1:${port}`, ...given)
  closers.push(() => opened.close())
  return opened
}

async function expectEachOnce({ record, accepted, settled }: Lab): Promise<void> {
  await settled()
  const jobs = await record()
  expect(accepted.filter((id) => jobs.get(id)!.completions > 1)).toEqual([])
}

const CUTS = Number(process.env['CUTS'] ?? 100)

/** Numbers from 0 to 1, the same in every run. */
function dice(seed: number): () => number {
  let state = seed
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}

const CLAIM = (sent: string): boolean =>
  /bzpopmin/i.test(sent) || (sent.includes(':stalled') && sent.includes(':limiter'))

describe('a worker that hears nothing', () => {
  it('is replaced while its server answers everybody else, and the instance is not ready meanwhile', async () => {
    const proxy = await proxyTo(await redis())
    const opened = await labAt(proxy.port)
    const server = await serve(opened.orderly, { port: 0 })
    closers.push(() => server.close())
    const ready = async (): Promise<[number, unknown]> => {
      const response = await fetch(`${server.url}/ready`)
      return [response.status, ((await response.json()) as { status: string }).status]
    }
    await opened.add(2)
    await opened.settled()
    expect(await ready()).toEqual([200, 'ready'])
    proxy.deaf = CLAIM
    // Each new connection claims one of them, and hears nothing of it.
    await opened.add(20)
    await until(async () => (await ready())[0] === 503)
    expect(await ready()).toEqual([503, 'not-ready'])
    expect(opened.orderly.status()).toMatchObject({ mode: 'normal', workersReady: false })
    proxy.deaf = undefined
    proxy.cut()
    await expectEachOnce(opened)
    await until(async () => (await ready())[0] === 200)
    expect(opened.log.map(({ text }) => text).join()).toContain('it is replaced')
  }, 150_000)
})

describe('a line that is cut', () => {
  it('again and again, at any byte, loses no job and completes none twice', async () => {
    const proxy = await proxyTo(await redis())
    const chance = dice(20_260_401)
    proxy.cutAfter = () => 1 + Math.floor(chance() ** 2 * 15_000)
    const opened = await labAt(proxy.port)
    while (proxy.cuts < CUTS) {
      await opened.add(2)
      await systemClock.sleep(5)
    }
    proxy.cutAfter = undefined
    proxy.cut()
    await expectEachOnce(opened)
    expect(opened.accepted.length).toBeGreaterThan(CUTS)
  }, 240_000)

  it('before the answer that a job is finished does not run it again', async () => {
    const proxy = await proxyTo(await redis())
    const opened = await labAt(proxy.port)
    await opened.add(1)
    await opened.settled()
    const lost = proxy.loseNextReply((sent) => sent.includes('returnvalue'))
    await opened.add(5)
    await lost
    await expectEachOnce(opened)
    expect(opened.runs.toSorted()).toEqual(opened.accepted.toSorted())
  }, 90_000)
})

describe('a cancellation whose answer is lost', () => {
  it('is asked for again, and the job never runs', async () => {
    const proxy = await proxyTo(await redis())
    const opened = await labAt(proxy.port)
    const { id } = await opened.orderly.enqueue(work, { n: 1 }, { delay: '1h' })
    const lost = proxy.loseNextReply((sent) => sent.includes(id))
    const cancelled = opened.orderly.cancel(id, { wait: 20_000 })
    await lost
    expect(await cancelled).toBe('cancelled')
    expect(opened.runs).toEqual([])
  })
})

describe('a limit that a store does not take', () => {
  it('keeps nobody from starting or working, and is in force once it does', async () => {
    const server = await redis()
    const proxy = await proxyTo(server)
    const queues = [defineQueue({ name: 'work', globalConcurrency: 3 })]
    const opened = await labAt(proxy.port, { queues }, false)
    const lost = proxy.loseNextReply((sent) => sent.includes('concurrency'))
    const direct = new Redis(server.url)
    closers.push(async () => direct.disconnect())
    await opened.orderly.start()
    await lost
    // The line went with the answer; what was asked may have been done.
    await direct.hdel('bull:work:meta', 'concurrency')
    await opened.add(5)
    await expectEachOnce(opened)
    await until(async () => (await direct.hget('bull:work:meta', 'concurrency')) === '3')
  })
})

describe('an answer that is lost', () => {
  async function engineAt(port: number): Promise<Engine> {
    const store = redisStore(`redis://127.0.0.1:${port}`, {
      clock: systemClock,
      allowVolatile: false,
      warn: () => undefined,
    })
    await store.prepare()
    const engine = openEngine(
      store,
      {
        seal: {
          vault: memoryVault(),
          suiteOf: () => 'encrypted',
          newId: () => newId(systemClock.now()),
          onRefused: () => undefined,
        },
        record: {
          clock: systemClock,
          record: async () => undefined,
          note: () => undefined,
          mayBeDoneLater: () => false,
        },
      },
      () => undefined,
    )
    closers.push(() => engine.close())
    return engine
  }

  /** Loses the answer to what `act` asks for, waits until the line is back, and asks again. */
  async function askTwice(proxy: FlakyProxy, act: () => Promise<unknown>, engine: Engine) {
    const lost = proxy.loseNextReply((sent) => /eval/i.test(sent))
    await expect(act()).rejects.toMatchObject({
      code: 'ORDERLY_ENGINE_UNAVAILABLE',
      message: expect.stringMatching(/closed|max retries|writeable/i),
    })
    await lost
    await until(() =>
      engine
        .raw('q')
        .openCount()
        .then(
          () => true,
          () => false,
        ),
    )
    return act().then(
      (value) => ({ value }),
      (error: Error) => ({ error: error.message }),
    )
  }

  it('after a promotion leaves the job waiting once', async () => {
    const proxy = await proxyTo(await redis())
    const engine = await engineAt(proxy.port)
    const job = await engine.queue('q').add('job', {}, { delay: 3_600_000 })
    const again = await askTwice(proxy, () => job.promote(), engine)
    expect(again).toEqual({ error: expect.stringContaining('is not in the delayed state') })
    expect(await engine.queue('q').getJobCounts('waiting', 'delayed')).toEqual({
      waiting: 1,
      delayed: 0,
    })
  })

  it('after a removal leaves nothing, and nothing is to be removed again', async () => {
    const proxy = await proxyTo(await redis())
    const engine = await engineAt(proxy.port)
    const job = await engine.queue('q').add('job', {})
    await engine.queue('q').add('job', {})
    expect(await askTwice(proxy, () => engine.queue('q').remove(job.id!), engine)).toEqual({
      value: 1,
    })
    expect(await engine.queue('q').getWaitingCount()).toBe(1)
  })

  it('is said to be so in one way, whatever was asked, and that it may have been done', async () => {
    const proxy = await proxyTo(await redis())
    const engine = await engineAt(proxy.port)
    const queue = engine.queue('q')
    const raw = engine.raw('q')
    const job = await queue.add('job', {}, { delay: 3_600_000 })
    await raw.openCount()
    proxy.mode = 'silent'
    const asked: Promise<unknown>[] = [
      raw.state(job.id!),
      raw.remove(job.id!),
      raw.waitingCount(),
      queue.getJob(job.id!),
      queue.getJobs(['delayed']),
      queue.getJobCounts('delayed'),
      queue.getJobLogs(job.id!),
      queue.getRateLimitTtl(1),
      queue.isPaused(),
      queue.pause(),
      queue.drain(true),
      queue.clean(0, 10, 'completed'),
      job.promote(),
      engine.dropEvents('q', 1),
    ]
    for (const error of await Promise.all(
      asked.map((one) => one.catch((thrown: unknown) => thrown)),
    )) {
      expect(error).toMatchObject({ code: 'ORDERLY_ENGINE_UNAVAILABLE' })
      expect(verdict(error)).toBe('unknown')
    }
  })

  it('after an add with an id of its own leaves one job, however often it is asked for', async () => {
    const proxy = await proxyTo(await redis())
    const engine = await engineAt(proxy.port)
    await engine.queue('q').add('warm-up', {})
    await askTwice(proxy, () => engine.queue('q').add('job', {}, { jobId: 'mine' }), engine)
    expect(await engine.queue('q').getWaitingCount()).toBe(2)
  })
})

describe('a bad line', () => {
  it.each<[string, Partial<FlakyProxy>]>([
    ['that hands on one byte at a time', { slice: 1 }],
    ['of two kilobytes a second', { slice: 20, delay: 10 }],
    [
      'that takes from 100 to 900 ms for an answer',
      {
        delay: (() => {
          const chance = dice(7)
          return () => 100 + Math.floor(chance() * 800)
        })(),
      },
    ],
  ])(
    '%s makes it slower and nothing else',
    async (_what, line) => {
      const proxy = await proxyTo(await redis())
      const opened = await labAt(proxy.port)
      Object.assign(proxy, line)
      await opened.add(10)
      await systemClock.sleep(3_000)
      await opened.add(10)
      Object.assign(proxy, { slice: Infinity, delay: 0 })
      proxy.cut()
      await expectEachOnce(opened)
    },
    120_000,
  )
})

describe('a Redis with too few connections', () => {
  it('keeps nobody from starting, is used once there is room, and gets them all back', async () => {
    const server = await redis('--maxclients', '12')
    const connect = (): Redis => {
      const client = new Redis(server.url, { retryStrategy: () => null })
      return client.on('error', () => undefined)
    }
    const first = connect()
    const count = async (): Promise<number> =>
      ((await first.client('LIST')) as string).trim().split('\n').length
    // Whoever looked whether the server had started is gone.
    await until(async () => (await count()) === 1)
    const others = Array.from({ length: 11 }, connect)
    await Promise.all(others.map((other) => other.ping()))
    const opened = await openLab(server.url)
    expect(opened.orderly.status().mode).toBe('degraded')
    await opened.add(5)
    await expectEachOnce(opened)
    for (const other of others) other.disconnect()
    await until(() => opened.orderly.status().mode === 'normal')
    await opened.add(5)
    await expectEachOnce(opened)
    await opened.close()
    await until(async () => (await count()) === 1)
    first.disconnect()
  }, 60_000)
})
