/** Pausing, draining, cleaning, obliterating, and moving what waits. */
import { describe, expect, it } from 'vitest'
import { HandClock, claimId, eventLog, held, lab } from './testing/lab.ts'

function setup() {
  const clock = new HandClock()
  const { backend, queue } = lab({ clock })
  return { clock, store: backend(), jobs: queue() }
}

describe('a paused queue', () => {
  it('takes jobs and hands none out', async () => {
    const { store, jobs } = setup()
    await jobs.pause()
    await jobs.add('job', {})
    expect(await jobs.isPaused()).toBe(true)
    expect(await claimId(store, 't')).toBe(0)
    expect(await jobs.getJobCounts('wait')).toEqual({ wait: 1 })
    await jobs.resume()
    expect(await claimId(store, 't')).toBe('1')
    expect((await eventLog(store)).map((entry) => entry['event'])).toEqual(
      expect.arrayContaining(['paused', 'resumed']),
    )
  })

  it('wakes those who wait when it is resumed', async () => {
    const { store, jobs } = setup()
    await jobs.pause()
    await jobs.add('job', {})
    const waiting = store.waitForJob(60)
    await jobs.resume()
    expect(await waiting).toEqual({ member: '0', score: 0 })
  })
})

describe('draining', () => {
  it('removes what waits, and what is delayed if asked', async () => {
    const { jobs } = setup()
    await jobs.add('a', {})
    await jobs.add('b', {}, { priority: 2 })
    await jobs.add('c', {}, { delay: 1000 })
    await jobs.drain()
    expect(await jobs.getJobCounts('wait', 'prioritized', 'delayed')).toEqual({
      wait: 0,
      prioritized: 0,
      delayed: 1,
    })
    await jobs.drain(true)
    expect(await jobs.count()).toBe(0)
  })
})

describe('cleaning', () => {
  it('removes finished jobs that are old enough, up to a limit', async () => {
    const { clock, store, jobs } = setup()
    for (const n of [1, 2, 3]) {
      await jobs.add('job', { n })
      await claimId(store, 't')
      await store.moveToCompleted(held(String(n)), n, false, 't', false)
      clock.pass(1000)
    }
    expect(await store.cleanJobsByState('completed', clock.time - 1500, 1)).toEqual(['1'])
    expect(await store.cleanJobsByState('completed', clock.time - 1500)).toEqual(['2'])
    expect(await jobs.getJobCounts('completed')).toEqual({ completed: 1 })
  })

  it('spares active jobs that are locked', async () => {
    const { clock, store, jobs } = setup()
    await jobs.add('job', {})
    await claimId(store, 't')
    expect(await store.cleanJobsByState('active', clock.time)).toEqual([])
    clock.pass(30_000)
    expect(await store.cleanJobsByState('active', clock.time)).toEqual(['1'])
  })
})

describe('obliterating', () => {
  it('is refused while the queue runs, and with active jobs unless forced', async () => {
    const { store, jobs } = setup()
    await jobs.addBulk(Array.from({ length: 5 }, () => ({ name: 'job', data: {} })))
    await expect(store.obliterate({ force: false, count: 10 })).rejects.toThrow('non-paused')
    await claimId(store, 't')
    await jobs.pause()
    await expect(jobs.obliterate()).rejects.toThrow('active jobs')
    expect(await store.obliterate({ force: true, count: 2 })).toBe(1)
    await jobs.obliterate({ force: true })
    expect(await jobs.getJobCounts()).toMatchObject({ waiting: 0, active: 0 })
    expect(await jobs.isPaused()).toBe(false)
    expect((await jobs.add('job', {})).id).toBe('1')
  })
})

describe('what waits', () => {
  it('can be promoted, one or all', async () => {
    const { jobs } = setup()
    const [one] = await jobs.addBulk(
      [1, 2, 3].map((n) => ({ name: 'job', data: { n }, opts: { delay: 1000 * n } })),
    )
    await one!.promote()
    await expect(one!.promote()).rejects.toMatchObject({ code: -3 })
    expect(await jobs.getJobCounts('wait', 'delayed')).toEqual({ wait: 1, delayed: 2 })
    await jobs.promoteJobs()
    expect(await jobs.getJobCounts('wait', 'delayed')).toEqual({ wait: 3, delayed: 0 })
  })

  it('can be delayed otherwise', async () => {
    const { clock, store, jobs } = setup()
    const job = await jobs.add('job', {}, { delay: 9000, timestamp: clock.time })
    await job.changeDelay(100)
    clock.pass(99)
    const [, , , dueAt] = await store.moveToActive('t')
    expect(Math.floor(dueAt)).toBe(clock.time + 1)
    clock.pass(1)
    expect(await claimId(store, 't')).toBe(job.id)
    await expect(job.changeDelay(5)).rejects.toMatchObject({ code: -3 })
  })

  it('can be given another priority', async () => {
    const { store, jobs } = setup()
    const [a, b, c] = await jobs.addBulk(
      ['a', 'b', 'c'].map((name) => ({ name, data: {}, opts: { priority: 5 } })),
    )
    await c!.changePriority({ priority: 1 })
    await b!.changePriority({ priority: 5, lifo: true })
    expect(await jobs.getCountsPerPriority([0, 1, 5])).toEqual({ 0: 0, 1: 1, 5: 2 })
    const order = [await claimId(store, 't'), await claimId(store, 't'), await claimId(store, 't')]
    expect(order).toEqual([c!.id, b!.id, a!.id])
  })

  it('is listed from either end, in pages', async () => {
    const { jobs } = setup()
    await jobs.addBulk(Array.from({ length: 6 }, (_, n) => ({ name: 'job', data: { n } })))
    const ids = async (start: number, end: number, asc: boolean): Promise<unknown> =>
      (await jobs.getJobs(['waiting'], start, end, asc)).map((job) => job.id)
    expect(await ids(0, 1, true)).toEqual(['1', '2'])
    expect(await ids(0, 1, false)).toEqual(['6', '5'])
    expect(await ids(4, 9, true)).toEqual(['5', '6'])
    expect(await ids(-2, -1, true)).toEqual(['5', '6'])
    expect(await ids(7, 9, true)).toEqual([])
  })

  it('is counted by when it is due', async () => {
    const { clock, jobs } = setup()
    for (const delay of [1000, 2000, 3000]) {
      await jobs.add('job', {}, { delay, timestamp: clock.time })
    }
    expect(await jobs.getDelayedCount(clock.time + 2000)).toBe(1)
    expect(await jobs.getDelayedCount()).toBe(3)
  })
})
