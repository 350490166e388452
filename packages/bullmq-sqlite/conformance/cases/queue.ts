/** Owns the cases about the queue as a whole: limits, pausing, settings. */
import { expect } from 'vitest'
import type { Check } from '../bench.ts'
import * as m from '../moves.ts'

const HOUR = 3_600_000

export function limiterCases(check: Check): void {
  const limiter = { max: 2, duration: HOUR }

  check('starts as many jobs as the window allows', async (bench) => {
    const backend = await bench.backend({ limiter })
    await m.addMany(backend, 3)
    expect([await m.claim(backend), await m.claim(backend)]).toEqual(['1', '2'])
    expect(await m.claim(backend)).toBeUndefined()
  })

  check('says how long the window lasts', async (bench) => {
    const backend = await bench.backend({ limiter })
    await m.addMany(backend, 3)
    await m.claim(backend)
    await m.claim(backend)
    const [job, , limited] = await backend.moveToActive(m.TOKEN)
    expect(job ?? null).toBeNull()
    expect(limited).toBeGreaterThan(HOUR - 10_000)
    expect(limited).toBeLessThanOrEqual(HOUR)
  })

  check('says how long the window lasts as it fetches', async (bench) => {
    const backend = await bench.backend({ limiter: { max: 1, duration: HOUR } })
    await m.addMany(backend, 2)
    const id = (await m.claim(backend)) ?? ''
    const [job, , limited] = await m.complete(backend, id, { fetch: true })
    expect(job ?? null).toBeNull()
    expect(limited).toBeGreaterThan(HOUR - 10_000)
  })

  check('starts jobs again in the next window', async (bench) => {
    const backend = await bench.backend({ limiter: { max: 1, duration: 20 } })
    await m.addMany(backend, 2)
    await m.claim(backend)
    await m.pass(25)
    expect(await m.claim(backend)).toBe('2')
  })

  check('has the limit of the queue win over that of the worker', async (bench) => {
    const backend = await bench.backend({ limiter: { max: 5, duration: HOUR } })
    await backend.setQueueMeta({ max: 1, duration: HOUR })
    await m.addMany(backend, 2)
    expect(await m.claim(backend)).toBe('1')
    expect(await m.claim(backend)).toBeUndefined()
  })

  check('has the window of the worker win over that of the queue', async (bench) => {
    const backend = await bench.backend({ limiter: { max: 5, duration: 20 } })
    await backend.setQueueMeta({ max: 1, duration: HOUR })
    await m.addMany(backend, 2)
    await m.claim(backend)
    await m.pass(25)
    expect(await m.claim(backend)).toBe('2')
  })

  check('holds to the limit of the queue alone', async (bench) => {
    const backend = await bench.backend()
    await backend.setQueueMeta({ max: 1, duration: HOUR })
    await m.addMany(backend, 2)
    expect(await m.claim(backend)).toBe('1')
    expect(await m.claim(backend)).toBeUndefined()
  })

  check('with a number but no window holds nobody back', async (bench) => {
    const backend = await bench.backend()
    await backend.setQueueMeta({ max: 1 })
    await m.addMany(backend, 2)
    expect([await m.claim(backend), await m.claim(backend)]).toEqual(['1', '2'])
  })

  check('stops a limited worker when told so by hand', async (bench) => {
    const backend = await bench.backend({ limiter })
    await backend.setRateLimit(HOUR)
    await m.add(backend)
    expect(await m.claim(backend)).toBeUndefined()
  })

  check('does not stop a worker without a limit when told so by hand', async (bench) => {
    const backend = await bench.backend()
    await backend.setRateLimit(HOUR)
    await m.add(backend)
    expect(await m.claim(backend)).toBe('1')
  })

  check('is lifted', async (bench) => {
    const backend = await bench.backend({ limiter })
    await backend.setRateLimit(HOUR)
    expect(await backend.removeRateLimitKey()).toBe(1)
    await m.add(backend)
    expect(await m.claim(backend)).toBe('1')
  })

  check('cannot be lifted when there is none', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.removeRateLimitKey()).toBe(0)
  })

  check('tells the time that is left', async (bench) => {
    const backend = await bench.backend()
    await backend.setRateLimit(HOUR)
    const left = await backend.getRateLimitTtl()
    expect(left).toBeGreaterThan(HOUR - 10_000)
    expect(left).toBeLessThanOrEqual(HOUR)
  })

  check('tells that no time is left without a limit', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.getRateLimitTtl()).toBe(-2)
  })

  check('tells the time that is left once a number was used up', async (bench) => {
    const backend = await bench.backend({ limiter })
    await m.addMany(backend, 2)
    await m.claim(backend)
    expect(await backend.getRateLimitTtl(2)).toBe(0)
    await m.claim(backend)
    expect(await backend.getRateLimitTtl(2)).toBeGreaterThan(HOUR - 10_000)
  })

  check('is set and lifted through Queue', async (bench) => {
    const queue = bench.queue()
    await queue.rateLimit(HOUR)
    expect(await queue.getRateLimitTtl()).toBeGreaterThan(HOUR - 10_000)
    await queue.removeRateLimitKey()
    expect(await queue.getRateLimitTtl()).toBeLessThanOrEqual(0)
  })
}

export function pauseCases(check: Check): void {
  check('keeps jobs where they wait', async (bench) => {
    const backend = await bench.backend()
    const id = await m.add(backend)
    await backend.pause(true)
    expect(await backend.getState(id)).toBe('waiting')
    expect(await m.countOf(backend, 'wait')).toBe(1)
  })

  check('takes new jobs', async (bench) => {
    const backend = await bench.backend()
    await backend.pause(true)
    const id = await m.add(backend)
    await backend.pause(false)
    expect(await m.claim(backend)).toBe(id)
  })

  for (const [paused, event] of [
    [true, 'paused'],
    [false, 'resumed'],
  ] as const) {
    check(`tells listeners that the queue is ${event}`, async (bench) => {
      const backend = await bench.backend()
      await backend.pause(paused)
      expect(await m.eventNames(backend)).toEqual([event])
    })
  }

  check('is a setting of the queue', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.hasQueueMetaField('paused')).toBe(false)
    await backend.pause(true)
    expect(await backend.hasQueueMetaField('paused')).toBe(true)
    await backend.pause(false)
    expect(await backend.hasQueueMetaField('paused')).toBe(false)
  })

  check('can be asked for twice', async (bench) => {
    const backend = await bench.backend()
    await backend.pause(true)
    await backend.pause(true)
    await backend.pause(false)
    await m.add(backend)
    expect(await m.claim(backend)).toBe('1')
  })

  check('lets running jobs end', async (bench) => {
    const backend = await bench.backend()
    const id = await m.running(backend)
    await backend.pause(true)
    await m.complete(backend, id)
    expect(await backend.getState(id)).toBe('completed')
  })

  check('holds prioritized jobs as well', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend, { priority: 1 })
    await backend.pause(true)
    expect(await m.claim(backend)).toBeUndefined()
  })

  check('wakes workers when it ends', async (bench) => {
    const backend = await bench.backend({}, undefined, { withBlockingConnection: true })
    await backend.pause(true)
    await m.add(backend)
    const waiting = backend.waitForJob(5)
    await backend.pause(false)
    expect(await waiting).not.toBeNull()
  })

  check('is told through Queue', async (bench) => {
    const queue = bench.queue()
    await queue.pause()
    expect(await queue.isPaused()).toBe(true)
    await queue.resume()
    expect(await queue.isPaused()).toBe(false)
  })
}

export function metaCases(check: Check): void {
  check('keeps what is set, as text', async (bench) => {
    const backend = await bench.backend()
    await backend.setQueueMeta({ concurrency: 3, max: 5 })
    expect(await backend.getQueueMetaField('concurrency')).toBe('3')
  })

  check('tells how many fields are new', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.setQueueMeta({ concurrency: 3, max: 5 })).toBe(2)
    expect(await backend.setQueueMeta({ concurrency: 4 })).toBe(0)
    expect(await backend.setQueueMeta({ concurrency: 4, duration: 1 })).toBe(1)
  })

  check('has nothing for a field that was never set', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.getQueueMetaField('concurrency')).toBeNull()
    expect(await backend.hasQueueMetaField('concurrency')).toBe(false)
  })

  check('reads several fields in order', async (bench) => {
    const backend = await bench.backend()
    await backend.setQueueMeta({ concurrency: 3, max: 5 })
    expect(await backend.getQueueMetaFields(['max', 'duration', 'concurrency'])).toEqual([
      '5',
      null,
      '3',
    ])
  })

  check('reads all fields', async (bench) => {
    const backend = await bench.backend()
    await backend.setQueueMeta({ concurrency: 3, max: 5 })
    expect(await backend.getQueueMeta()).toEqual({ concurrency: '3', max: '5' })
  })

  check('has no fields in the beginning', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.getQueueMeta()).toEqual({})
  })

  check('removes fields and tells how many there were', async (bench) => {
    const backend = await bench.backend()
    await backend.setQueueMeta({ concurrency: 3, max: 5 })
    expect(await backend.removeQueueMetaFields(['concurrency', 'duration'])).toBe(1)
    expect(await backend.getQueueMeta()).toEqual({ max: '5' })
  })

  check('knows which fields there are', async (bench) => {
    const backend = await bench.backend()
    await backend.setQueueMeta({ concurrency: 3 })
    expect(await backend.hasQueueMetaField('concurrency')).toBe(true)
    expect(await backend.hasQueueMetaField('max')).toBe(false)
  })

  check('notes how many events are kept once a job is added', async (bench) => {
    const backend = await bench.backend()
    await m.add(backend)
    expect((await backend.getQueueMeta())['opts.maxLenEvents']).toBe('10000')
  })

  check('names the library when a Queue is made', async (bench) => {
    const queue = bench.queue()
    await queue.waitUntilReady()
    expect(await queue.getVersion()).toBe('bullmq:6.7.0')
  })

  check('holds the concurrency that Queue sets', async (bench) => {
    const queue = bench.queue()
    expect(await queue.getGlobalConcurrency()).toBeNull()
    await queue.setGlobalConcurrency(4)
    expect(await queue.getGlobalConcurrency()).toBe(4)
    await queue.removeGlobalConcurrency()
    expect(await queue.getGlobalConcurrency()).toBeNull()
  })

  check('holds the rate limit that Queue sets', async (bench) => {
    const queue = bench.queue()
    await queue.setGlobalRateLimit(7, 1000)
    expect(await queue.getGlobalRateLimit()).toEqual({ max: 7, duration: 1000 })
    await queue.removeGlobalRateLimit()
    expect(await queue.getGlobalRateLimit()).toBeNull()
  })

  check('keeps the settings of queues apart', async (bench) => {
    const [here, there] = [await bench.backend(), await bench.backend({}, bench.named('b'))]
    await here.setQueueMeta({ concurrency: 1 })
    expect(await there.getQueueMeta()).toEqual({})
  })
}
