// The wall's inner layer: the life of every job goes to the record. It sits behind the seal and sees sealed values only.
import type { IQueueBackend, JobJson, JobsOptions, JobType } from 'bullmq'
import type { JobEvent, JobHappening } from '../job/job-event.ts'
import { marksOf, ownDelay, type JobMarks } from '../job/marks.ts'
import { recordIdOf } from '../job/record-id.ts'
import type { Clock } from '../primitives/clock.ts'
import { isOwnId, newId } from '../primitives/ids.ts'
import type { Layer } from './decorate.ts'
import { descendants, type Node } from './descendants.ts'

export interface Report {
  readonly event: JobEvent
  readonly terms?: readonly (readonly [field: string, term: string])[]
}

export interface RecordRules {
  readonly clock: Clock
  /** Resolves once the reports are recorded. */
  record(reports: readonly Report[]): Promise<void>
  /** Records when it can. */
  note(reports: readonly Report[]): void
  /** Whether an add that failed this way may have been done, or may be done later: then it stays accepted. */
  mayBeDoneLater(error: unknown): boolean
  /**
   * Puts jobs that were surely not added here into another engine.
   *
   * @returns whether they are looked after
   */
  goElsewhere?(error: unknown, jobs: readonly Homeless[]): Promise<boolean>
  /** Whether a job that was just claimed here is to run here, by the record; then its start is recorded. */
  admit?(started: Report): Promise<boolean>
}

/** A job that its engine did not take. */
export interface Homeless {
  readonly json: JobJson
  readonly id: string
  readonly queue: string
  /** When it was accepted, as recorded. */
  readonly at: number
}

/** What puts a job back in its queue, where somebody may take it at once. */
const PUT_BACK: ReadonlySet<JobHappening['type']> = new Set([
  'retried',
  'snoozed',
  'interrupted',
  'waiting-children',
])

/** How long a worker leaves the queue alone while the record, which must let it work, is away. */
const RECORD_AWAY_MS = 1_000

/** What `enqueue` sends along in a job's options for the record alone. */
export interface RecordedOptions {
  readonly terms?: readonly (readonly [field: string, term: string])[]
  /** How long content is kept after the end, in milliseconds. */
  readonly keep?: { readonly completed: number; readonly failed: number }
}

/** A job that this backend handed to a worker. */
interface Running {
  /** Names this claim: how often the job was started, and when. A job that is put back is counted from one again. */
  readonly run: string
  readonly marks: JobMarks
}

export function recorded(inner: IQueueBackend, queue: string, rules: RecordRules): Layer {
  const running = new Map<string, Running>()

  const report = (id: string, key: string, happening: JobHappening): Report => {
    const jobId = recordIdOf(queue, id)
    const at = rules.clock.now()
    return { event: { id: `${jobId}:${happening.type}:${key}`, jobId, at, ...happening } }
  }
  const noteOnce = (id: string, happening: JobHappening): void =>
    rules.note([report(id, newId(rules.clock.now()), happening)])
  /**
   * Ends a run, which is one claim of a job, by `move`. Which run it is and when it is put back are taken beforehand: the
   * next claim may be heard of before the answer of the move that made it possible.
   */
  const ending = async <T>(
    id: string,
    move: () => Promise<T>,
    happeningOf: (moved: T, run: Running | undefined) => JobHappening | undefined,
  ): Promise<T> => {
    const run = running.get(id)
    const before = rules.clock.now()
    const moved = await move()
    const happening = happeningOf(moved, run)
    if (!happening) return moved
    const { event } = report(id, run?.run ?? newId(before), happening)
    rules.note([{ event: PUT_BACK.has(happening.type) ? { ...event, at: before } : event }])
    if (running.get(id) === run) running.delete(id)
    return moved
  }

  /** Records that a job was claimed. One that belongs to another engine by now is let go, and the next one taken. */
  const claimed = async (
    next: any[] | void,
    token: string,
    takeNext: () => Promise<any[] | void>,
  ): Promise<any[] | void> => {
    if (!next?.[0]) return next
    const [json, id] = next as [JobJson, string]
    const run = `${json.attemptsStarted}-${json.processedOn ?? rules.clock.now()}`
    const started = report(id, run, {
      type: 'started',
      attempt: json.attemptsMade + 1,
      ...(json.processedBy ? { worker: json.processedBy } : {}),
    })
    if (rules.admit) {
      let admitted: boolean
      try {
        admitted = await rules.admit(started)
      } catch {
        await inner.moveJobFromActiveToWait(id, token)
        return [null, null, RECORD_AWAY_MS, 0]
      }
      if (!admitted) {
        await inner.moveJobFromActiveToWait(id, token)
        await inner.remove(id, false)
        return takeNext()
      }
      running.set(id, { run, marks: marksOf(json.opts) })
      return next
    }
    running.set(id, { run, marks: marksOf(json.opts) })
    const reports: Report[] = []
    // The jobs of BullMQ's schedulers are made inside the store; this is where they are first seen.
    if (json.repeatJobKey) reports.push(acceptance(json, id, queue, rules.clock))
    reports.push(started)
    rules.note(reports)
    return next
  }
  const claim = async (token: string, name?: string): Promise<any[]> =>
    (await claimed(await inner.moveToActive(token, name), token, () => claim(token, name))) ?? []

  /** Records first, then adds. A job that the store refuses for good leaves the record again. */
  const accept = async <T>(
    jobs: readonly { json: JobJson; id: string; queue: string }[],
    add: () => Promise<T>,
    movable: boolean,
  ): Promise<T | undefined> => {
    const reports = jobs.map(({ json, id, queue: name }) => acceptance(json, id, name, rules.clock))
    await rules.record(reports)
    try {
      return await add()
    } catch (error) {
      if (rules.mayBeDoneLater(error)) return undefined
      const homeless = jobs.map((job, index) => ({
        ...job,
        json: withoutRecorded(job.json),
        at: reports[index]!.event.at,
      }))
      if (movable && (await rules.goElsewhere?.(error, homeless))) return undefined
      rules.note(
        reports.map(({ event }) => ({
          event: { id: `${event.id}:refused`, jobId: event.jobId, at: event.at, type: 'removed' },
        })),
      )
      throw error
    }
  }

  const deduplicated = (id: string, stored: string): void => {
    if (stored !== id) noteOnce(id, { type: 'deduplicated', by: recordIdOf(queue, stored) })
  }

  const noteRemoved = (jobs: readonly Node[]): void =>
    rules.note(
      jobs.map((job) => {
        const jobId = recordIdOf(job.queue, job.id)
        const at = rules.clock.now()
        return { event: { id: `${jobId}:removed:${newId(at)}`, jobId, at, type: 'removed' } }
      }),
    )
  /** Notes which of `jobs` are gone: not all that was asked to go could go. */
  const noteMissing = async (jobs: readonly Node[]): Promise<void> => {
    const gone: Node[] = []
    for (const job of jobs) {
      const home = job.queue === queue ? inner : inner.forQueue(job.queue)
      if ((await home.getState(job.id)) === 'unknown') gone.push(job)
    }
    noteRemoved(gone)
  }
  const idsIn = async (states: readonly JobType[]): Promise<Node[]> => {
    const ranges = await inner.getRanges([...states], 0, -1, true)
    return ranges.flat().map((id) => ({ queue, id }))
  }

  return {
    addJob: async (job, id, parent) => {
      const stored = await accept(
        [{ json: job, id, queue }],
        () => inner.addJob(withoutRecorded(job), id, parent),
        !job.parentKey,
      )
      if (stored === undefined) return id
      deduplicated(id, stored)
      return stored
    },
    addJobs: async (entries) => {
      const stored = await accept(
        entries.map(({ job, jobId }) => ({ json: job, id: jobId, queue })),
        () =>
          inner.addJobs(entries.map((entry) => ({ ...entry, job: withoutRecorded(entry.job) }))),
        entries.every(({ job }) => !job.parentKey),
      )
      if (!stored) return entries.map(({ jobId }) => jobId)
      stored.forEach((id, index) => deduplicated(entries[index]!.jobId, id))
      return stored
    },
    addFlow: async (entries) => {
      const at = rules.clock.now()
      const stored = await accept(
        entries.map(({ jobData, jobId, queueName }) => ({
          json: jobData,
          id: jobId,
          queue: queueName,
        })),
        () =>
          inner.addFlow(
            entries.map((entry) => ({ ...entry, jobData: withoutRecorded(entry.jobData) })),
          ),
        // The jobs of a flow know each other by their places in one store.
        false,
      )
      const areHeld = entries.filter(
        ({ parentKeyOpts }, index) => parentKeyOpts.addToWaitingChildren && !stored?.[index]?.[0],
      )
      rules.note(
        areHeld.map(({ jobId: id, queueName }) => {
          const jobId = recordIdOf(queueName, id)
          const type = 'waiting-children'
          return { event: { id: `${jobId}:${type}:${newId(at)}`, jobId, at, type } }
        }),
      )
      return stored ?? entries.map(({ jobId }) => [null, jobId])
    },
    moveToActive: claim,
    moveToCompleted: async (job, value, keep, token, fetchNext) => {
      const output = value === null || value === undefined ? null : String(value)
      const done = await ending(
        job.id!,
        () => inner.moveToCompleted(job, value, keep, token, fetchNext),
        () => ({ type: 'completed', output }),
      )
      return { ...done, result: await claimed(done.result, token, () => claim(token)) }
    },
    moveToFailed: async (job, reason, keep, token, ...rest) => {
      const done = await ending(
        job.id!,
        () => inner.moveToFailed(job, reason, keep, token, ...rest),
        () => ({ type: 'failed', reason }),
      )
      return { ...done, result: await claimed(done.result, token, () => claim(token)) }
    },
    moveToDelayed: async (id, timestamp, delay, token, opts) => {
      const next = await ending(
        id,
        () => inner.moveToDelayed(id, timestamp, delay, token, opts),
        (_, run) => ({
          type: opts?.skipAttempt ? 'snoozed' : 'retried',
          // `timestamp` is now and `delay` the wait, whoever calls.
          runAt: timestamp + ownDelay(delay, run?.marks ?? {}),
        }),
      )
      return claimed(next, token ?? '0', () => claim(token ?? '0'))
    },
    retryJob: async (id, ...rest) => {
      await ending(
        id,
        () => inner.retryJob(id, ...rest),
        () => ({ type: 'retried' }),
      )
    },
    moveJobFromActiveToWait: (id, token) =>
      ending(
        id,
        () => inner.moveJobFromActiveToWait(id, token),
        () => ({ type: 'interrupted' }),
      ),
    moveToWaitingChildren: (id, token, opts) =>
      ending(
        id,
        () => inner.moveToWaitingChildren(id, token, opts),
        (moved) => (moved ? { type: 'waiting-children' } : undefined),
      ),
    retryFinishedJob: async (job, ...rest) => {
      await inner.retryFinishedJob(job, ...rest)
      noteOnce(job.id!, { type: 'redriven' })
    },
    promote: async (id) => {
      await inner.promote(id)
      noteOnce(id, { type: 'promoted' })
    },
    moveStalledJobsToWait: async () => {
      const ids = await inner.moveStalledJobsToWait()
      for (const id of ids) noteOnce(id, { type: 'stalled' })
      return ids
    },
    updateData: async (job, data) => {
      await inner.updateData(job, data)
      noteOnce(job.id!, { type: 'input-changed', input: JSON.stringify(data) })
    },
    updateProgress: async (id, progress) => {
      await inner.updateProgress(id, progress)
      noteOnce(id, { type: 'progressed', progress: JSON.stringify(progress) })
    },
    remove: async (id, removeChildren) => {
      const children = removeChildren ? await descendants(inner, id) : []
      const removed = await inner.remove(id, removeChildren)
      if (removed === 1) noteRemoved([{ queue, id }, ...children])
      return removed
    },
    removeUnprocessedChildren: async (id) => {
      const children = await descendants(inner, id)
      await inner.removeUnprocessedChildren(id)
      await noteMissing(children)
    },
    drain: async (delayed) => {
      const waiting = await idsIn([...WAITING, ...(delayed ? (['delayed'] as const) : [])])
      await inner.drain(delayed)
      await noteMissing(waiting)
    },
    obliterate: async (opts) => {
      const open = await idsIn([...WAITING, 'delayed', 'active', 'waiting-children'])
      const cursor = await inner.obliterate(opts)
      await noteMissing(open)
      return cursor
    },
    retryFinishedJobs: async (state = 'failed', count = 1_000, timestamp) => {
      const finished = (await inner.getRanges([state], 0, count - 1, true)).flat()
      const cursor = await inner.retryFinishedJobs(state, count, timestamp)
      for (const id of finished)
        if (!(await inner.isJobInState(state, id))) noteOnce(id, { type: 'redriven' })
      return cursor
    },
    cleanJobsByState: async (state, ...rest) => {
      const ids = await inner.cleanJobsByState(state, ...rest)
      if (state !== 'completed' && state !== 'failed')
        for (const id of ids) noteOnce(id, { type: 'removed' })
      return ids
    },
    extendLocks: async (ids, ...rest) => {
      const lost = await inner.extendLocks(ids, ...rest)
      for (const id of lost) running.delete(id)
      return lost
    },
  }
}

const WAITING: readonly JobType[] = ['wait', 'prioritized']

/** The report that a job was accepted, as its store or its adder describes it. */
export function acceptance(json: JobJson, id: string, queue: string, clock: Clock): Report {
  const jobId = recordIdOf(queue, id)
  const { terms, jobId: _id, delay = 0, ...opts } = json.opts as JobsOptions & RecordedOptions
  const at = json.timestamp || clock.now()
  // An id of ours is used once; a caller's own may come again once its job is gone.
  const key = isOwnId(id) ? '' : `:${at}`
  return {
    event: {
      id: `${jobId}:accepted${key}`,
      jobId,
      at,
      type: 'accepted',
      queue,
      name: json.name,
      input: json.data,
      opts,
      priority: json.opts.priority ?? 0,
      runAt: at + ownDelay(delay, marksOf(opts)),
      ...(json.parent ? { parent: `${json.parent.queueKey}:${json.parent.id}` } : {}),
      ...(json.repeatJobKey ? { schedule: json.repeatJobKey } : {}),
    },
    ...(terms ? { terms } : {}),
  }
}

/** A job without what is meant for the record alone. */
export function withoutRecorded(json: JobJson): JobJson {
  if (!('terms' in json.opts || 'keep' in json.opts)) return json
  const { terms: _terms, keep: _keep, ...opts } = json.opts as JobsOptions & RecordedOptions
  return { ...json, opts }
}
