/** Owns what can be seen of a queue, brought into a form in which two stores can be compared. */
import type { IQueueBackend, JobJson, JobType } from 'bullmq'
import { pairs } from '../moves.ts'

// Version 6 still answers for the `paused` list of version 5.
const STATES = [
  'wait',
  'prioritized',
  'delayed',
  'active',
  'waiting-children',
  'completed',
  'failed',
  'paused' as JobType,
] satisfies JobType[]
const DEDUP_IDS = ['x', 'y']

/** A job as BullMQ's callers get it. Absent fields and fields left undefined are the same to them. */
export function plainJob(json: JobJson | undefined | null): Record<string, unknown> | null {
  if (!json) return null
  const { id: _id, ...fields } = json
  const present = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** A time to live as far as it can be compared between two clocks. */
export function bucket(ms: unknown): string {
  const left = Number(ms)
  if (left > 0) return 'limited'
  return left === 0 ? 'free' : 'none'
}

/** Everything a program can see of a queue, but for its events. */
export async function observe(
  backend: IQueueBackend,
  ids: readonly string[],
  deep: boolean,
): Promise<Record<string, unknown>> {
  const [ranges, counts, perPriority, meta, maxed, ttl, dedup, schedulers, metrics] =
    await Promise.all([
      backend.getRanges([...STATES], 0, -1, true),
      backend.getCounts([...STATES]),
      backend.getCountsPerPriority([0, 1, 2, 3]),
      backend.getQueueMeta(),
      backend.isMaxed(),
      backend.getRateLimitTtl(),
      Promise.all(DEDUP_IDS.map((id) => backend.getDeduplicationJobId(id))),
      observeSchedulers(backend),
      deep && Promise.all([backend.getMetrics('completed'), backend.getMetrics('failed')]),
    ])
  const jobs = await Promise.all(ids.map((id) => observeJob(backend, id, deep)))
  return {
    ranges: Object.fromEntries(STATES.map((state, at) => [state, ranges[at] ?? []])),
    counts,
    perPriority,
    meta: sorted(meta),
    maxed,
    limit: bucket(ttl),
    dedup,
    schedulers,
    metrics,
    jobs: Object.fromEntries(ids.map((id, at) => [id, jobs[at]])),
  }
}

async function observeJob(backend: IQueueBackend, id: string, deep: boolean): Promise<unknown> {
  const kinds = ['processed', 'unprocessed', 'ignored', 'failed']
  const [json, dependencies] = await Promise.all([
    backend.getJobData(id),
    backend.getDependencies(id, {}),
  ])
  // What follows from the rest is looked at now and then.
  const [state, finished, counts, logs] = deep
    ? await Promise.all([
        backend.getState(id),
        backend.isFinished(id, true),
        backend.getDependencyCounts(id, kinds),
        backend.getJobLogs(id, 0, -1, true),
      ])
    : []
  return {
    json: plainJob(json),
    state,
    finished,
    dependencies: {
      processed: sorted(dependencies.processed ?? {}),
      ignored: sorted(dependencies.ignored ?? {}),
      unprocessed: dependencies.unprocessed?.toSorted(),
      failed: dependencies.failed?.toSorted(),
    },
    counts,
    logs,
  }
}

async function observeSchedulers(backend: IQueueBackend): Promise<unknown> {
  const flat = await backend.getJobSchedulersRange(0, -1, true)
  const ids = flat.filter((_, at) => at % 2 === 0)
  const [count, data, known] = await Promise.all([
    backend.getJobSchedulersCount(),
    Promise.all(ids.map((id) => backend.getJobSchedulerData(id))),
    Promise.all(ids.map((id) => backend.isJobScheduler(id))),
  ])
  return { flat, count, data: data.map(sorted), known }
}

function sorted<T>(fields: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** Reads the events since it was last asked. */
export class EventReader {
  #cursor = '0'
  #backend: IQueueBackend

  constructor(backend: IQueueBackend) {
    this.#backend = backend
  }

  /** Goes on where it was, through another backend. */
  through(backend: IQueueBackend): this {
    this.#backend = backend
    return this
  }

  /** The next events, their ids left out. */
  async read(): Promise<Record<string, string>[]> {
    // A mark of our own ends the read, so that it never has to wait for what will not come.
    await this.#backend.publishEvent({ event: 'mark' }, 10_000)
    const events: Record<string, string>[] = []
    for (;;) {
      const [stream] = (await this.#backend.readEvents(this.#cursor, 1)) ?? []
      for (const [id, fields] of (stream?.[1] ?? []) as [string, string[]][]) {
        this.#cursor = id
        const event = pairs(fields)
        if (event['event'] === 'mark') return events
        events.push(event)
      }
    }
  }
}
