import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import {
  makeRedis,
  startRedis,
  type RedisServer,
} from '../../../bullmq-sqlite/conformance/servers.ts'
import { defineJob, phi } from '../index.ts'
import { systemClock } from '../primitives/clock.ts'
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

describe('a Redis that another installation uses', () => {
  it('is refused in production, and told of elsewhere, unless the keyring is the same', async () => {
    const server = await redis('everysec')
    const first = await lab(server.url)
    const another = /belongs to an installation with another keyring; copy that keyring here/
    expect(said(first, another)).toBe(false)
    expect(said(await lab(server.url), another)).toBe(true)
    const keyringFile = join(first.home, 'keyring.json')
    vi.stubEnv('NODE_ENV', 'production')
    closers.push(async () => vi.unstubAllEnvs())
    await expect(lab(server.url)).rejects.toMatchObject({
      code: 'ORDERLY_STORE_UNSAFE',
      message: expect.stringMatching(another),
    })
    expect(said(await lab(server.url, { keyringFile }), another)).toBe(false)
    expect(said(await lab(`${server.url}/1`), another)).toBe(false)
  })
})

describe('a Redis that is away', () => {
  it('is no Redis that refuses: that stops the start, with what it said and not with the password', async () => {
    const server = await redis('everysec', ['--requirepass', 'right'])
    const at = `127.0.0.1:${server.port}`
    for (const [url, said] of [
      [`redis://:mistaken@${at}`, /WRONGPASS/],
      [`redis://${at}`, /NOAUTH/],
      [`redis://:right@${at}/99`, /DB index is out of range/],
    ] as const) {
      const refused = await lab(url).catch((error: Error) => error.message)
      expect(refused).toMatch(said)
      expect(refused).toContain('correct user, password or number')
      expect(refused).not.toContain('mistaken')
    }
  })

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
    // Accepted and worked on while it is dead.
    const meanwhile = await opened.add(200)
    await until(() => meanwhile.some((id) => opened.runs.includes(id)))
    await until(() => opened.orderly.status().mode === 'degraded')
    await server.start()
    await until(() => opened.orderly.status().mode === 'normal')
    await opened.add(50)
    await opened.settled()
    await expectEachOnce(opened)
  })
})

describe('a Redis that goes away', () => {
  const complaints = ({ log }: Lab): unknown[] => log.filter(({ level }) => level === 'error')

  it('is complained of once, however long it is away and whoever asks for it', async () => {
    const server = await redis('everysec')
    const opened = await lab(server.url)
    await opened.add(5)
    await opened.settled()
    await server.kill()
    await until(() => opened.orderly.status().mode === 'degraded')
    const before = complaints(opened).length
    expect(before).toBeLessThanOrEqual(1)
    await opened.add(20)
    await opened.settled()
    // Its connections are tried again at least once a second.
    await systemClock.sleep(3_000)
    expect(complaints(opened)).toHaveLength(before)
    expect(said(opened, 'Redis is not available')).toBe(true)
  })

  it('and was never there is no error at all', async () => {
    const server = await makeRedis('everysec')
    closers.push(() => server.stop())
    const opened = await lab(server.url)
    await opened.add(5)
    await opened.settled()
    expect(complaints(opened)).toEqual([])
  })
})

describe('a Redis that would lose jobs', () => {
  it.each([
    ['keeps nothing on disk', 'none', []],
    ['evicts', 'everysec', ['--maxmemory', '50mb', '--maxmemory-policy', 'volatile-lru']],
  ] as const)(
    'is refused when it %s, unless that is allowed',
    async (_what, persistence, extra) => {
      const server = await redis(persistence, extra)
      await expect(openLab(server.url)).rejects.toMatchObject({ code: 'ORDERLY_STORE_UNSAFE' })
      const opened = await lab(server.url, { allowVolatile: true })
      await opened.add(3)
      await opened.settled()
      expect(said(opened, 'used all the same')).toBe(true)
    },
  )

  it('is refused when it is a cluster, whatever is allowed', async () => {
    const bus = createServer().listen(0, '127.0.0.1')
    await once(bus, 'listening')
    const { port } = bus.address() as AddressInfo
    bus.close()
    const server = await redis('everysec', [
      '--cluster-enabled',
      'yes',
      '--cluster-port',
      `${port}`,
    ])
    await expect(openLab(server.url, { allowVolatile: true })).rejects.toMatchObject({
      code: 'ORDERLY_STORE_UNSAFE',
      message: expect.stringContaining('is a cluster'),
    })
  })

  it('is refused by those who hold PHI when others can read along', async () => {
    const chart = defineJob({ name: 'chart', input: z.object({ name: phi.text() }) })
    const opening = openLab('redis://:hidden@redis.example:6379', { jobs: [chart], handlers: [] })
    await expect(opening).rejects.toMatchObject({ code: 'ORDERLY_STORE_UNSAFE' })
    await expect(opening).rejects.not.toThrow(/hidden/)
  })
})

describe('a Redis that is full', () => {
  it('gets no more jobs, finishes those it has, and gets more when there is room', async () => {
    const server = await redis('everysec', ['--maxmemory', '12mb'])
    const opened = await lab(server.url)
    opened.pace = 5
    await opened.add(50)
    const direct = client(server)
    for (let n = 0; opened.orderly.status().mode === 'normal'; n++) {
      await direct.set(`ballast:${n}`, 'x'.repeat(200_000)).catch(() => undefined)
      await opened.add(1)
    }
    const [spilled] = await opened.add(1)
    expect((await opened.record()).get(spilled!)!.engine).toBe('embedded')
    await opened.settled()
    for (const key of await direct.keys('ballast:*')) await direct.del(key)
    await until(() => opened.orderly.status().mode === 'normal')
    const [back] = await opened.add(1)
    await opened.settled()
    expect((await opened.record()).get(back!)!.engine).toBe('main')
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
