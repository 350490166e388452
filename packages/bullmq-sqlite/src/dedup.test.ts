/** Deduplication in its modes, and ids that exist. */
import { describe, expect, it } from 'vitest'
import { HandClock, claimId, eventLog, held, lab } from './testing/lab.ts'

function setup() {
  const clock = new HandClock()
  const { backend, queue } = lab({ clock })
  return { clock, store: backend(), jobs: queue() }
}

describe('deduplication', () => {
  it('gives the standing job until it has finished', async () => {
    const { store, jobs } = setup()
    const deduplication = { id: 'd' }
    const first = await jobs.add('job', { n: 1 }, { deduplication })
    const second = await jobs.add('job', { n: 2 }, { deduplication })
    expect(second.id).toBe(first.id)
    expect(await jobs.getDeduplicationJobId('d')).toBe(first.id)
    await claimId(store, 't')
    await store.moveToCompleted(held(first.id!), 1, false, 't', false)
    expect((await jobs.add('job', {}, { deduplication })).id).not.toBe(first.id)
  })

  it('lasts for its time to live, longer if extended', async () => {
    const { clock, jobs } = setup()
    const deduplication = { id: 'd', ttl: 1000, extend: true }
    const first = await jobs.add('job', {}, { deduplication })
    clock.pass(900)
    expect((await jobs.add('job', {}, { deduplication })).id).toBe(first.id)
    clock.pass(900)
    expect((await jobs.add('job', {}, { deduplication })).id).toBe(first.id)
    clock.pass(1000)
    expect((await jobs.add('job', {}, { deduplication })).id).not.toBe(first.id)
  })

  it('replaces a job that is still delayed', async () => {
    const { store, jobs } = setup()
    const opts = { deduplication: { id: 'd', replace: true }, delay: 1000 }
    const first = await jobs.add('job', { n: 1 }, opts)
    const second = await jobs.add('job', { n: 2 }, opts)
    expect(await store.getState(first.id!)).toBe('unknown')
    expect((await jobs.getDelayed()).map((job) => job.data)).toEqual([{ n: 2 }])
    expect(await jobs.getDeduplicationJobId('d')).toBe(second.id)
  })

  it('runs the last of those asked for while the job was active', async () => {
    const { store, jobs } = setup()
    const deduplication = { id: 'd', keepLastIfActive: true }
    const first = await jobs.add('job', { n: 1 }, { deduplication })
    await claimId(store, 't')
    for (const n of [2, 3]) await jobs.add('job', { n }, { deduplication })
    expect(await jobs.count()).toBe(0)
    await store.moveToCompleted(held(first.id!), 1, false, 't', false)
    expect((await jobs.getWaiting()).map((job) => job.data)).toEqual([{ n: 3 }])
  })

  it('ends when the id is freed by hand, or its job is removed', async () => {
    const { jobs } = setup()
    const deduplication = { id: 'd' }
    const first = await jobs.add('job', {}, { deduplication })
    expect(await first.removeDeduplicationKey()).toBe(true)
    expect(await first.removeDeduplicationKey()).toBe(false)
    const second = await jobs.add('job', {}, { deduplication })
    expect(second.id).not.toBe(first.id)
    await second.remove()
    expect(await jobs.getDeduplicationJobId('d')).toBeNull()
  })

  it('tells listeners which job stood for which', async () => {
    const { store, jobs } = setup()
    const first = await jobs.add('job', {}, { deduplication: { id: 'd' } })
    await jobs.add('job', {}, { deduplication: { id: 'd' } })
    expect(await eventLog(store)).toContainEqual({
      event: 'deduplicated',
      jobId: first.id,
      deduplicationId: 'd',
      deduplicatedJobId: '2',
    })
  })
})

describe('a custom id', () => {
  it('is added once', async () => {
    const { store, jobs } = setup()
    await jobs.add('job', { n: 1 }, { jobId: 'mine' })
    expect((await jobs.add('job', { n: 2 }, { jobId: 'mine' })).id).toBe('mine')
    expect((await jobs.getJob('mine'))?.data).toEqual({ n: 1 })
    expect(await eventLog(store)).toContainEqual({ event: 'duplicated', jobId: 'mine' })
  })

  it('may hold colons, as those of schedulers do', async () => {
    const { jobs } = setup()
    await jobs.add('parent', {}, { jobId: 'a:b:c' })
    await jobs.add('child', {}, { parent: { id: 'a:b:c', queue: 'bull:work' } })
    const parent = await jobs.getJob('a:b:c')
    expect(await parent?.getDependenciesCount({ unprocessed: true })).toEqual({ unprocessed: 1 })
  })
})
