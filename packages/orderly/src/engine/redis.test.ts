import { Redis } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
import {
  makeRedis,
  startRedis,
  type RedisServer,
} from '../../../bullmq-sqlite/conformance/servers.ts'
import { openLab, until, type Lab } from '../testing/outage-lab.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function redis(...given: Parameters<typeof startRedis>): Promise<RedisServer> {
  const server = await startRedis(...given)
  closers.push(() => server.stop())
  return server
}

async function lab(...given: Parameters<typeof openLab>): Promise<Lab> {
  const opened = await openLab(...given)
  closers.push(() => opened.close())
  return opened
}

function client(server: RedisServer): Redis {
  const made = new Redis(server.url)
  closers.push(async () => made.disconnect())
  made.on('error', () => undefined)
  return made
}

/** Nothing lost, nothing completed twice. */
async function expectEachOnce({ record, accepted }: Lab): Promise<void> {
  const jobs = await record()
  const wrong = accepted.filter((id) => {
    const job = jobs.get(id)
    return job?.state !== 'completed' || job.completions > 1
  })
  expect(wrong).toEqual([])
}

const said = (opened: Lab, text: string | RegExp): boolean =>
  opened.log.some((line) => line.text.match(text) !== null)

describe('a Redis that is there', () => {
  it('is said to be connected, and runs jobs', async () => {
    const server = await redis('everysec')
    const opened = await lab(server.url)
    expect(said(opened, 'Redis connected - background job workers will start')).toBe(true)
    await opened.add(20)
    await opened.settled()
    await expectEachOnce(opened)
    expect(new Set([...(await opened.record()).values()].map(({ engine }) => engine))).toEqual(
      new Set(['main']),
    )
    expect(opened.orderly.status()).toMatchObject({ mode: 'normal', reason: '' })
  })
})

describe('a Redis that is away', () => {
  it('keeps nobody from starting: jobs run on the embedded engine, and on Redis once it comes', async () => {
    const server = await makeRedis('everysec')
    closers.push(() => server.stop())
    const opened = await lab(server.url)
    expect(said(opened, 'Redis not available')).toBe(true)
    expect(opened.orderly.status().mode).toBe('degraded')
    await opened.add(10)
    await opened.settled()
    expect([...(await opened.record()).values()].every(({ engine }) => engine === 'embedded')).toBe(
      true,
    )
    await server.start()
    await until(() => opened.orderly.status().mode === 'normal')
    const [id] = await opened.add(1)
    await opened.settled()
    expect((await opened.record()).get(id!)!.engine).toBe('main')
    await expectEachOnce(opened)
  })

  it('killed and started again in mid-run, loses no job and completes none twice', async () => {
    const server = await redis('always')
    const opened = await lab(server.url)
    opened.pace = 2
    await opened.add(50)
    await server.kill()
    const before = opened.waits.length
    await opened.add(200)
    const waits = opened.waits.slice(before).toSorted((a, b) => a - b)
    expect(waits[Math.floor(waits.length * 0.99) - 1]).toBeLessThan(50)
    await until(() => opened.orderly.status().mode === 'degraded')
    await server.start()
    await until(() => opened.orderly.status().mode === 'normal')
    await opened.add(50)
    await opened.settled()
    await expectEachOnce(opened)
  })
})

describe('a Redis that loses what it holds', () => {
  it('gets every job back from the record after FLUSHALL', async () => {
    const server = await redis('everysec')
    const opened = await lab(server.url, {}, false)
    await until(() => opened.orderly.status().mode === 'normal')
    await opened.add(30)
    const direct = client(server)
    await until(async () => (await direct.keys('orderly:alive:*')).length > 0)
    await direct.flushall()
    await opened.orderly.start()
    await opened.settled()
    await expectEachOnce(opened)
    expect(said(opened, 'Redis has lost what it held')).toBe(true)
  })
})
