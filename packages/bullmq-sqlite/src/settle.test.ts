/** How runs end: what is kept, what is told, what comes next. */
import { describe, expect, it } from 'vitest'
import { HandClock, claimId, eventLog, held, lab } from './testing/lab.ts'

describe('completing', () => {
  it('hands out the next job in the same step', async () => {
    const { backend, queue } = lab()
    const store = backend()
    const [first, second] = await queue().addBulk([
      { name: 'a', data: {} },
      { name: 'b', data: {} },
    ])
    await claimId(store, 't')
    const { result } = await store.moveToCompleted(held(first!.id!), 1, false, 't', true)
    expect(result).toMatchObject([{ name: 'b', attemptsStarted: 1 }, second!.id, 0, 0])
    expect(
      await store.moveToCompleted(held(second!.id!), undefined, false, 't', true),
    ).toMatchObject({ result: [] })
    expect(await store.isFinished(second!.id!, true)).toEqual([1, 'null'])
  })

  it('keeps the newest jobs up to a count', async () => {
    const { backend, queue } = lab()
    const store = backend()
    const jobs = queue()
    for (let n = 0; n < 4; n++) {
      const { id } = await jobs.add('job', {}, { jobId: `j${n}` })
      await claimId(store, 't')
      await store.moveToCompleted(held(id!), n, { count: 2 }, 't', false)
    }
    expect((await jobs.getCompleted()).map((job) => job.id)).toEqual(
      expect.arrayContaining(['j3', 'j2']),
    )
    expect(await jobs.getJobCounts('completed')).toEqual({ completed: 2 })
  })

  it('removes jobs older than an age, and those that are not to be kept at once', async () => {
    const clock = new HandClock()
    const { backend, queue } = lab({ clock })
    const store = backend()
    const jobs = queue()
    const finish = async (jobId: string, keep: boolean | { age: number }): Promise<void> => {
      await jobs.add('job', {}, { jobId })
      await claimId(store, 't')
      await store.moveToCompleted(held(jobId), 1, keep, 't', false)
    }
    await finish('old', false)
    clock.pass(11_000)
    await finish('new', { age: 10 })
    await finish('gone', true)
    expect((await jobs.getCompleted()).map((job) => job.id)).toEqual(['new'])
  })

  it('tells what happened, and that the queue is empty', async () => {
    const { backend, queue } = lab()
    const store = backend()
    const { id } = await queue().add('job', {})
    await claimId(store, 't')
    await store.moveToFailed(held(id!, { attempts: 1 }), 'why', false, 't', true)
    expect(await eventLog(store)).toEqual([
      { event: 'added', jobId: id, name: 'job' },
      { event: 'waiting', jobId: id },
      { event: 'active', jobId: id, prev: 'waiting' },
      { event: 'failed', jobId: id, failedReason: 'why', prev: 'active' },
      { event: 'retries-exhausted', jobId: id, attemptsMade: '1' },
      { event: 'drained' },
    ])
  })

  it('counts finished jobs by the minute', async () => {
    const clock = new HandClock()
    const { backend, queue } = lab({ clock })
    const store = backend('work', { metrics: { maxDataPoints: 3 } })
    const jobs = queue()
    const finish = async (): Promise<void> => {
      const { id } = await jobs.add('job', {})
      await claimId(store, 't')
      await store.moveToCompleted(held(id!), 1, false, 't', false)
    }
    await finish()
    await finish()
    clock.pass(60_000)
    await finish()
    clock.pass(120_000)
    await finish()
    const metrics = await jobs.getMetrics('completed')
    expect(metrics).toMatchObject({ data: [0, 1, 2], count: 3, meta: { count: 4 } })
    clock.pass(600_000)
    await finish()
    expect((await jobs.getMetrics('completed', 0, 1)).data).toEqual([0, 0])
  })
})

describe('retrying', () => {
  it('runs a finished job again, and forgets how it ended', async () => {
    const { backend, queue } = lab()
    const store = backend()
    const job = await queue().add('job', {})
    await claimId(store, 't')
    await store.moveToFailed(held(job.id!), 'why', false, 't', false)
    await expect(job.retry('completed')).rejects.toMatchObject({ code: -3 })
    await job.retry('failed', { resetAttemptsMade: true })
    const again = await queue().getJob(job.id!)
    expect(again).toMatchObject({ attemptsMade: 0, attemptsStarted: 1 })
    expect(again?.failedReason).toBeUndefined()
    expect(again?.finishedOn).toBeUndefined()
    expect(await job.getState()).toBe('waiting')
  })

  it('runs all failed jobs again, a page at a time', async () => {
    const { backend, queue } = lab()
    const store = backend()
    const jobs = queue()
    await jobs.addBulk(Array.from({ length: 5 }, () => ({ name: 'job', data: {} })))
    for (let n = 0; n < 5; n++) {
      const id = await claimId(store, 't')
      await store.moveToFailed(held(String(id)), 'why', false, 't', false)
    }
    await jobs.retryJobs({ count: 2 })
    expect(await jobs.getJobCounts('failed', 'wait')).toEqual({ failed: 0, wait: 5 })
  })
})
