import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  defineJob,
  defineQueue,
  fixed,
  handle,
  phi,
  type JobContext,
  type JobDefinition,
  type JobSpec,
} from '../../packages/orderly/src/index.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { exclusively } from '../../packages/orderly/src/state/exclusive.ts'
import type { StateTables } from '../../packages/orderly/src/state/tables.ts'
import { freshName, onEachStore } from './stores.ts'

const keyed = z.object({ key: z.string(), n: z.number() })
type Keyed = typeof keyed
type Context = JobContext<{ key: string; n: number }>
const byKey = ({ key }: { key: string }): string => key

function job(more: Partial<JobSpec<Keyed, Keyed, string>> = {}): JobDefinition<Keyed, Keyed> {
  return defineJob({
    name: freshName('lanes'),
    input: keyed,
    output: keyed,
    retry: { attempts: 1 },
    ...more,
  })
}

/** Counts how many jobs of a key run at once, over all instances of a test. */
function gauge() {
  const now = new Map<string, number>()
  const most = new Map<string, number>()
  const order: string[] = []
  return {
    most,
    order,
    run:
      (ms: number) =>
      async ({ input }: Context) => {
        const count = (now.get(input.key) ?? 0) + 1
        now.set(input.key, count)
        most.set(input.key, Math.max(count, most.get(input.key) ?? 0))
        order.push(input.key)
        await new Promise((resolve) => setTimeout(resolve, ms))
        now.set(input.key, now.get(input.key)! - 1)
        return input
      },
  }
}

const items = (key: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({ input: { key, n } }))

onEachStore('lanes', ({ open, start }) => {
  it('never runs more jobs of a key at once than its limit, over two instances', async () => {
    const work = job({ concurrency: { limit: 2, key: byKey } })
    const queues = [defineQueue({ name: work.queue, concurrency: 8 })]
    const { most, order, run } = gauge()
    const options = { jobs: [work], queues, handlers: [handle(work, run(10))] }
    const orderly = await start(options)
    await start(options)
    await Promise.all(['a', 'b', 'c'].map((key) => orderly.enqueueMany(work, items(key, 20))))
    await orderly.whenIdle()
    expect(order).toHaveLength(60)
    for (const key of ['a', 'b', 'c']) expect(most.get(key)).toBeLessThanOrEqual(2)
  })

  it('gives the two jobs of one key their turn before the two hundred of another are done', async () => {
    const work = job({ concurrency: { limit: 4, key: byKey } })
    const queues = [defineQueue({ name: work.queue, concurrency: 2 })]
    const { order, run } = gauge()
    const orderly = await open({ jobs: [work], queues, handlers: [handle(work, run(0))] })
    await orderly.enqueueMany(work, items('a', 200))
    await orderly.enqueueMany(work, items('b', 2))
    await orderly.start()
    await orderly.whenIdle()
    expect(order).toHaveLength(202)
    // Two were in the queue already when the second key came, and two may stand before each of its jobs.
    expect(order.lastIndexOf('b')).toBeLessThan(12)
  })

  it('gives a key of weight three three turns where another has one', async () => {
    const work = job({
      concurrency: { limit: 50, key: byKey, weight: ({ key }) => (key === 'heavy' ? 3 : 1) },
    })
    const queues = [defineQueue({ name: work.queue, concurrency: 1 })]
    const { order, run } = gauge()
    const orderly = await open({ jobs: [work], queues, handlers: [handle(work, run(0))] })
    await orderly.enqueueMany(work, items('light', 40))
    await orderly.enqueueMany(work, items('heavy', 40))
    await orderly.start()
    await orderly.whenIdle()
    const heavy = order.slice(1, 33).filter((key) => key === 'heavy').length
    expect(heavy).toBeGreaterThanOrEqual(22)
    expect(heavy).toBeLessThanOrEqual(26)
  })

  it('begins no more units of a key in a span than its rate, over two instances', async () => {
    const work = job({ rateLimit: { limit: 4, per: '1h', key: byKey, units: () => 2 } })
    const { order, run } = gauge()
    const options = { jobs: [work], handlers: [handle(work, run(0))] }
    const orderly = await start(options)
    await start(options)
    await orderly.enqueueMany(work, items('a', 5))
    await orderly.enqueueMany(work, items('b', 1))
    await expect.poll(() => order.toSorted(), { timeout: 10_000 }).toEqual(['a', 'a', 'b'])
    await new Promise((resolve) => setTimeout(resolve, 800))
    expect(order).toHaveLength(3)
  })

  it('lets what the rate held back begin as its budget fills', async () => {
    const work = job({ rateLimit: { limit: 1, per: '150ms' } })
    const starts: number[] = []
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async ({ input }) => {
          starts.push(Date.now())
          return input
        }),
      ],
    })
    const from = Date.now()
    await orderly.enqueueMany(work, items('a', 4))
    await orderly.whenIdle()
    expect(starts).toHaveLength(4)
    // The first takes what had been saved up; each of the others waits for a unit of its own.
    expect(starts[3]! - from).toBeGreaterThanOrEqual(3 * 150 - 5)
  })

  it('takes a place again for each attempt, and holds none while it waits for the next', async () => {
    const work = job({
      concurrency: { limit: 1, key: byKey },
      retry: { attempts: 3, backoff: fixed('300ms') },
    })
    const ended: number[] = []
    let first = true
    const orderly = await start({
      jobs: [work],
      handlers: [
        handle(work, async ({ input, attempt }) => {
          if (input.n === 0 && attempt < 3) {
            first = false
            throw new Error('later')
          }
          ended.push(input.n)
          return input
        }),
      ],
    })
    const { id } = await orderly.enqueue(work, { key: 'a', n: 0 })
    await expect.poll(() => first).toBe(false)
    await orderly.enqueueMany(work, [{ input: { key: 'a', n: 1 } }, { input: { key: 'a', n: 2 } }])
    await orderly.whenIdle()
    expect(ended).toEqual([1, 2, 0])
    expect(await orderly.inspectJob(id)).toMatchObject({ state: 'completed', attempts: 3 })
  })

  it('records a job that waits its turn as due now, and one with a delay as due then', async () => {
    const work = job({ concurrency: { limit: 1, key: byKey } })
    const orderly = await open({ jobs: [work] })
    const now = await orderly.enqueue(work, { key: 'a', n: 0 })
    const later = await orderly.enqueue(work, { key: 'a', n: 1 }, { delay: '1h' })
    const [first, second] = [await orderly.inspectJob(now.id), await orderly.inspectJob(later.id)]
    expect(first).toMatchObject({ state: 'prioritized', run_at: first!.created_at })
    expect(second).toMatchObject({ state: 'delayed', run_at: second!.created_at + 3_600_000 })
  })

  it('cancels a job that waits its turn, and drains those that do', async () => {
    const work = job({ concurrency: { limit: 1, key: byKey } })
    const queues = [defineQueue({ name: work.queue, concurrency: 1 })]
    const { order, run } = gauge()
    const orderly = await open({ jobs: [work], queues, handlers: [handle(work, run(0))] })
    const ids = await orderly.enqueueMany(work, items('a', 5))
    await orderly.enqueue(work, { key: 'a', n: 9 }, { delay: '1h' })
    expect(await orderly.cancel(ids[3]!.id, { by: 'ann' })).toBe('cancelled')
    expect(await orderly.drain(work.queue)).toBe(4)
    expect(await orderly.drain(work.queue, { delayed: true })).toBe(1)
    const { id } = await orderly.enqueue(work, { key: 'a', n: 6 })
    await orderly.start()
    await orderly.whenIdle()
    expect(order).toEqual(['a'])
    expect(await orderly.inspectJob(id)).toMatchObject({ state: 'completed' })
  })

  it('lets a job run that was given its turn by a process that died before the queue knew', async () => {
    const work = job({ concurrency: { limit: 1, key: byKey } })
    const { order, run } = gauge()
    const options = { jobs: [work], handlers: [handle(work, run(0))] }
    const orderly = await open(options)
    const state = orderly.database.withTables<StateTables>()
    // Whoever gives turns to this kind waits until the mark is made, as if its maker had died right after.
    await orderly.pause({ job: work.name }, { reason: 'while it is marked' })
    await orderly.enqueue(work, { key: 'a', n: 0 })
    await exclusively(state, 'test', async (query) => {
      await query
        .updateTable('orderly_lanes')
        .set({ state: 'dispatched' })
        .where('name', '=', work.name)
        .execute()
    })
    await orderly.resume({ job: work.name })
    await orderly.enqueue(work, { key: 'a', n: 1 })
    await orderly.start()
    await orderly.whenIdle()
    expect(order).toEqual(['a', 'a'])
  })

  it('gives the turn of a job that its queue has lost to the next', async () => {
    const work = job({ concurrency: { limit: 1, key: byKey } })
    const { order, run } = gauge()
    const orderly = await open({ jobs: [work], handlers: [handle(work, run(0))] })
    const lost = await orderly.enqueue(work, { key: 'a', n: 0 })
    const next = await orderly.enqueue(work, { key: 'a', n: 1 })
    for (const { engine } of roomsOf(orderly).engines.all()) {
      const raw = engine.raw(work.queue)
      await raw.remove(raw.idOf(lost.id))
    }
    await orderly.start()
    await expect
      .poll(async () => (await orderly.inspectJob(next.id))?.state, { timeout: 15_000 })
      .toBe('completed')
    expect(order).toEqual(['a'])
  })

  it('keeps the place of a job that was put back by hand exact', async () => {
    const work = job({ concurrency: { limit: 1, key: byKey } })
    const queues = [defineQueue({ name: work.queue, concurrency: 4 })]
    const { most, order, run } = gauge()
    let broken = true
    const orderly = await start({
      jobs: [work],
      queues,
      handlers: [
        handle(work, async (ctx) => {
          if (broken) throw new Error('broken')
          return run(20)(ctx)
        }),
      ],
    })
    await orderly.enqueueMany(work, items('a', 5))
    await orderly.whenIdle()
    broken = false
    expect(
      await orderly.redrive({ name: work.name }, { reason: 'mended', perSecond: 1_000 }),
    ).toMatchObject({ redriven: 5 })
    await orderly.whenIdle()
    expect(order).toHaveLength(5)
    expect(most.get('a')).toBe(1)
  })

  it('leaves no line behind once all is done, doubles included', async () => {
    const work = job({ concurrency: { limit: 1, key: byKey }, unique: { key: byKey } })
    const { run } = gauge()
    const orderly = await open({ jobs: [work], handlers: [handle(work, run(0))] })
    const first = await orderly.enqueue(work, { key: 'a', n: 0 })
    expect(await orderly.enqueue(work, { key: 'a', n: 1 })).toEqual({
      id: first.id,
      duplicate: true,
    })
    await orderly.start()
    await orderly.whenIdle()
    const state = orderly.database.withTables<StateTables>()
    expect(
      await state.query
        .selectFrom('orderly_lanes')
        .selectAll()
        .where('name', '=', work.name)
        .execute(),
    ).toEqual([])
  })

  it('runs a job of a transaction in its turn', async () => {
    const work = job({ concurrency: { limit: 1, key: byKey } })
    const { order, run } = gauge()
    const orderly = await start({ jobs: [work], handlers: [handle(work, run(0))] })
    await orderly.database.transaction(async ({ query: transaction }) => {
      await orderly.enqueue(work, { key: 'a', n: 0 }, { transaction })
    })
    await expect.poll(() => order, { timeout: 10_000 }).toEqual(['a'])
    await orderly.whenIdle()
  })

  it('hands a job over with its place when the instance that runs it closes', async () => {
    const work = job({ concurrency: { limit: 1, key: byKey } })
    const { most, order, run } = gauge()
    const busy = await start({
      jobs: [work],
      grace: '50ms',
      handlers: [
        handle(
          work,
          ({ signal }: Context) =>
            new Promise<never>((_, reject) =>
              signal.addEventListener('abort', () => reject(signal.reason)),
            ),
        ),
      ],
    })
    const orderly = await open({ jobs: [work], handlers: [handle(work, run(20))] })
    const { id } = await orderly.enqueue(work, { key: 'a', n: 0 })
    await expect.poll(async () => (await orderly.inspectJob(id))?.state).toBe('active')
    await orderly.enqueueMany(work, items('a', 2))
    await busy.close()
    await orderly.start()
    await orderly.whenIdle()
    expect(order).toHaveLength(3)
    expect(most.get('a')).toBe(1)
    expect(await orderly.inspectJob(id)).toMatchObject({ state: 'completed', attempts: 1 })
  })

  it('keeps the keys of jobs with PHI as blind indexes', async () => {
    const input = z.object({ mrn: phi.mrn() })
    const work = defineJob({
      name: freshName('lanes'),
      input,
      concurrency: { limit: 1, key: ({ mrn }) => mrn },
      rateLimit: { limit: 5, per: '1h', key: ({ mrn }) => [mrn] },
    })
    const orderly = await open({ jobs: [work] })
    await orderly.enqueue(work, { mrn: 'MRN-4711' })
    const [row] = await orderly.database
      .withTables<StateTables>()
      .query.selectFrom('orderly_lanes')
      .selectAll()
      .where('name', '=', work.name)
      .execute()
    expect(row!.key).toMatch(/^b1\./)
    expect(row!.bucket).toMatch(/^b1\./)
    expect(JSON.stringify(row)).not.toContain('4711')
  })

  it('refuses a weight and units that are none', async () => {
    const work = job({ concurrency: { limit: 1, weight: () => 0 } })
    const other = job({ rateLimit: { limit: 1, per: '1s', units: () => Number.NaN } })
    const orderly = await open({ jobs: [work, other] })
    for (const kind of [work, other])
      await expect(orderly.enqueue(kind, { key: 'a', n: 0 })).rejects.toMatchObject({
        code: 'ORDERLY_INPUT_INVALID',
      })
  })

  it('gives no turns to a paused kind, and goes on when it is resumed', async () => {
    const work = job({ concurrency: { limit: 1, key: byKey } })
    const { order, run } = gauge()
    const orderly = await start({ jobs: [work], handlers: [handle(work, run(0))] })
    await orderly.pause({ job: work.name }, { reason: 'wrong prices' })
    await orderly.enqueueMany(work, items('a', 3))
    await orderly.resume({ job: work.name })
    await orderly.whenIdle()
    expect(order).toHaveLength(3)
  })
})

onEachStore(
  'lanes of a store that was emptied',
  ({ open, place, start }) => {
    it('puts its jobs back in their lines: each runs once, one of a key at a time', async () => {
      const work = job({ concurrency: { limit: 1, key: byKey } })
      const queues = [defineQueue({ name: work.queue, concurrency: 2 })]
      const { most, order, run } = gauge()
      const web = await open({ jobs: [work], queues })
      await web.enqueueMany(work, [...items('a', 4), ...items('b', 2)])
      const redis = new Redis(place().queueUrl!)
      await redis.flushdb()
      redis.disconnect()
      expect(await web.reconcile()).toMatchObject({ restored: 6 })
      const orderly = await start({ jobs: [work], queues, handlers: [handle(work, run(10))] })
      await orderly.whenIdle()
      expect(order.toSorted()).toEqual(['a', 'a', 'a', 'a', 'b', 'b'])
      expect([...most.values()]).toEqual([1, 1])
    })
  },
  ['redis'],
)
