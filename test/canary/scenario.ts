// One program that sends a token through every member of the contract that carries content, and reads it back.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  DelayedError,
  WaitingChildrenError,
  type BackendClasses,
  type IQueueBackend,
  type Job,
} from 'bullmq'
import { expect } from 'vitest'
import { plant } from './needles.ts'

export type Classes = BackendClasses<IQueueBackend, any>

/** Everything that must not be found afterwards, by where it was planted. */
export type Tokens = Map<string, string>

/** Runs the whole program and returns its tokens. */
export async function runScenario(classes: Classes, connection: unknown): Promise<Tokens> {
  const tokens: Tokens = new Map()
  const token = (name: string): string => {
    const made = plant(name)
    tokens.set(name, made)
    return made
  }
  const name = `canary-${randomUUID()}`
  const { Queue, Worker, QueueEvents, QueueEventsProducer } = classes
  const opened: { close(): Promise<unknown> }[] = []
  const keep = <
    T extends { close(): Promise<unknown>; on(event: 'error', fn: () => void): unknown },
  >(
    made: T,
  ): T => {
    made.on('error', () => undefined)
    opened.push(made)
    return made
  }
  try {
    const queue = keep(new Queue(name, { connection }))
    const events = keep(new QueueEvents(name, { connection }))
    const heard: Record<string, unknown>[] = []
    for (const event of ['completed', 'failed', 'progress'] as const)
      events.on(event, (told: any) => void heard.push({ event, ...told }))
    events.on(
      'spoken' as never,
      ((told: any) => void heard.push({ event: 'spoken', ...told })) as never,
    )
    await events.waitUntilReady()

    await plainJobs(queue, Worker, events, connection, token, keep)
    await flows(name, classes, connection, token, keep)
    await schedulers(name, classes, connection, token, keep)

    const speaker = new QueueEventsProducer(name, { connection })
    opened.push(speaker)
    const said = token('custom event')
    await speaker.publishEvent({ eventName: 'spoken', text: said })
    await until(() => heard.some(({ text }) => text === said), 'the custom event')

    const [result, failure, step] = ['result', 'error', 'progress'].map((key) => tokens.get(key)!)
    await until(
      () =>
        heard.some(
          ({ event, returnvalue }) => event === 'completed' && holds(returnvalue, result!),
        ),
      'the completed event',
    )
    await until(
      () =>
        heard.some(
          ({ event, failedReason }) => event === 'failed' && holds(failedReason, failure!),
        ),
      'the failed event',
    )
    await until(
      () => heard.some(({ event, data }) => event === 'progress' && holds(data, step!)),
      'the progress event',
    )
    return tokens
  } finally {
    await Promise.all(opened.map((one) => one.close()))
  }
}

type Keep = <T extends { close(): Promise<unknown>; on(event: 'error', fn: () => void): unknown }>(
  made: T,
) => T
type Token = (name: string) => string

async function plainJobs(
  queue: InstanceType<Classes['Queue']>,
  Worker: Classes['Worker'],
  events: InstanceType<Classes['QueueEvents']>,
  connection: unknown,
  token: Token,
  keep: Keep,
): Promise<void> {
  const input = token('input')
  const bulk = token('bulk input')
  const changed = token('changed input')
  const result = token('result')
  const progress = token('progress')
  const log = token('log')
  const failure = token('error')
  const between = token('error between attempts')
  const atOnce = token('error before a retry at once')
  const key = token('deduplication key')
  const seen: string[] = []
  keep(
    new Worker(
      queue.name,
      async (job, jobToken) => {
        seen.push(JSON.stringify(job.data))
        switch (job.name) {
          case 'succeed':
            await job.updateProgress({ step: progress })
            await job.log(log)
            return { result }
          case 'change':
            await job.updateData({ changed })
            return null
          case 'fail':
            throw new Error(failure)
          case 'retry-later':
            if (job.attemptsMade === 0) throw new Error(between)
            return null
          case 'retry-now':
            if (job.attemptsMade === 0) throw new Error(atOnce)
            return null
          case 'snooze':
            if (job.attemptsStarted > 1) return null
            await job.moveToDelayed(Date.now() + 5, jobToken)
            throw new DelayedError()
          default:
            return null
        }
      },
      { connection, concurrency: 2 },
    ),
  )
  const done = await queue.add('succeed', { input }, { deduplication: { id: key } })
  expect(await queue.getDeduplicationJobId(key)).toBe(done.id)
  // On PostgreSQL a job that ends while somebody begins to wait for it is now and then not told: those here have ended.
  await until(async () => (await done.getState()) === 'completed', 'a success')
  expect(await done.waitUntilFinished(events, 10_000)).toEqual({ result })
  const read = (await queue.getJob(done.id!))!
  expect(read.data).toEqual({ input })
  expect(read.returnvalue).toEqual({ result })
  expect(read.progress).toEqual({ step: progress })
  expect((await queue.getJobLogs(done.id!)).logs).toEqual([log])
  const keyed = (): Promise<Job> =>
    queue.add('later', {}, { delay: 3_600_000, deduplication: { id: key } })
  await keyed()
  expect(await queue.removeDeduplicationKey(key)).toBe(1)
  expect(await (await keyed()).removeDeduplicationKey()).toBe(true)

  await queue.addBulk([
    { name: 'bulk', data: { bulk } },
    { name: 'later', data: { bulk }, opts: { delay: 3_600_000 } },
  ])
  const change = await queue.add('change', {})
  await until(async () => (await change.getState()) === 'completed', 'a change')
  expect((await queue.getJob(change.id!))!.data).toEqual({ changed })

  const failed = await queue.add('fail', { input })
  await until(async () => (await failed.getState()) === 'failed', 'a failure')
  await expect(failed.waitUntilFinished(events, 10_000)).rejects.toThrow(failure)
  const failedJob = (await queue.getJob(failed.id!))!
  expect(failedJob.failedReason).toBe(failure)
  expect(failedJob.stacktrace?.join()).toContain(failure)

  await queue.add('retry-later', { input }, { attempts: 2, backoff: 60_000, jobId: 'retry-later' })
  await until(async () => (await queue.getJob('retry-later'))?.failedReason === between, 'a retry')
  await queue.add('retry-now', { input }, { attempts: 2, jobId: 'retry-now' })
  await until(async () => (await queue.getJobState('retry-now')) === 'completed', 'a retry at once')
  const snoozed = await queue.add('snooze', { input })
  await until(async () => (await snoozed.getState()) === 'completed', 'a snooze')
  expect(seen.filter((data) => data.includes(input)).length).toBeGreaterThan(4)
}

async function flows(
  name: string,
  { FlowProducer, Queue, Worker }: Classes,
  connection: unknown,
  token: Token,
  keep: Keep,
): Promise<void> {
  const parentInput = token('input of a parent')
  const childInput = token('input of a child')
  const childResult = token('result of a child')
  const ignored = token('error of an ignored child')
  const childName = `${name}-child`
  const parentName = `${name}-parent`
  const children = keep(new Queue(childName, { connection }))
  const parents = keep(new Queue(parentName, { connection }))
  const flow = keep(new FlowProducer({ connection }))
  keep(
    new Worker(
      childName,
      async (job) => {
        if (job.name === 'ignored') throw new Error(ignored)
        return { childResult }
      },
      { connection },
    ),
  )
  const node = await flow.add({
    name: 'parent',
    queueName: parentName,
    data: { parentInput },
    children: [
      { name: 'child', queueName: childName, data: { childInput } },
      {
        name: 'ignored',
        queueName: childName,
        data: {},
        opts: { ignoreDependencyOnFailure: true },
      },
    ],
  })
  const seen: unknown[] = []
  keep(
    new Worker(
      parentName,
      async (job, jobToken) => {
        if (job.attemptsStarted === 1 && (await job.moveToWaitingChildren(jobToken!)))
          throw new WaitingChildrenError()
        seen.push(
          await job.getChildrenValues(),
          await job.getIgnoredChildrenFailures(),
          await job.getDependencies(),
        )
        return null
      },
      { connection },
    ),
  )
  await until(async () => (await parents.getJobState(node.job.id!)) === 'completed', 'the parent')
  expect(Object.values(seen[0] as object)).toEqual([{ childResult }])
  expect(Object.values(seen[1] as object)).toEqual([ignored])
  const dependencies = seen[2] as { processed: object; ignored: object }
  expect(Object.values(dependencies.processed)).toEqual([{ childResult }])
  expect(Object.values(dependencies.ignored)).toEqual([ignored])
  const page = await parents.getDependencies(node.job.id!, 'processed', 0, 10)
  expect(page.items.map(({ v }) => v)).toEqual([{ childResult }])
  expect(page.jobs.map(({ data }) => JSON.parse(data))).toEqual([{ childInput }])
  expect((await children.getCompleted()).map(({ data }) => data)).toEqual([{ childInput }])
}

async function schedulers(
  name: string,
  { Queue, Worker }: Classes,
  connection: unknown,
  token: Token,
  keep: Keep,
): Promise<void> {
  const template = token('template of a scheduler')
  const queueName = `${name}-scheduled`
  const queue = keep(new Queue(queueName, { connection }))
  const runs: unknown[] = []
  keep(new Worker(queueName, async (job) => void runs.push(job.data), { connection }))
  await queue.upsertJobScheduler('often', { every: 50 }, { name: 'tick', data: { template } })
  // The second run comes from the template as it was carried on when the first began.
  await until(() => runs.length >= 2, 'two runs of the scheduler')
  expect(runs.slice(0, 2)).toEqual([{ template }, { template }])
  expect((await queue.getJobScheduler('often'))?.template?.data).toEqual({ template })
  expect((await queue.getJobSchedulers())[0]?.template?.data).toEqual({ template })
}

function holds(value: unknown, text: string): boolean {
  return JSON.stringify(value ?? null).includes(text)
}

async function until(holdsNow: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 1500; tries++) {
    if (await holdsNow()) return
    await sleep(10)
  }
  throw new Error(`never came: ${what}`)
}
