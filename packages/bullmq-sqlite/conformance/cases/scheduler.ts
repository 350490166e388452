/** Owns the cases about job schedulers. */
import { expect } from 'vitest'
import type { Bench, Check } from '../bench.ts'
import * as m from '../moves.ts'

const HOUR = 3_600_000
const YEARLY = '0 0 1 1 *'

export function schedulerCases(check: Check): void {
  const every = async (bench: Bench): Promise<m.Backend> => {
    await bench
      .queue()
      .upsertJobScheduler('tick', { every: HOUR }, { name: 'tock', data: { n: 1 } })
    return bench.backend()
  }
  const yearly = async (bench: Bench): Promise<m.Backend> => {
    await bench.queue().upsertJobScheduler('year', { pattern: YEARLY, tz: 'UTC' }, { name: 'new' })
    return bench.backend()
  }

  check('by interval has its first job at once', async (bench) => {
    const backend = await every(bench)
    const [job, id] = await backend.moveToActive(m.TOKEN)
    expect(job).toMatchObject({ name: 'tock', data: '{"n":1}', repeatJobKey: 'tick' })
    expect(id).toMatch(/^repeat:tick:\d+$/)
  })

  check('by pattern has its first job delayed until then', async (bench) => {
    const backend = await yearly(bench)
    const [id = ''] = await m.idsIn(backend, 'delayed')
    const at = Date.UTC(new Date().getUTCFullYear() + 1, 0, 1)
    expect(id).toBe(`repeat:year:${at}`)
  })

  check('is counted', async (bench) => {
    const backend = await every(bench)
    await yearly(bench)
    expect(await backend.getJobSchedulersCount()).toBe(2)
  })

  check('is known by its id', async (bench) => {
    const backend = await every(bench)
    expect(await backend.isJobScheduler('tick')).toBe(true)
    expect(await backend.isJobScheduler('tock')).toBe(false)
  })

  check('is read with its fields as text', async (bench) => {
    const backend = await every(bench)
    const data = await backend.getJobSchedulerData('tick')
    expect(data).toMatchObject({ name: 'tock', every: String(HOUR), ic: '1', data: '{"n":1}' })
  })

  check('by pattern is read with its time zone', async (bench) => {
    const backend = await yearly(bench)
    const data = await backend.getJobSchedulerData('year')
    expect(data).toMatchObject({ name: 'new', pattern: YEARLY, tz: 'UTC' })
  })

  check('has no fields when it is missing', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.getJobSchedulerData('nobody')).toEqual({})
  })

  check('is read with its next slot', async (bench) => {
    const backend = await yearly(bench)
    const [fields, next] = await backend.getJobScheduler('year')
    expect(m.pairs(fields as string[])).toMatchObject({ name: 'new', pattern: YEARLY })
    expect(Number(next)).toBe(Date.UTC(new Date().getUTCFullYear() + 1, 0, 1))
  })

  check('is null with no next slot when it is missing', async (bench) => {
    const backend = await bench.backend()
    const [fields, next] = await backend.getJobScheduler('nobody')
    expect([fields ?? null, next ?? null]).toEqual([null, null])
  })

  check('is listed by its next slot', async (bench) => {
    const queue = bench.queue()
    const backend = await bench.backend()
    const year = new Date().getUTCFullYear() + 1
    await queue.upsertJobScheduler('b', { pattern: '0 0 2 1 *', tz: 'UTC' })
    await queue.upsertJobScheduler('a', { pattern: YEARLY, tz: 'UTC' })
    const [a, b] = [Date.UTC(year, 0, 1), Date.UTC(year, 0, 2)].map(String)
    expect(await backend.getJobSchedulersRange(0, -1, true)).toEqual(['a', a, 'b', b])
    expect(await backend.getJobSchedulersRange(0, -1, false)).toEqual(['b', b, 'a', a])
    expect(await backend.getJobSchedulersRange(1, 1, true)).toEqual(['b', b])
    expect(await backend.getJobSchedulersRange(5, 9, true)).toEqual([])
  })

  check('is found through Queue', async (bench) => {
    const queue = bench.queue()
    await queue.upsertJobScheduler('tick', { every: HOUR }, { name: 'tock', data: { n: 1 } })
    const found = await queue.getJobScheduler('tick')
    expect(found).toMatchObject({ key: 'tick', name: 'tock', every: HOUR })
    expect(found?.template?.data).toEqual({ n: 1 })
    expect(await queue.getJobSchedulersCount()).toBe(1)
    expect((await queue.getJobSchedulers()).map(({ key }) => key)).toEqual(['tick'])
  })

  check('replaces its job when it is changed', async (bench) => {
    const backend = await yearly(bench)
    await bench
      .queue()
      .upsertJobScheduler('year', { pattern: '0 0 3 1 *', tz: 'UTC' }, { name: 'x' })
    const delayed = await m.idsIn(backend, 'delayed')
    expect(delayed).toEqual([`repeat:year:${Date.UTC(new Date().getUTCFullYear() + 1, 0, 3)}`])
    expect(await backend.getJobSchedulersCount()).toBe(1)
    expect((await m.jsonOf(backend, delayed[0] ?? '')).name).toBe('x')
  })

  check('keeps one job when it is set again unchanged', async (bench) => {
    const backend = await yearly(bench)
    await yearly(bench)
    expect(await m.countOf(backend, 'delayed')).toBe(1)
  })

  check('keeps the slot of its job when it is set again by interval', async (bench) => {
    const backend = await every(bench)
    const [first] = await m.idsIn(backend, 'wait')
    await every(bench)
    const all = [...(await m.idsIn(backend, 'wait')), ...(await m.idsIn(backend, 'delayed'))]
    expect(all).toEqual([first])
  })

  check('is removed with its delayed job', async (bench) => {
    const backend = await yearly(bench)
    expect(await backend.removeJobScheduler('year')).toBe(0)
    expect(await m.countOf(backend, 'delayed')).toBe(0)
    expect(await backend.isJobScheduler('year')).toBe(false)
    expect(await backend.getJobSchedulersCount()).toBe(0)
  })

  check('tells listeners of its removed job', async (bench) => {
    const backend = await yearly(bench)
    const [jobId = ''] = await m.idsIn(backend, 'delayed')
    await backend.removeJobScheduler('year')
    expect(await m.eventsOf(backend)).toContainEqual({ event: 'removed', jobId, prev: 'delayed' })
  })

  check('leaves a job that runs when it is removed', async (bench) => {
    const backend = await every(bench)
    const id = (await m.claim(backend)) ?? ''
    await backend.removeJobScheduler('tick')
    expect(await backend.getState(id)).toBe('active')
  })

  check('has nothing to remove when it is missing', async (bench) => {
    const backend = await bench.backend()
    expect(await backend.removeJobScheduler('nobody')).toBe(1)
  })

  check('does not let go of the job it waits for', async (bench) => {
    const backend = await yearly(bench)
    const [id = ''] = await m.idsIn(backend, 'delayed')
    const text = `Job ${id} belongs to a job scheduler and cannot be removed directly. removeJob`
    await m.refused(backend.remove(id, false), -8, text)
  })

  check('keeps its job when the queue is drained', async (bench) => {
    const backend = await yearly(bench)
    await m.add(backend, { delay: HOUR })
    await backend.drain(true)
    expect(await m.countOf(backend, 'delayed')).toBe(1)
  })

  check('keeps its job when delayed jobs are cleaned', async (bench) => {
    const backend = await yearly(bench)
    const other = await m.add(backend, { delay: HOUR })
    expect(await backend.cleanJobsByState('delayed', Date.now() + 1000)).toEqual([other])
    expect(await m.countOf(backend, 'delayed')).toBe(1)
  })

  check('gives its job no options that are empty', async (bench) => {
    const backend = await yearly(bench)
    const [id = ''] = await m.idsIn(backend, 'delayed')
    const { repeat } = (await m.jsonOf(backend, id)).opts as { repeat?: object }
    expect(repeat).toEqual({ count: 1, pattern: YEARLY, tz: 'UTC' })
  })

  check('replaces its waiting job when it is changed in a paused queue', async (bench) => {
    const backend = await every(bench)
    await backend.pause(true)
    await bench.queue().upsertJobScheduler('tick', { pattern: YEARLY, tz: 'UTC' })
    expect(await backend.getCounts(['wait', 'delayed'])).toEqual([0, 1])
    expect(await backend.getRanges(['wait'])).toEqual([[]])
  })

  check('keeps its waiting job, and no other, when the queue is drained', async (bench) => {
    const plain = await m.add(await bench.backend())
    const backend = await every(bench)
    const id = (await m.idsIn(backend, 'wait')).find((one) => one !== plain)
    await backend.drain(false)
    expect(await m.idsIn(backend, 'wait')).toEqual([id])
  })

  const advance = (
    backend: m.Backend,
    id: string,
    next: number,
    producer: string,
  ): Promise<string | null> => backend.updateJobSchedulerNextMillis(id, next, '{}', {}, producer)

  check('goes on to its next slot when its job starts', async (bench) => {
    const backend = await yearly(bench)
    const [producer = ''] = await m.idsIn(backend, 'delayed')
    await backend.promote(producer)
    await m.claim(backend)
    const next = Date.UTC(2200, 0, 1)
    expect(await advance(backend, 'year', next, producer)).toBe(`repeat:year:${next}`)
    expect(await m.idsIn(backend, 'delayed')).toEqual([`repeat:year:${next}`])
    expect((await backend.getJobSchedulerData('year'))['ic']).toBe('2')
  })

  check('goes on once for each of its jobs', async (bench) => {
    const backend = await yearly(bench)
    const [producer = ''] = await m.idsIn(backend, 'delayed')
    await backend.promote(producer)
    await m.claim(backend)
    await advance(backend, 'year', Date.UTC(2200, 0, 1), producer)
    expect((await advance(backend, 'year', Date.UTC(2201, 0, 1), producer)) ?? null).toBeNull()
    expect(await m.countOf(backend, 'delayed')).toBe(1)
  })

  check('does not go on for another job than its own', async (bench) => {
    const backend = await yearly(bench)
    const next = Date.UTC(2200, 0, 1)
    expect((await advance(backend, 'year', next, 'repeat:year:5')) ?? null).toBeNull()
    expect(await m.countOf(backend, 'delayed')).toBe(1)
  })

  check('does not go on when it is missing', async (bench) => {
    const backend = await bench.backend()
    expect((await advance(backend, 'nobody', Date.UTC(2200, 0, 1), 'x')) ?? null).toBeNull()
    expect(await m.countOf(backend, 'delayed')).toBe(0)
  })

  check('by interval keeps to its grid', async (bench) => {
    const backend = await every(bench)
    const [first = ''] = await m.idsIn(backend, 'wait')
    await m.claim(backend)
    const next = await advance(backend, 'tick', Date.now() + 5, first)
    const [from, to] = [first, next ?? ''].map((id) => Number(id.split(':')[2]))
    expect((to ?? 0) - (from ?? 0)).toBe(HOUR)
  })

  check('refuses a slot whose job exists already', async (bench) => {
    const backend = await bench.backend()
    const at = Date.UTC(2200, 0, 1)
    await m.add(backend, { jobId: `repeat:year:${at}` })
    const adding = backend.addJobScheduler('year', at, '{}', {}, { name: 'n', pattern: YEARLY }, {})
    await m.refused(adding, -10, 'Cannot create job scheduler iteration - job ID already exists')
  })

  check('answers with the id and the delay of its job', async (bench) => {
    const backend = await bench.backend()
    const at = Date.UTC(2200, 0, 1)
    const opts = { name: 'n', pattern: YEARLY }
    const [id, delay] = await backend.addJobScheduler('year', at, '{}', {}, opts, {})
    expect(id).toBe(`repeat:year:${at}`)
    expect(Math.abs(delay - (at - Date.now()))).toBeLessThan(10_000)
  })

  check('goes on by itself when a worker runs its jobs', async (bench) => {
    const queue = bench.queue()
    const backend = await bench.backend()
    let runs = 0
    const worker = bench.worker(async () => ++runs)
    await queue.upsertJobScheduler('quick', { every: 20 }, {})
    await m.until(() => runs >= 3)
    await worker.close()
    expect(await backend.getJobSchedulersCount()).toBe(1)
  })

  check('ends after as many jobs as it may have', async (bench) => {
    const queue = bench.queue()
    const backend = await bench.backend()
    const seen: string[] = []
    bench.worker(async (job) => void seen.push(job.id ?? ''))
    await queue.upsertJobScheduler('quick', { every: 10, limit: 2 }, {})
    await m.until(async () => (await m.countOf(backend, 'completed')) === 2)
    await m.pass(40)
    expect(seen).toHaveLength(2)
  })
}
