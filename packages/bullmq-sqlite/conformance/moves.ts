/** Owns the words the cases are written in: adding, claiming and ending jobs, and reading what came of it. */
import { randomUUID } from 'node:crypto'
import { Job } from 'bullmq'
import type {
  IQueueBackend,
  JobJson,
  JobsOptions,
  JobType,
  KeepJobs,
  MinimalJob,
  ParentKeyOpts,
} from 'bullmq'
import { expect } from 'vitest'

export type Backend = IQueueBackend

export const TOKEN = 'token-a'
export const OTHER = 'token-b'

type Parent = { id: string; queue: string }
export type AddOptions = Omit<JobsOptions, 'parent'> & {
  name?: string
  data?: unknown
  parent?: Parent
}

/** What Queue.add hands to a backend. */
export function jobJson(backend: IQueueBackend, options: AddOptions = {}): JobJson {
  const { name = 'job', data = {}, ...opts } = options
  const queue = {
    name: 'unused',
    opts: {},
    toKey: (type: string) => backend.toKey(type),
    qualifiedName: backend.qualifiedName,
    backend,
  }
  const job = new Job(queue as unknown as ConstructorParameters<typeof Job>[0], name, data, opts)
  return job.asJSON() as unknown as JobJson
}

/** How a child is tied to its parent when it is added. */
export function under(parent: Parent): ParentKeyOpts {
  const parentKey = `${parent.queue}:${parent.id}`
  return { parentKey, parentDependenciesKey: `${parentKey}:dependencies` }
}

export async function add(backend: IQueueBackend, options: AddOptions = {}): Promise<string> {
  const ties = options.parent ? under(options.parent) : {}
  return backend.addJob(jobJson(backend, options), options.jobId ?? '', ties)
}

export async function addMany(
  backend: IQueueBackend,
  count: number,
  options: AddOptions = {},
): Promise<string[]> {
  const ids: string[] = []
  for (let n = 0; n < count; n++) ids.push(await add(backend, options))
  return ids
}

/** Adds a job that waits for children, as FlowProducer does. */
export async function addParent(backend: IQueueBackend, options: AddOptions = {}): Promise<Parent> {
  const parentKeyOpts = { ...(options.parent && under(options.parent)), addToWaitingChildren: true }
  const { prefix, queueName } = backend.parseNodeKey(backend.toKey('any'))
  const jobId = options.jobId ?? randomUUID()
  const jobData = jobJson(backend, options)
  await backend.addFlow([{ jobData, jobId, parentKeyOpts, prefix, queueName }])
  return { id: jobId, queue: backend.qualifiedName }
}

/** What a backend needs of a job to end it. */
export function ref(id: string, opts: JobsOptions = {}): MinimalJob {
  return { id, opts: { attempts: 0, ...opts } } as unknown as MinimalJob
}

/** The id of the next job, started; undefined if there is none. */
export async function claim(
  backend: IQueueBackend,
  token: string = TOKEN,
): Promise<string | undefined> {
  const [job, id] = await backend.moveToActive(token)
  return job ? String(id) : undefined
}

export async function claimJson(backend: IQueueBackend, token: string = TOKEN): Promise<JobJson> {
  const [job] = await backend.moveToActive(token)
  return job as JobJson
}

/** A job that runs under {@link TOKEN}. */
export async function running(backend: IQueueBackend, options: AddOptions = {}): Promise<string> {
  const id = await add(backend, options)
  expect(await claim(backend)).toBe(id)
  return id
}

type Keep = boolean | number | KeepJobs
export async function complete(
  backend: IQueueBackend,
  id: string,
  options: { token?: string; value?: unknown; keep?: Keep; fetch?: boolean } = {},
): Promise<any[]> {
  const { token = TOKEN, value = 'done', keep = false, fetch = false } = options
  const { result } = await backend.moveToCompleted(ref(id), value, keep, token, fetch)
  return result ?? []
}

export async function fail(
  backend: IQueueBackend,
  id: string,
  options: {
    token?: string
    reason?: string
    keep?: Keep
    fetch?: boolean
    fields?: Record<string, unknown>
    opts?: JobsOptions
  } = {},
): Promise<any[]> {
  const { token = TOKEN, reason = 'broke', keep = false, fetch = false, fields, opts } = options
  const { result } = await backend.moveToFailed(ref(id, opts), reason, keep, token, fetch, fields)
  return result ?? []
}

/** A job that completed. */
export async function completed(backend: IQueueBackend, options: AddOptions = {}): Promise<string> {
  const id = await running(backend, options)
  await complete(backend, id)
  return id
}

/** A job that failed for good. */
export async function failed(backend: IQueueBackend, options: AddOptions = {}): Promise<string> {
  const id = await running(backend, options)
  await fail(backend, id)
  return id
}

/** The ids in a state, first come first; the next to run for states that run. */
export async function idsIn(backend: IQueueBackend, state: JobType): Promise<string[]> {
  const [ids = []] = (await backend.getRanges([state], 0, -1, true)) as unknown as string[][]
  return state === 'wait' || state === 'waiting' || state === 'active' ? ids.toReversed() : ids
}

export async function countOf(backend: IQueueBackend, state: JobType): Promise<number> {
  const [count = 0] = await backend.getCounts([state])
  return count
}

export async function jsonOf(backend: IQueueBackend, id: string): Promise<JobJson> {
  const json = await backend.getJobData(id)
  if (!json) throw new Error(`job ${id} is gone`)
  return json
}

/** Every event of the queue so far. */
export async function eventsOf(backend: IQueueBackend): Promise<Record<string, string>[]> {
  const all: Record<string, string>[] = []
  let cursor = '0'
  for (;;) {
    const [stream] = (await backend.readEvents(cursor, 1)) ?? []
    const entries = stream?.[1] ?? []
    for (const [id, fields] of entries) {
      cursor = id
      all.push(pairs(fields))
    }
    if (entries.length === 0) return all
  }
}

export function pairs(fields: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (let at = 0; at < fields.length; at += 2) found[fields[at] ?? ''] = String(fields[at + 1])
  return found
}

/** The names of all events so far, optionally of one job. */
export async function eventNames(backend: IQueueBackend, jobId?: string): Promise<string[]> {
  const all = await eventsOf(backend)
  const chosen = jobId === undefined ? all : all.filter((event) => event['jobId'] === jobId)
  return chosen.map((event) => event['event'] ?? '')
}

/** Claims until nothing is left; each is completed. */
export async function drainAll(backend: IQueueBackend): Promise<string[]> {
  const order: string[] = []
  for (;;) {
    const id = await claim(backend)
    if (id === undefined) return order
    order.push(id)
    await complete(backend, id)
  }
}

/** Expects BullMQ's numbered refusal. */
export async function refused(
  operation: Promise<unknown>,
  code: number,
  text: string | RegExp,
): Promise<void> {
  const error = await operation.then(
    (value) => new Error(`was not refused, gave ${JSON.stringify(value)}`),
    (reason: unknown) => reason as Error & { code?: number },
  )
  expect(error.message).toMatch(text)
  expect(error).toMatchObject({ code })
}

/** Asks again and again until the answer is true. */
export async function until(
  done: () => boolean | Promise<boolean>,
  withinMs = 5000,
): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await done())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Returns once the clock has moved on by more than that. */
export async function pass(ms: number): Promise<void> {
  const [wall, steady] = [Date.now(), performance.now()]
  await until(() => Date.now() - wall > ms && performance.now() - steady > ms + 1)
}
