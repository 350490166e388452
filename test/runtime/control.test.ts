import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  defineJob,
  defineQueue,
  fixed,
  handle,
  type JobContext,
  type JobDefinition,
  type JobSpec,
} from '../../packages/orderly/src/index.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { endPauses } from '../../packages/orderly/src/runtime/control.ts'
import { freshName, onEachStore } from './stores.ts'

const numbered = z.object({ n: z.number() })
type Numbered = typeof numbered
type Context = JobContext<{ n: number }>

function job(
  more: Partial<JobSpec<Numbered, Numbered, string>> = {},
): JobDefinition<Numbered, Numbered> {
  return defineJob({
    name: freshName('control'),
    input: numbered,
    output: numbered,
    retry: { attempts: 1 },
    ...more,
  })
}

/** A handler that runs until it is told to stop. */
const untilStopped = ({ signal }: Context): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

onEachStore('control', ({ open, start, log }) => {
  it('cancels a job that waits: it never runs', async () => {
    const work = job()
    const web = await open({ jobs: [work] })
    const { id } = await web.enqueue(work, { n: 1 })
    expect(await web.cancel(id, { reason: 'order withdrawn', by: 'ann' })).toBe('cancelled')
    let runs = 0
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async ({ input }) => {
          runs++
          return input
        }),
      ],
    })
    await orderly.whenIdle()
    await orderly.reconcile()
    await orderly.whenIdle()
    expect(runs).toBe(0)
    expect(await orderly.cancel(id)).toBe('cancelled')
  })

  it('cancels a job that runs in another instance', async () => {
    const work = job()
    let began!: () => void
    const running = new Promise<void>((resolve) => (began = resolve))
    await start({
      jobs: [work],
      handlers: [
        handle(work, (ctx) => {
          began()
          return untilStopped(ctx)
        }),
      ],
    })
    const web = await open({ jobs: [work] })
    const { id } = await web.enqueue(work, { n: 1 })
    await running
    expect(await web.cancel(id, { by: 'ann' })).toBe('cancelled')
    expect(await web.inspectJob(id)).toMatchObject({
      state: 'failed',
      error_code: 'ORDERLY_CANCELLED',
    })
    expect(await web.deadLetters({ name: work.name })).toEqual([])
  })

  it('cancels a job that waits for its next attempt', async () => {
    const work = job({ retry: { attempts: 5, backoff: fixed('1h') } })
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async () => {
          throw new Error('later')
        }),
      ],
    })
    const { id } = await orderly.enqueue(work, { n: 1 })
    await expect.poll(async () => (await orderly.inspectJob(id))?.state).toBe('delayed')
    expect(await orderly.cancel(id)).toBe('cancelled')
    await orderly.whenIdle()
  })

  it('says that a job had finished, and that it knows none', async () => {
    const work = job()
    const orderly = await start({
      jobs: [work],
      handlers: [handle(work, async (ctx) => ctx.input)],
    })
    const { id } = await orderly.enqueue(work, { n: 1 })
    await orderly.whenIdle()
    expect(await orderly.cancel(id)).toBe('finished')
    expect(await orderly.cancel('nobody')).toBe('unknown')
  })

  it('lets a paused kind of job rest while others of its queue run, and tells who and why', async () => {
    const queue = freshName('shared')
    const resting = job({ queue })
    const other = job({ queue })
    const ran: string[] = []
    const run = async ({ input, jobId }: Context) => {
      ran.push(jobId)
      return input
    }
    const orderly = await open({
      jobs: [resting, other],
      queues: [defineQueue({ name: queue, concurrency: 2 })],
      handlers: [handle(resting, run), handle(other, run)],
    })
    await orderly.pause({ job: resting.name }, { reason: 'wrong prices', by: 'ann' })
    const held = []
    for (let n = 0; n < 8; n++) held.push((await orderly.enqueue(resting, { n })).id)
    const free = await orderly.enqueue(other, { n: 2 })
    await orderly.start()
    await expect.poll(() => ran, { timeout: 4_000 }).toEqual([free.id])
    expect(await orderly.cancel(held.pop()!)).toBe('cancelled')
    expect(await orderly.pauses()).toMatchObject([
      { kind: 'job', name: resting.name, reason: 'wrong prices', who: 'ann', until: null },
    ])
    expect(await orderly.resume({ job: resting.name })).toBe(true)
    await expect
      .poll(() => ran.toSorted(), { timeout: 10_000 })
      .toEqual([...held, free.id].toSorted())
    expect(await orderly.resume({ job: resting.name })).toBe(false)
  })

  it('lets a paused queue go on by itself when its time is over', async () => {
    const work = job()
    let ran = 0
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async ({ input }) => {
          ran++
          return input
        }),
      ],
    })
    await orderly.pause({ queue: work.queue }, { reason: 'maintenance', for: '800ms' })
    await orderly.enqueue(work, { n: 1 })
    expect(ran).toBe(0)
    expect((await orderly.queues()).find(({ name }) => name === work.queue)?.paused).toBe(true)
    await expect.poll(() => ran, { timeout: 5_000 }).toBe(1)
    expect(await orderly.pauses()).toEqual([])
  })

  it('resumes a queue later whose store was away when its pause was over', async () => {
    const work = job()
    const orderly = await open({ jobs: [work] })
    await orderly.pause({ queue: work.queue }, { reason: 'maintenance', for: '1ms' })
    const rooms = roomsOf(orderly)
    const away = { queue: () => ({ isPaused: () => Promise.reject(new Error('away')) }) }
    const reachable = () => [{ name: 'main', engine: away }]
    const cut = { ...rooms, engines: { ...rooms.engines, reachable } } as unknown as typeof rooms
    await new Promise((resolve) => setTimeout(resolve, 20))
    // The chore of the instance itself may come first; then there is nothing left to do, and nothing lost.
    await endPauses(cut).catch((error: Error) => expect(error.message).toBe('away'))
    await endPauses(rooms)
    expect(await orderly.pauses()).toEqual([])
    expect((await orderly.queues()).find(({ name }) => name === work.queue)?.paused).toBe(false)
  })

  it('refuses a pause without a reason, and of what it does not know', async () => {
    const work = job()
    const orderly = await open({ jobs: [work] })
    await expect(orderly.pause({ job: work.name }, { reason: ' ' })).rejects.toMatchObject({
      code: 'ORDERLY_INPUT_INVALID',
    })
    await expect(orderly.pause({ queue: 'nobody' }, { reason: 'x' })).rejects.toMatchObject({
      code: 'ORDERLY_JOB_UNKNOWN',
    })
  })

  it('refuses what it is told without a reason, at no pace, or with numbers that are none', async () => {
    const work = job()
    const orderly = await open({ jobs: [work] })
    // As a program without types may call it.
    const untyped = orderly as unknown as Record<
      'pause' | 'resume' | 'redrive' | 'metrics' | 'jobMetrics',
      (...given: unknown[]) => Promise<unknown>
    >
    const reason = 'mended'
    const calls: (() => Promise<unknown>)[] = [
      () => untyped.pause({ job: work.name }),
      () => untyped.pause({ job: work.name }, { reason: 7 }),
      () => untyped.pause(undefined, { reason }),
      () => untyped.resume(),
      () => untyped.redrive({}),
      () => untyped.redrive(undefined, { reason }),
      () => untyped.redrive({}, { reason: '' }),
      ...[0, NaN, -1, Infinity].map(
        (perSecond) => () => orderly.redrive({}, { reason, perSecond }),
      ),
      ...[0, NaN].map((limit) => () => orderly.redrive({}, { reason, limit })),
      ...[0, NaN, 1.5, 1_441].map((step) => () => orderly.metrics({ step })),
      () => untyped.metrics({ last: '0h' }),
      () => untyped.metrics({ last: 'yesterday' }),
      () => untyped.jobMetrics(work.name, '99999w'),
    ]
    for (const [index, call] of calls.entries())
      await expect(call(), `call ${index}`).rejects.toMatchObject({
        name: 'OrderlyError',
        code: 'ORDERLY_INPUT_INVALID',
      })
  })

  it('repeats no job that has not finished, and says who had one repeated and why', async () => {
    const work = job()
    const orderly = await open({ jobs: [work], handlers: [handle(work, async (ctx) => ctx.input)] })
    const { id } = await orderly.enqueue(work, { n: 1 })
    await expect(orderly.replay(id)).rejects.toMatchObject({
      code: 'ORDERLY_INPUT_INVALID',
      message: expect.stringContaining('has not finished'),
    })
    await orderly.start()
    await orderly.whenIdle()
    const { id: replay } = await orderly.replay(id, { reason: 'wrong list', by: 'ann' })
    expect(log.map(({ fields }) => fields)).toContainEqual(
      expect.objectContaining({ job: id, replay, reason: 'wrong list', by: 'ann' }),
    )
  })

  it('takes waiting jobs out of a queue, and finished ones by age', async () => {
    const work = job()
    const orderly = await open({ jobs: [work], handlers: [handle(work, async (ctx) => ctx.input)] })
    for (const n of [1, 2, 3]) await orderly.enqueue(work, { n })
    await orderly.enqueue(work, { n: 4 }, { delay: '1h' })
    expect(await orderly.drain(work.queue)).toBe(3)
    expect(await orderly.drain(work.queue, { delayed: true })).toBe(1)
    await orderly.start()
    await orderly.enqueue(work, { n: 5 })
    await orderly.whenIdle()
    expect(await orderly.clean(work.queue, { state: 'completed', olderThan: '1h' })).toBe(0)
    expect(await orderly.clean(work.queue, { state: 'completed' })).toBe(1)
    await orderly.reconcile()
    const states = (await orderly.findJobs({ name: work.name })).map(({ state }) => state)
    expect(states.toSorted()).toEqual(['completed', 'removed', 'removed', 'removed', 'removed'])
  })

  it('groups what failed by where it failed, and puts it back when that is mended', async () => {
    const work = job()
    let broken = true
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async ({ input }) => {
          if (broken && input.n < 3) throw new Error(`broken ${input.n}`)
          if (broken && input.n === 3) throw new TypeError('elsewhere')
          return input
        }),
      ],
    })
    await orderly.enqueueMany(
      work,
      [0, 1, 2, 3, 4].map((n) => ({ input: { n } })),
    )
    await orderly.whenIdle()
    const groups = await orderly.deadLetters({ name: work.name })
    expect(groups.map(({ count }) => count)).toEqual([3, 1])
    expect(groups[0]!.fingerprint).not.toBe(groups[1]!.fingerprint)
    broken = false
    const { fingerprint } = groups[0]!
    const done = await orderly.redrive(
      { name: work.name, fingerprint: fingerprint! },
      { reason: 'mended', perSecond: 1_000 },
    )
    expect(done).toEqual({ redriven: 3, skipped: 0 })
    await orderly.whenIdle()
    expect(await orderly.findJobs({ name: work.name, state: 'completed' })).toHaveLength(4)
    expect(await orderly.deadLetters({ name: work.name })).toMatchObject([{ count: 1 }])
  })

  it('gives a job that failed by its deadline the whole of its time again', async () => {
    const work = job({ deadline: '300ms', retry: { attempts: 50, backoff: fixed('100ms') } })
    let mended = false
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async ({ input }) => {
          if (!mended) throw new Error('broken')
          return input
        }),
      ],
    })
    const { id } = await orderly.enqueue(work, { n: 1 })
    await orderly.whenIdle()
    expect(await orderly.inspectJob(id)).toMatchObject({ error_code: 'ORDERLY_DEADLINE' })
    mended = true
    expect(await orderly.redrive({ ids: [id] }, { reason: 'mended' })).toMatchObject({
      redriven: 1,
    })
    await orderly.whenIdle()
    expect(await orderly.inspectJob(id)).toMatchObject({ state: 'completed' })
    // What it failed with before is no sign that somebody wrote to the store.
    expect(log.filter(({ fields }) => fields['code'] === 'ORDERLY_SEAL_BROKEN')).toEqual([])
  })

  it('repeats a finished job as a new one that names it, with the same or another input', async () => {
    const work = job()
    const seen: number[] = []
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async ({ input }) => {
          seen.push(input.n)
          return input
        }),
      ],
    })
    const { id } = await orderly.enqueue(work, { n: 7 })
    await orderly.whenIdle()
    const same = await orderly.replay(id)
    const edited = await orderly.replay(id, { input: { n: 8 } })
    await orderly.whenIdle()
    expect(seen.toSorted()).toEqual([7, 7, 8])
    expect(await orderly.inspectJob(same.id)).toMatchObject({ replayOf: id })
    expect(await orderly.inspectJob(edited.id)).toMatchObject({ replayOf: id })
    await expect(orderly.replay(id, { input: { n: 'x' } })).rejects.toMatchObject({
      code: 'ORDERLY_INPUT_INVALID',
    })
    await expect(orderly.replay('nobody')).rejects.toMatchObject({ code: 'ORDERLY_NOT_FOUND' })
  })

  it('lets one job follow when all of a set have ended, however they did', async () => {
    const work = job()
    const summary = job()
    const followed: number[] = []
    const orderly = await start({
      jobs: [work, summary],
      handlers: [
        handle(work, async ({ input }) => {
          if (input.n === 3) throw new Error('broken')
          return input
        }),
        handle(summary, async ({ input }) => {
          followed.push(input.n)
          return input
        }),
      ],
    })
    const set = await orderly.enqueueSet(
      work,
      [1, 2, 3, 4].map((n) => ({ input: { n } })),
      { callback: { job: summary, input: { n: 99 } } },
    )
    await expect.poll(() => followed, { timeout: 10_000 }).toEqual([99])
    expect(await orderly.setProgress(set.id)).toEqual({ total: 4, completed: 3, failed: 1 })
    expect(await orderly.setProgress('nobody')).toBeUndefined()
  })

  it('lets a job follow the first that completes of a set, once', async () => {
    const work = job()
    const first = job()
    let followed = 0
    const orderly = await start({
      jobs: [work, first],
      handlers: [
        handle(work, async (ctx) => ctx.input),
        handle(first, async ({ input }) => {
          followed++
          return input
        }),
      ],
    })
    await orderly.enqueueSet(
      work,
      [1, 2, 3].map((n) => ({ input: { n } })),
      { when: 'any', callback: { job: first, input: { n: 0 } } },
    )
    await expect.poll(() => followed, { timeout: 10_000 }).toBe(1)
    await orderly.whenIdle()
    expect(followed).toBe(1)
  })
})
