/** Job schedulers: slots, changes, collisions. */
import { describe, expect, it } from 'vitest'
import { HandClock, claimId, completions, lab } from './testing/lab.ts'

function setup() {
  const clock = new HandClock()
  const { backend } = lab({ clock })
  const store = backend()
  const upsert = (every: number, extra: object = {}) =>
    store.addJobScheduler(
      'daily',
      0,
      '{"n":1}',
      { priority: 3 },
      { name: 'job', every, ...extra },
      {},
    )
  return { clock, store, upsert }
}

describe('a scheduler', () => {
  it('runs its job again and again', async () => {
    const { queue, worker } = lab()
    const jobs = queue()
    const done = completions(
      worker('work', async () => {}),
      3,
    )
    await jobs.upsertJobScheduler('tick', { every: 20 }, { name: 'job', data: { n: 1 } })
    const ids = await done
    expect(new Set(ids).size).toBe(3)
    expect(await jobs.getJobScheduler('tick')).toMatchObject({
      key: 'tick',
      name: 'job',
      every: 20,
      template: { data: { n: 1 } },
    })
    expect(await jobs.removeJobScheduler('tick')).toBe(true)
    expect(await jobs.removeJobScheduler('tick')).toBe(false)
  })

  it('fires by a pattern', async () => {
    const { queue } = lab()
    const jobs = queue()
    await jobs.upsertJobScheduler('cron', { pattern: '0 0 3 * * *', tz: 'UTC' })
    const { next } = (await jobs.getJobScheduler('cron'))!
    expect(new Date(next!).toISOString()).toMatch(/T03:00:00.000Z$/)
    expect(await jobs.getJobSchedulersCount()).toBe(1)
    expect((await jobs.getJobSchedulers())[0]).toMatchObject({ pattern: '0 0 3 * * *' })
  })

  it('skips the slots it missed and stays on its grid', async () => {
    const { clock, store, upsert } = setup()
    const [first] = (await upsert(1000)) as [string, number]
    expect(await claimId(store, 't')).toBe(first)
    clock.pass(5300)
    const next = await store.updateJobSchedulerNextMillis('daily', 0, '{}', {}, first)
    expect(next).toBe(`repeat:daily:${clock.time - 300 + 1000}`)
  })

  it('adds one next job, however often a start reports', async () => {
    const { store, upsert } = setup()
    const [first] = (await upsert(1000)) as [string, number]
    await claimId(store, 't')
    const next = await store.updateJobSchedulerNextMillis('daily', 0, '{}', {}, first)
    expect(next).not.toBeNull()
    expect(await store.updateJobSchedulerNextMillis('daily', 0, '{}', {}, first)).toBeNull()
    expect(await store.getCounts(['delayed'])).toEqual([1])
  })

  it('replaces its pending job when it is changed', async () => {
    const { clock, store, upsert } = setup()
    await upsert(1000)
    await upsert(5000)
    const waiting = await store.getRanges(['wait', 'delayed'], 0, -1, true)
    expect(waiting.flat()).toEqual([`repeat:daily:${clock.time}`])
    expect((await store.getJobSchedulerData('daily'))['every']).toBe('5000')
  })

  it('moves past slots that old jobs hold, and gives up when all are held', async () => {
    const { clock, store, upsert } = setup()
    const [first] = (await upsert(1000)) as [string, number]
    await claimId(store, 't')
    const [second] = (await upsert(1000)) as [string, number]
    expect(second).not.toBe(first)
    expect(second).toBe(`repeat:daily:${clock.time + 1000}`)
  })

  it('refuses a pattern whose slot is held by a running job', async () => {
    const { clock, store } = setup()
    const at = clock.time
    const add = () =>
      store.addJobScheduler('cron', at, '{}', {}, { name: 'job', pattern: '* * * * *' }, {})
    await add()
    await claimId(store, 't')
    await expect(add()).rejects.toMatchObject({ code: -10 })
  })

  it('keeps its pending job from being removed or drained', async () => {
    const { clock, store, upsert } = setup()
    await upsert(1000, { startDate: clock.time + 500 })
    const id = `repeat:daily:${clock.time + 500}`
    await expect(store.remove(id, true)).rejects.toMatchObject({ code: -8 })
    await store.drain(true)
    expect(await store.getState(id)).toBe('delayed')
    await store.removeJobScheduler('daily')
    expect(await store.getState(id)).toBe('unknown')
  })
})
