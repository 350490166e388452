/** Owns the cases that run whole programs: a queue, a worker, and what they see of each other. */
import { DelayedError, RateLimitError, UnrecoverableError, WaitingChildrenError } from 'bullmq'
import { expect } from 'vitest'
import type { Check } from '../bench.ts'
import * as m from '../moves.ts'

export function workerCases(check: Check): void {
  check('runs each job once', async (bench) => {
    const queue = bench.queue()
    const seen: string[] = []
    bench.worker(async (job) => void seen.push(job.id ?? ''), { concurrency: 5 })
    await queue.addBulk(Array.from({ length: 50 }, (_, n) => ({ name: 'job', data: { n } })))
    await m.until(async () => (await queue.getCompletedCount()) === 50)
    expect(new Set(seen).size).toBe(50)
    expect(seen).toHaveLength(50)
  })

  check('runs no more jobs at once than it may', async (bench) => {
    const queue = bench.queue()
    let [now, most] = [0, 0]
    await queue.addBulk(Array.from({ length: 12 }, () => ({ name: 'job', data: {} })))
    bench.worker(
      async () => {
        most = Math.max(most, ++now)
        await m.pass(2)
        now--
      },
      { concurrency: 3 },
    )
    await m.until(async () => (await queue.getCompletedCount()) === 12)
    expect(most).toBe(3)
  })

  check('stores what a job returns', async (bench) => {
    const queue = bench.queue()
    bench.worker(async (job) => ({ twice: job.data.n * 2 }))
    const job = await queue.add('job', { n: 4 })
    await m.until(async () => (await job.getState()) === 'completed')
    expect((await queue.getJob(job.id ?? ''))?.returnvalue).toEqual({ twice: 8 })
  })

  check('retries a job at once until it succeeds', async (bench) => {
    const queue = bench.queue()
    bench.worker(async (job) => {
      if (job.attemptsMade < 2) throw new Error('not yet')
      return job.attemptsMade
    })
    const job = await queue.add('job', {}, { attempts: 3 })
    await m.until(async () => (await job.getState()) === 'completed')
    const after = await queue.getJob(job.id ?? '')
    expect([after?.attemptsMade, after?.returnvalue]).toEqual([3, 2])
  })

  check('retries a job after its backoff', async (bench) => {
    const queue = bench.queue()
    const starts: number[] = []
    bench.worker(async () => {
      starts.push(Date.now())
      if (starts.length < 2) throw new Error('not yet')
    })
    const job = await queue.add('job', {}, { attempts: 2, backoff: 60 })
    await m.until(async () => (await job.getState()) === 'completed')
    expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeGreaterThanOrEqual(58)
  })

  check('gives up after the last attempt', async (bench) => {
    const queue = bench.queue()
    bench.worker(async () => {
      throw new Error('never')
    })
    const job = await queue.add('job', {}, { attempts: 2 })
    await m.until(async () => (await job.getState()) === 'failed')
    const after = await queue.getJob(job.id ?? '')
    expect([after?.attemptsMade, after?.failedReason]).toEqual([2, 'never'])
    expect(after?.stacktrace).toHaveLength(2)
  })

  check('does not retry what cannot succeed', async (bench) => {
    const queue = bench.queue()
    bench.worker(async () => {
      throw new UnrecoverableError('no')
    })
    const job = await queue.add('job', {}, { attempts: 5 })
    await m.until(async () => (await job.getState()) === 'failed')
    expect((await queue.getJob(job.id ?? ''))?.attemptsMade).toBe(1)
  })

  check('lets a job put itself off', async (bench) => {
    const queue = bench.queue()
    let runs = 0
    bench.worker(async (job, token) => {
      if (++runs > 1) return
      await job.moveToDelayed(Date.now() + 30, token)
      throw new DelayedError()
    })
    const job = await queue.add('job', {})
    await m.until(async () => (await job.getState()) === 'completed')
    expect(runs).toBe(2)
  })

  check('lets a job give way to a rate limit', async (bench) => {
    const queue = bench.queue()
    let runs = 0
    const worker = bench.worker(
      async () => {
        if (++runs > 1) return
        await worker.rateLimit(30)
        throw new RateLimitError()
      },
      { limiter: { max: 5, duration: 1000 } },
    )
    const job = await queue.add('job', {})
    await m.until(async () => (await job.getState()) === 'completed')
    expect(runs).toBe(2)
  })

  check('lets a job wait for children it adds', async (bench) => {
    const queue = bench.queue()
    const kids = bench.queue({}, bench.named('kids'))
    let runs = 0
    bench.worker(async (job, token) => {
      const values = async (): Promise<unknown[]> => Object.values(await job.getChildrenValues())
      if (++runs > 1) return values()
      await kids.add('kid', {}, { parent: { id: job.id ?? '', queue: job.queueQualifiedName } })
      if (await job.moveToWaitingChildren(token ?? '')) throw new WaitingChildrenError()
      return values() // The child was quicker.
    })
    bench.worker(async () => 'from the kid', {}, bench.named('kids'))
    const job = await queue.add('job', {})
    await m.until(async () => (await job.getState()) === 'completed')
    expect((await queue.getJob(job.id ?? ''))?.returnvalue).toEqual(['from the kid'])
  })

  check('runs delayed jobs when they are due', async (bench) => {
    const queue = bench.queue()
    const started = Date.now()
    let ranAt = 0
    bench.worker(async () => void (ranAt = Date.now()))
    await queue.add('job', {}, { delay: 60 })
    await m.until(() => ranAt > 0)
    expect(ranAt - started).toBeGreaterThanOrEqual(59)
  })

  check('is told of a job that comes while it sleeps', async (bench) => {
    const queue = bench.queue()
    const worker = bench.worker(async () => 'ran')
    await worker.waitUntilReady()
    await m.pass(20)
    const job = await queue.add('job', {})
    await m.until(async () => (await job.getState()) === 'completed')
    expect((await queue.getJob(job.id ?? ''))?.returnvalue).toBe('ran')
  })

  check('finishes what it runs before it closes', async (bench) => {
    const queue = bench.queue()
    let begun = false
    const worker = bench.worker(async () => {
      begun = true
      await m.pass(20)
    })
    const job = await queue.add('job', {})
    await m.until(() => begun)
    await worker.close()
    expect(await job.getState()).toBe('completed')
  })

  check('stops taking jobs while it is paused', async (bench) => {
    const queue = bench.queue()
    const worker = bench.worker(async () => undefined)
    await worker.waitUntilReady()
    await worker.pause()
    const job = await queue.add('job', {})
    await m.pass(20)
    expect(await job.getState()).toBe('waiting')
    await worker.resume()
    await m.until(async () => (await job.getState()) === 'completed')
  })

  check('keeps a long job by renewing its lock', async (bench) => {
    const queue = bench.queue()
    let runs = 0
    const opts = { lockDuration: 600, stalledInterval: 50 }
    bench.worker(async () => {
      runs++
      await m.pass(1000)
    }, opts)
    const job = await queue.add('job', {})
    await m.until(async () => (await job.getState()) === 'completed')
    expect(runs).toBe(1)
  })

  check('shares the jobs with another worker', async (bench) => {
    const queue = bench.queue()
    const seen: string[] = []
    const work = async (job: { id?: string }): Promise<void> => void seen.push(job.id ?? '')
    bench.worker(work)
    bench.worker(work)
    await queue.addBulk(Array.from({ length: 40 }, () => ({ name: 'job', data: {} })))
    await m.until(async () => (await queue.getCompletedCount()) === 40)
    expect(new Set(seen).size).toBe(40)
    expect(seen).toHaveLength(40)
  })
}
