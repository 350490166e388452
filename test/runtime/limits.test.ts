import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  defineJob,
  defineQueue,
  defineService,
  ExternalError,
  fixed,
  handle,
  type JobContext,
  type JobDefinition,
  type JobSpec,
} from '../../packages/orderly/src/index.ts'
import { freshName, onEachStore } from './stores.ts'

const numbered = z.object({ n: z.number() })
type Numbered = typeof numbered
type Context = JobContext<{ n: number }>

function job(
  more: Partial<JobSpec<Numbered, Numbered, string>> = {},
): JobDefinition<Numbered, Numbered> {
  return defineJob({
    name: freshName('limits'),
    input: numbered,
    output: numbered,
    retry: { attempts: 1 },
    ...more,
  })
}

const items = (count: number) => Array.from({ length: count }, (_, n) => ({ input: { n } }))
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Counts how many jobs run at once. */
function gauge(ms = 20) {
  const seen = { now: 0, most: 0, runs: 0 }
  const run = async ({ input }: Context) => {
    seen.now++
    seen.runs++
    seen.most = Math.max(seen.most, seen.now)
    await pause(ms)
    seen.now--
    return input
  }
  return { seen, run }
}

onEachStore('limits', ({ open, start }) => {
  it('runs no more jobs of a queue at once, over two instances, than its globalConcurrency', async () => {
    const work = job()
    const queues = [defineQueue({ name: work.queue, concurrency: 5, globalConcurrency: 2 })]
    const { seen, run } = gauge()
    const options = { jobs: [work], queues, handlers: [handle(work, run)] }
    const orderly = await start(options)
    await start(options)
    await orderly.enqueueMany(work, items(20))
    await orderly.whenIdle()
    expect(seen.runs).toBe(20)
    expect(seen.most).toBeLessThanOrEqual(2)
  })

  it('begins no more jobs of a queue in a window, over two instances, than its rate', async () => {
    const work = job()
    const rateLimit = { limit: 3, per: '1s' } as const
    const queues = [defineQueue({ name: work.queue, concurrency: 5, rateLimit })]
    const starts: number[] = []
    const options = {
      jobs: [work],
      queues,
      handlers: [
        handle(work, async ({ input }: Context) => {
          starts.push(Date.now())
          return input
        }),
      ],
    }
    const orderly = await start(options)
    await start(options)
    await orderly.enqueueMany(work, items(8))
    await orderly.whenIdle()
    expect(starts).toHaveLength(8)
    // A window begins with its first claim, a little before the handler runs.
    expect(starts[7]! - starts[0]!).toBeGreaterThanOrEqual(2 * 1_000 - 250)
  })

  it("lets a person's limit of a queue win over the code's until it is reset", async () => {
    const work = job()
    const queues = [defineQueue({ name: work.queue, concurrency: 5, globalConcurrency: 1 })]
    const { seen, run } = gauge()
    const orderly = await open({ jobs: [work], queues, handlers: [handle(work, run)] })
    const target = { queue: work.queue, limit: 'concurrency' } as const
    await orderly.overrideLimit(target, { value: 3, reason: 'catching up', by: 'ann' })
    expect(await orderly.limits()).toMatchObject([
      { kind: 'queue', name: work.queue, value: 3, code: 1, override: { who: 'ann', until: null } },
    ])
    await orderly.enqueueMany(work, items(12))
    await orderly.start()
    await orderly.whenIdle()
    expect(seen.most).toBeGreaterThan(1)
    expect(seen.most).toBeLessThanOrEqual(3)
    expect(await orderly.resetLimit(target)).toBe(true)
    expect(await orderly.resetLimit(target)).toBe(false)
    seen.most = 0
    await orderly.enqueueMany(work, items(5))
    await orderly.whenIdle()
    expect(seen.most).toBe(1)
  })

  it('lets the limit in code hold again by itself when the time of the other is over', async () => {
    const work = job({ concurrency: { limit: 1 } })
    const { seen, run } = gauge()
    const options = { jobs: [work], handlers: [handle(work, run)] }
    const orderly = await start(options)
    const other = await start(options)
    const target = { job: work.name, limit: 'concurrency' } as const
    await orderly.overrideLimit(target, { value: 3, for: '1500ms', reason: 'catching up' })
    await orderly.enqueueMany(work, items(10))
    await expect.poll(() => seen.most).toBeGreaterThan(1)
    expect(seen.most).toBeLessThanOrEqual(3)
    await orderly.whenIdle()
    await expect
      .poll(async () => (await other.limits())[0], { timeout: 5_000 })
      .toMatchObject({ value: 1, code: 1, override: null })
    seen.most = 0
    await other.enqueueMany(work, items(6))
    await orderly.whenIdle()
    expect(seen.most).toBe(1)
    expect(seen.runs).toBe(16)
  })

  it('refuses limits without a reason, out of range, and of what code leaves unbounded', async () => {
    const work = job()
    const orderly = await open({ jobs: [work] })
    const queue = { queue: work.queue, limit: 'concurrency' } as const
    const refused = { code: 'ORDERLY_INPUT_INVALID' }
    await expect(orderly.overrideLimit(queue, { value: 1, reason: ' ' })).rejects.toMatchObject(
      refused,
    )
    await expect(orderly.overrideLimit(queue, { value: 0, reason: 'x' })).rejects.toMatchObject(
      refused,
    )
    for (const target of [
      { job: work.name, limit: 'concurrency' },
      { job: work.name, limit: 'rate' },
      { queue: work.queue, limit: 'rate' },
    ] as const)
      await expect(orderly.overrideLimit(target, { value: 1, reason: 'x' })).rejects.toMatchObject(
        refused,
      )
    await expect(
      orderly.overrideLimit({ job: 'nobody', limit: 'rate' }, { value: 1, reason: 'x' }),
    ).rejects.toMatchObject({ code: 'ORDERLY_JOB_UNKNOWN' })
  })

  it('leaves a service alone that fails, tries it once, and goes on when it answers', async () => {
    const service = defineService({
      name: freshName('service'),
      breaker: { failures: 2, within: '1m', cooldown: '700ms' },
    })
    const work = job({ retry: { attempts: 3, backoff: fixed('10ms') } })
    const calls: string[] = []
    let broken = true
    const handler = handle(work, async (ctx: Context) => {
      await ctx.call(service, async () => {
        calls.push(broken ? 'failed' : 'answered')
        if (broken) throw new ExternalError('unavailable')
      })
      return ctx.input
    })
    const options = { jobs: [work], handlers: [handler] }
    const orderly = await start(options)
    const other = await start(options)
    const { id } = await orderly.enqueue(work, { n: 1 })
    await expect
      .poll(async () => (await other.serviceStates())[0]?.state, { timeout: 10_000 })
      .toBe('open')
    expect(calls).toEqual(['failed', 'failed'])
    await other.enqueueMany(work, items(4))
    broken = false
    await orderly.whenIdle()
    expect(calls.filter((call) => call === 'failed')).toHaveLength(2)
    expect(calls.filter((call) => call === 'answered')).toHaveLength(5)
    expect(await orderly.serviceStates()).toEqual([])
    // Two attempts called and failed; those that were held back did not count.
    expect(await orderly.inspectJob(id)).toMatchObject({ state: 'completed', attempts: 3 })
    expect(await orderly.findJobs({ name: work.name, state: 'completed' })).toHaveLength(5)
  })

  it('opens anew when the trial fails, and lets no second call by while it is under way', async () => {
    const service = defineService({
      name: freshName('service'),
      breaker: { failures: 1, within: '1m', cooldown: '400ms' },
    })
    const work = job({ retry: { attempts: 4, backoff: fixed('10ms') } })
    let now = 0
    let most = 0
    let calls = 0
    const handler = handle(work, async (ctx: Context) => {
      await ctx.call(service, async () => {
        calls++
        most = Math.max(most, ++now)
        await pause(50)
        now--
        if (calls < 3) throw new ExternalError('unavailable')
      })
      return ctx.input
    })
    const options = { jobs: [work], handlers: [handler] }
    const orderly = await start(options)
    await start(options)
    await orderly.enqueue(work, { n: 0 })
    await expect.poll(() => calls).toBe(1)
    await orderly.whenIdle()
    expect(calls).toBe(3)
    expect(most).toBe(1)
  })

  it('does not count errors that are not the fault of a service', async () => {
    const service = defineService({
      name: freshName('service'),
      breaker: { failures: 1, within: '1m', cooldown: '1h' },
    })
    const work = job()
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async (ctx: Context) => {
          await ctx.call(service, () => {
            throw new TypeError('our own')
          })
          return ctx.input
        }),
      ],
    })
    await orderly.enqueueMany(work, items(3))
    await orderly.whenIdle()
    expect(await orderly.serviceStates()).toEqual([])
    expect(await orderly.findJobs({ name: work.name, state: 'failed' })).toHaveLength(3)
  })

  it('bounds the calls to a service at once and in a span, over all kinds and instances', async () => {
    const service = defineService({
      name: freshName('service'),
      concurrency: 2,
      rateLimit: { limit: 4, per: '1s' },
    })
    const [one, two] = [job(), job()]
    const starts: number[] = []
    let now = 0
    let most = 0
    const run = async (ctx: Context) => {
      await ctx.call(service, async () => {
        starts.push(Date.now())
        most = Math.max(most, ++now)
        await pause(20)
        now--
      })
      return ctx.input
    }
    const options = { jobs: [one, two], handlers: [handle(one, run), handle(two, run)] }
    const orderly = await start(options)
    await start(options)
    await orderly.enqueueMany(one, items(4))
    await orderly.enqueueMany(two, items(4))
    await orderly.whenIdle()
    expect(starts).toHaveLength(8)
    expect(most).toBeLessThanOrEqual(2)
    // Four were saved up; each of the others waited for a unit of its own.
    expect(starts[7]! - starts[0]!).toBeGreaterThanOrEqual(1_000 - 50)
    const jobs = await orderly.findJobs({ name: one.name })
    expect(jobs.map(({ state, attempts }) => [state, attempts])).toEqual(
      jobs.map(() => ['completed', 1]),
    )
  })
})
