// What somebody writes into a queue store who has no keys: none of it runs, and none of it is shown as if it were genuine.
import type { JobJson, MinimalJob } from 'bullmq'
import { afterEach, describe, expect, it } from 'vitest'
import { openWall, STORES, type Walled } from '../canary/wall.ts'

const MISSING = 'ORDERLY_SEAL_MISSING#000000000000'
const BROKEN = 'ORDERLY_SEAL_BROKEN#000000000000'
const QUEUE = 'clinic'

let wall: Walled
const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function open(kind: string) {
  wall = await openWall(kind)
  closers.push(() => wall.close())
  const { Queue, Worker } = wall.classes
  const { connection } = wall
  const queue = new Queue(QUEUE, { connection })
  closers.push(() => queue.close())
  const outside = wall.outside(QUEUE)
  await outside.waitUntilReady()
  return {
    queue,
    outside,
    /** Runs jobs until `count` of them have ended. */
    async run(process: (job: any) => Promise<unknown>, count = 1): Promise<void> {
      const worker = new Worker(QUEUE, process, { connection })
      const errors: string[] = []
      worker.on('error', (error: Error) => errors.push(error.message))
      await expect
        .poll(async () => (await queue.getCompletedCount()) + (await queue.getFailedCount()), {
          timeout: 10_000,
        })
        .toBe(count)
      await worker.close()
      expect(errors).toEqual([])
    },
    /** Takes a job out of its queue and puts it back changed. */
    async change(id: string, with_: (json: JobJson) => Partial<JobJson>): Promise<void> {
      const json = (await outside.getJobData(id))!
      await outside.remove(id, false)
      const { deduplicationId: _key, ...rest } = { ...json, id } as JobJson
      await outside.addJob({ ...rest, ...with_(json) } as JobJson, id, {})
    },
  }
}

const minimal = (id: string): MinimalJob => ({ id, opts: { attempts: 1 } }) as unknown as MinimalJob

describe.each(Object.keys(STORES))('in a store of PHI that is %s', (kind) => {
  it('a job that was given the name of another kind of job does not run', async () => {
    const { queue, run, change } = await open(kind)
    const { id } = await queue.add('remind', { patient: 'Jane' })
    await change(id!, () => ({ name: 'export' }))
    const seen: string[] = []
    await run(async (job) => void seen.push(job.name))
    expect(seen).toEqual([])
    expect((await queue.getJob(id!))?.failedReason).toBe(BROKEN)
    expect(wall.refused).toContain('ORDERLY_SEAL_BROKEN')
  })

  it('data that is changed stays with its name, whoever changes it', async () => {
    const { queue, run, outside, change } = await open(kind)
    const { id } = await queue.add('remind', { patient: 'Jane' })
    await (await queue.getJob(id!))!.updateData({ patient: 'Joan' })
    const seen: unknown[] = []
    await run(async (job) => void seen.push(job.data))
    expect(seen).toEqual([{ patient: 'Joan' }])
    const renamed = await queue.add('remind', { patient: 'Jane' })
    const stored = (await outside.getJobData(renamed.id!))!
    await (await queue.getJob(renamed.id!))!.updateData({ patient: 'Joan' })
    await change(renamed.id!, () => ({ name: 'export' }))
    await run(async (job) => void seen.push(job.data), 2)
    expect(seen).toHaveLength(1)
    expect(stored.name).toBe('remind')
  })

  it('a template that was given to a scheduler of another name does not run', async () => {
    const { queue, run, outside } = await open(kind)
    const job = await queue.upsertJobScheduler(
      'daily',
      { every: 86_400_000 },
      { name: 'remind', data: { patient: 'Jane' } },
    )
    const json = (await outside.getJobData(job!.id!))!
    // Another turn of the same scheduler, for another handler.
    const id = 'repeat:daily:5'
    await outside.addJob({ ...json, id, name: 'export', delay: 0 } as JobJson, id, {})
    const seen: string[] = []
    await run(async (running) => void seen.push(running.name), 2)
    expect(seen).toEqual(['remind'])
    expect(await queue.getJobState(id)).toBe('failed')
  })

  it('a list with a job whose data is plain or changed can still be read', async () => {
    const { queue, outside } = await open(kind)
    const good = await queue.add('remind', { patient: 'Jane' })
    const plain = await queue.add('remind', { patient: 'Jane' })
    const swapped = await queue.add('remind', { patient: 'Jane' })
    await outside.updateData(minimal(plain.id!), { patient: 'forged' } as never)
    const stolen = JSON.parse((await outside.getJobData(good.id!))!.data) as object
    await outside.updateData(minimal(swapped.id!), stolen as never)
    const jobs = await queue.getJobs(['waiting', 'wait'])
    const data = Object.fromEntries(jobs.map((job) => [job.id, job.data]))
    expect(data).toEqual({
      [good.id!]: { patient: 'Jane' },
      [plain.id!]: { $refused: 'ORDERLY_SEAL_MISSING' },
      [swapped.id!]: { $refused: 'ORDERLY_SEAL_BROKEN' },
    })
  })

  it('plain progress, log lines, results, reasons and traces are shown as refused', async () => {
    const { queue, outside } = await open(kind)
    const { id } = await queue.add('remind', { patient: 'Jane' })
    const { id: failing } = await queue.add('remind', { patient: 'Jane' })
    await outside.updateProgress(id!, { step: 'forged' })
    await outside.addLog(id!, 'forged')
    for (const [token, settle] of [
      ['t1', () => outside.moveToCompleted(minimal(id!), 'forged', false, 't1', false)],
      [
        't2',
        () =>
          outside.moveToFailed(minimal(failing!), 'forged', false, 't2', false, {
            failedReason: 'forged',
            stacktrace: JSON.stringify(['forged']),
          }),
      ],
    ] as const) {
      await outside.moveToActive(token)
      await settle()
    }
    const done = (await queue.getJob(id!))!
    expect(done.progress).toBe(MISSING)
    expect(done.returnvalue).toBe(MISSING)
    expect((await queue.getJobLogs(id!)).logs).toEqual([MISSING])
    const failed = (await queue.getJob(failing!))!
    expect(failed.failedReason).toBe(MISSING)
    expect(failed.stacktrace).toEqual([MISSING])
    expect(JSON.stringify([done, failed])).not.toContain('forged')
  })

  it('a plain result is no result for who waits for it, and none for a parent', async () => {
    const { queue, outside } = await open(kind)
    const { connection, classes } = wall
    const events = new classes.QueueEvents(QUEUE, { connection })
    closers.push(() => events.close())
    await events.waitUntilReady()
    const heard: unknown[] = []
    for (const name of ['completed', 'progress', 'failed', 'forgery'])
      events.on(name as never, ((event: unknown) => heard.push([name, event])) as never)
    const job = await queue.add('remind', { patient: 'Jane' })
    await outside.updateProgress(job.id!, { step: 'forged' })
    await outside.publishEvent({ event: 'forgery', what: 'forged' }, 100)
    await outside.moveToActive('t')
    await outside.moveToCompleted(minimal(job.id!), 'forged', false, 't', false)
    await expect(job.waitUntilFinished(events)).rejects.toThrow(MISSING)
    await expect.poll(() => heard).toHaveLength(3)
    expect(JSON.stringify(heard)).not.toContain('forged')
  })

  it('the reason of one attempt is not shown as that of another', async () => {
    const { queue, run, outside } = await open(kind)
    const { id } = await queue.add(
      'remind',
      {},
      { attempts: 2, backoff: { type: 'fixed', delay: 60_000 } },
    )
    const worker = new wall.classes.Worker(
      QUEUE,
      async ({ attemptsMade }: { attemptsMade: number }) => {
        throw new Error(`reason ${attemptsMade}`)
      },
      { connection: wall.connection },
    )
    await expect.poll(async () => (await queue.getJob(id!))?.failedReason).toBe('reason 0')
    const first = (await outside.getJobData(id!))!
    await (await queue.getJob(id!))!.promote()
    await expect.poll(async () => (await queue.getJob(id!))?.failedReason).toBe('reason 1')
    await worker.close()
    const traces = (await queue.getJob(id!))!.stacktrace
    expect(traces?.join()).toContain('reason 0')
    await outside.retryFinishedJob(minimal(id!), 'failed', {})
    await outside.moveToActive('t')
    await outside.moveToFailed(minimal(id!), first.failedReason!, false, 't', false, {
      failedReason: first.failedReason,
      stacktrace: first.stacktrace,
    })
    const forged = (await queue.getJob(id!))!
    expect(forged.failedReason).toBe(BROKEN)
    expect(forged.stacktrace).toEqual([BROKEN])
    await queue.add('other', {})
    await run(async () => undefined, 2)
  })
})
