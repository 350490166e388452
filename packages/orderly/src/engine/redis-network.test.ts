import { Redis } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
import { startRedis, type RedisServer } from '../../../bullmq-sqlite/conformance/servers.ts'
import { openFlakyProxy, type FlakyProxy } from '../testing/flaky-proxy.ts'
import { openLab, until, type Lab } from '../testing/outage-lab.ts'
import { systemClock } from '../primitives/clock.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function behindProxy(): Promise<{ opened: Lab; proxy: FlakyProxy; server: RedisServer }> {
  const server = await startRedis('everysec')
  closers.push(() => server.stop())
  const proxy = await openFlakyProxy(server.port)
  closers.push(() => proxy.close())
  const opened = await openLab(`redis://127.0.0.1:${proxy.port}`)
  closers.push(() => opened.close())
  return { opened, proxy, server }
}

async function expectEachOnce({ record, accepted, settled }: Lab): Promise<void> {
  await settled()
  const jobs = await record()
  expect(accepted.filter((id) => jobs.get(id)!.completions > 1)).toEqual([])
}

describe('between us and Redis', () => {
  it('connections reset at any moment lose no job and complete none twice', async () => {
    const { opened, proxy } = await behindProxy()
    opened.pace = 1
    for (let n = 0; n < 60; n++) {
      await Promise.all([opened.add(4), systemClock.sleep(n % 7).then(() => proxy.cut())])
    }
    await expectEachOnce(opened)
  })

  it('an answer that is lost after its add was done makes no second job', async () => {
    const { opened, proxy } = await behindProxy()
    await opened.add(1)
    const lost = proxy.loseNextReply((sent) => /EVAL/i.test(sent) && sent.includes('$32'))
    await opened.add(5)
    await lost
    await opened.add(5)
    await expectEachOnce(opened)
    expect(new Set(opened.runs).size).toBe(opened.accepted.length)
  })

  it('a slow line makes it slower and nothing else', async () => {
    const { opened, proxy } = await behindProxy()
    proxy.delay = 2
    proxy.slice = 64
    await opened.add(10)
    await expectEachOnce(opened)
  })

  it('a line that falls silent sends the jobs to the embedded engine until it speaks', async () => {
    const { opened, proxy } = await behindProxy()
    await opened.add(5)
    await opened.settled()
    proxy.mode = 'silent'
    await until(() => opened.orderly.status().mode === 'degraded')
    await opened.add(5)
    await opened.settled()
    proxy.mode = 'pass'
    proxy.cut()
    await until(() => opened.orderly.status().mode === 'normal')
    await opened.add(5)
    await expectEachOnce(opened)
  })

  it('a half-open connection is noticed', async () => {
    const { opened, proxy } = await behindProxy()
    await opened.add(2)
    proxy.halfOpen()
    await opened.add(20)
    await expectEachOnce(opened)
    await until(() => opened.orderly.status().mode === 'normal')
  }, 120_000)

  it('a failover takes the jobs that the new primary never got from the record', async () => {
    const { opened, proxy, server } = await behindProxy()
    const heir = await startRedis('everysec')
    closers.push(() => heir.stop())
    await opened.add(20)
    // The old primary becomes a replica: it answers READONLY to whoever is still connected.
    const old = new Redis(server.url)
    closers.push(async () => old.disconnect())
    await old.replicaof('127.0.0.1', heir.port)
    await opened.add(10)
    proxy.target = heir.port
    proxy.cut()
    await until(() => opened.orderly.status().mode === 'normal')
    await opened.add(10)
    await expectEachOnce(opened)
  })

  it('nothing keeps an instance from closing while Redis is away', async () => {
    const { opened, server } = await behindProxy()
    await opened.add(5)
    await opened.settled()
    await server.kill()
    await until(() => opened.orderly.status().mode === 'degraded')
    await opened.orderly.close()
  })

  it('a server that takes connections and says nothing keeps nobody from starting', async () => {
    const proxy = await openFlakyProxy(1)
    closers.push(() => proxy.close())
    proxy.mode = 'silent'
    const opened = await openLab(`redis://127.0.0.1:${proxy.port}`)
    closers.push(() => opened.close())
    expect(opened.orderly.status().mode).toBe('degraded')
    await opened.add(5)
    await expectEachOnce(opened)
  })
})
