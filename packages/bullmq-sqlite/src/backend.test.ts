/** The ordinary life of jobs, through BullMQ's own classes. */
import { describe, expect, it } from 'vitest'
import { bound } from './testing/lab-free.ts'
import { HandClock, claimId, completions, lab, until } from './testing/lab.ts'

describe('a worker', () => {
  it('runs jobs in the order they were added', async () => {
    const { queue, worker } = lab()
    const added = await queue().addBulk(
      Array.from({ length: 20 }, (_, n) => ({ name: 'job', data: { n } })),
    )
    const ids = await completions(
      worker('work', async () => {}),
      20,
    )
    expect(ids).toEqual(added.map((job) => job.id))
  })

  it('runs jobs without a priority first, then by priority, then by arrival', async () => {
    const { queue, worker } = lab()
    const jobs = queue()
    for (const [name, opts] of [
      ['low', { priority: 9 }],
      ['high', { priority: 1 }],
      ['none', {}],
      ['high again', { priority: 1 }],
      ['front', { lifo: true }],
    ] as const) {
      await jobs.add(name, {}, opts)
    }
    const order: string[] = []
    const done = worker('work', async (job) => void order.push(job.name))
    await completions(done, 5)
    expect(order).toEqual(['front', 'none', 'high', 'high again', 'low'])
  })

  it('is woken by a job added while it waits', async () => {
    const { queue, worker } = lab()
    const sleeper = worker('work', async (job) => job.data.n * 2, { drainDelay: 1000 })
    const done = completions(sleeper, 1)
    await sleeper.waitUntilReady()
    await new Promise((resolve) => setTimeout(resolve, 20))
    const job = await queue().add('job', { n: 21 })
    expect(await done).toEqual([job.id])
    expect((await queue().getJob(job.id!))?.returnvalue).toBe(42)
  })

  it('is woken when a delayed job is due, without polling for it', async () => {
    const { queue, worker } = lab()
    const done = completions(
      worker('work', async () => {}, { drainDelay: 1000 }),
      2,
    )
    const jobs = queue()
    const later = await jobs.add('later', {}, { delay: 120 })
    const sooner = await jobs.add('sooner', {}, { delay: 40 })
    expect(await done).toEqual([sooner.id, later.id])
  })

  it('tries again after its backoff until the attempts are used up', async () => {
    const { queue, worker, events } = lab()
    const seen: number[] = []
    const listener = events()
    await listener.waitUntilReady()
    worker('work', async (job) => {
      seen.push(job.attemptsMade)
      throw new Error(`try ${job.attemptsMade}`)
    })
    const job = await queue().add('job', {}, { attempts: 3, backoff: 5 })
    await expect(job.waitUntilFinished(listener)).rejects.toThrow('try 2')
    expect(seen).toEqual([0, 1, 2])
    const failed = await queue().getJob(job.id!)
    expect(failed).toMatchObject({ failedReason: 'try 2', attemptsMade: 3, attemptsStarted: 3 })
    expect(failed?.stacktrace).toHaveLength(3)
  })

  it('stops waiting at once when it is closed', async () => {
    const { worker } = lab()
    const idle = worker('work', async () => {}, { drainDelay: 1000 })
    await idle.waitUntilReady()
    await new Promise((resolve) => setTimeout(resolve, 10))
    await idle.close()
    expect(idle.isRunning()).toBe(false)
  })

  it('goes on after it was paused and resumed', async () => {
    const { queue, worker } = lab()
    const runner = worker('work', async () => {})
    await runner.waitUntilReady()
    await runner.pause()
    await queue().add('job', {})
    expect(await queue().getWaitingCount()).toBe(1)
    const done = completions(runner, 1)
    await runner.resume()
    await done
  })

  it('keeps progress, data and logs of a running job', async () => {
    const { queue, worker } = lab()
    const runner = worker('work', async (job) => {
      await job.updateProgress({ page: 3 })
      await job.updateData({ n: 2 })
      for (const line of ['one', 'two', 'three']) await job.log(line)
    })
    const done = completions(runner, 1)
    const jobs = queue()
    const { id } = await jobs.add('job', { n: 1 }, { keepLogs: 2 })
    await done
    expect(await jobs.getJob(id!)).toMatchObject({ progress: { page: 3 }, data: { n: 2 } })
    expect(await jobs.getJobLogs(id!)).toEqual({ logs: ['two', 'three'], count: 2 })
  })

  it('runs no more jobs at once than the queue allows to all workers together', async () => {
    const { queue, worker } = lab()
    const jobs = queue()
    await jobs.setGlobalConcurrency(2)
    await jobs.addBulk(Array.from({ length: 8 }, () => ({ name: 'job', data: {} })))
    let running = 0
    let most = 0
    const run = async (): Promise<void> => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 5))
      running--
    }
    const one = worker('work', run, { concurrency: 4 })
    const two = worker('work', run, { concurrency: 4 })
    let done = 0
    for (const each of [one, two]) each.on('completed', () => void done++)
    await until(() => done === 8)
    expect(most).toBe(2)
  })

  it('starts no more jobs in a window than its limiter allows', async () => {
    const clock = new HandClock()
    const { queue, backend } = lab({ clock })
    const store = backend('work', { limiter: { max: 2, duration: 1000 } })
    await queue().addBulk(Array.from({ length: 4 }, () => ({ name: 'job', data: {} })))
    expect([await claimId(store, 'a'), await claimId(store, 'b')]).toEqual(['1', '2'])
    clock.pass(400)
    expect(await store.moveToActive('c')).toEqual([null, 0, 600, 0])
    expect(await store.getRateLimitTtl(2)).toBe(600)
    clock.pass(600)
    expect(await claimId(store, 'd')).toBe('3')
  })

  it('obeys the limit of the queue before its own', async () => {
    const { queue, backend } = lab({ clock: new HandClock() })
    const store = backend('work', { limiter: { max: 9, duration: 1000 } })
    const jobs = queue()
    await jobs.setGlobalRateLimit(1, 5000)
    await jobs.addBulk(Array.from({ length: 2 }, () => ({ name: 'job', data: {} })))
    expect(await claimId(store, 'a')).toBe('1')
    expect((await store.moveToActive('b'))[2]).toBe(1000)
    await jobs.rateLimit(7000)
    expect(await jobs.getRateLimitTtl()).toBe(7000)
    await jobs.removeRateLimitKey()
    expect(await claimId(store, 'c')).toBe('2')
  })

  it('gives a job back when it says that it is rate limited', async () => {
    const { queue, worker } = lab()
    let limitedOnce = false
    const limited = worker('work', async () => {
      if (limitedOnce) return 'done'
      limitedOnce = true
      await limited.rateLimit(20)
      throw bound.Worker.RateLimitError()
    })
    const done = completions(limited, 1)
    const job = await queue().add('job', {})
    expect(await done).toEqual([job.id])
    expect((await queue().getJob(job.id!))?.attemptsMade).toBe(1)
  })
})

describe('connections', () => {
  it('lists workers and listeners by name, and forgets those that closed', async () => {
    const { queue, worker, events } = lab()
    const jobs = queue()
    const named = worker('work', async () => {}, { name: 'alice' })
    worker('work', async () => {})
    worker('other', async () => {})
    const listener = events()
    await listener.waitUntilReady()
    expect((await jobs.getWorkers()).map((one) => one['rawname'])).toEqual([
      expect.stringMatching(/:w:alice$/),
      expect.stringMatching(/^bull:[^:]+$/),
    ])
    expect(await jobs.getQueueEvents()).toHaveLength(1)
    await named.close()
    expect(await jobs.getWorkersCount()).toBe(1)
  })

  it('refuses operations after closing in the words BullMQ knows', async () => {
    const { backend } = lab()
    const closed = backend()
    await closed.close()
    await expect(closed.getCounts(['wait'])).rejects.toThrow('Connection is closed.')
    expect(await closed.waitForJob(10)).toBeNull()
  })

  it('keeps queues of the same name under different prefixes apart', async () => {
    const { queue } = lab()
    await queue('work', { prefix: 'a' }).add('job', {})
    expect(await queue('work', { prefix: 'b' }).count()).toBe(0)
    expect(await queue('work', { prefix: 'a' }).count()).toBe(1)
  })

  it('sees writes that were asked for before a read, awaited or not', async () => {
    const { queue } = lab()
    const jobs = queue()
    const adding = jobs.add('job', {})
    expect(await jobs.count()).toBe(1)
    await adding
  })

  it('works on a database in memory', async () => {
    const { queue, worker } = lab({ file: ':memory:' })
    const done = completions(
      worker('work', async () => {}),
      1,
    )
    const job = await queue().add('job', {})
    expect(await done).toEqual([job.id])
  })
})
