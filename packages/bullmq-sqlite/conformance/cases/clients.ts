/** Owns the cases about who is connected, and about ending the connection. */
import { expect } from 'vitest'
import type { Check } from '../bench.ts'
import * as m from '../moves.ts'

export function clientCases(check: Check): void {
  check('lists a worker', async (bench) => {
    const worker = bench.worker(async () => undefined)
    await worker.waitUntilReady()
    expect(await bench.queue().getWorkersCount()).toBe(1)
  })

  check('says that a worker is ready to those who listen a moment later, too', async (bench) => {
    const worker = bench.worker(async () => undefined, { autorun: false })
    for (let turns = 0; turns < 5; turns++) await Promise.resolve()
    await new Promise<void>((resolve) => worker.once('ready', resolve))
  })

  check('lists a worker by its name', async (bench) => {
    const worker = bench.worker(async () => undefined, { name: 'ann' })
    await worker.waitUntilReady()
    const [found] = await bench.queue().getWorkers()
    expect(found?.['rawname']).toMatch(/:w:ann$/)
  })

  check('does not list a queue among the workers', async (bench) => {
    const queue = bench.queue()
    await queue.add('job', {})
    expect(await queue.getWorkers()).toEqual([])
  })

  check('forgets a worker that was closed', async (bench) => {
    const worker = bench.worker(async () => undefined)
    await worker.waitUntilReady()
    await worker.close()
    const queue = bench.queue()
    await m.until(async () => (await queue.getWorkersCount()) === 0)
  })

  check('lists listeners apart from workers', async (bench) => {
    await bench.events()
    const queue = bench.queue()
    await m.until(async () => (await queue.getQueueEvents()).length === 1)
    expect(await queue.getWorkersCount()).toBe(0)
  })

  check('keeps the workers of queues apart', async (bench) => {
    await bench.worker(async () => undefined, {}, bench.named('b')).waitUntilReady()
    expect(await bench.queue().getWorkersCount()).toBe(0)
  })

  check('gives the raw list as texts', async (bench) => {
    const backend = await bench.backend()
    const lists = await backend.getClientList()
    expect(lists.map((list: unknown) => typeof list)).toEqual(lists.map(() => 'string'))
  })

  check('takes another name', async (bench) => {
    const backend = await bench.backend({}, undefined, { blocking: true })
    await backend.setName(backend.clientName(':qe'))
    await m.until(async () => (await bench.queue().getQueueEvents()).length === 1)
  })

  check('makes client names that begin alike for one queue', async (bench) => {
    const backend = await bench.backend()
    expect(backend.clientName(':x')).toBe(`${backend.clientName()}:x`)
    expect(backend.clientName()).not.toBe((await bench.backend({}, 'other')).clientName())
  })

  check('ends what it has when it closes, and can be closed twice', async (bench) => {
    const backend = await bench.backend()
    expect(backend.closing).toBeUndefined()
    const closing = backend.close()
    expect(backend.closing).toBeDefined()
    await closing
    await backend.close()
  })

  check('lets the others go on when one closes', async (bench) => {
    const [one, two] = [await bench.backend(), await bench.backend()]
    await one.close()
    expect(await m.add(two)).toBe('1')
  })

  check('can be cut off', async (bench) => {
    const backend = await bench.backend()
    await backend.disconnect()
    const after = await bench.backend()
    expect(await m.add(after)).toBe('1')
  })

  check('tells when it is ready', async (bench) => {
    const opts = { connection: bench.store.connection }
    const backend = bench.store.factory(bench.name, opts, {})
    let ready = false
    backend.once('ready', () => (ready = true))
    await backend.waitUntilReady()
    await m.until(() => ready)
    await backend.close()
  })

  check('forgets listeners that were taken off', async (bench) => {
    const opts = { connection: bench.store.connection }
    const backend = bench.store.factory(bench.name, opts, {})
    let told = 0
    const listener = (): number => ++told
    backend.on('ready', listener)
    backend.removeListener('ready', listener)
    await backend.waitUntilReady()
    await backend.close()
    expect(told).toBe(0)
  })
}
