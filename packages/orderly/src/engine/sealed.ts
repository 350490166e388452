// The wall's outer layer: whatever a job carries is sealed on its way into a store and opened on its way out.
import type { IQueueBackend, JobJson, MinimalJob, StreamReadRaw } from 'bullmq'
import { marksOf } from '../job/marks.ts'
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { readMasked } from '../vault/masked-error.ts'
import type { Layer } from './decorate.ts'
import {
  markOf,
  openSealer,
  parse,
  quoted,
  refusalOf,
  type Sealer,
  type SealRules,
} from './sealer.ts'
import { openStream } from './sealed-events.ts'

/** How long a worker leaves the queue alone while the keys are away. */
const KEYS_AWAY_MS = 5_000

/** How long a job is left to whoever has its key: the longer it lacks it, the less often it is looked at. */
const KEY_ELSEWHERE_MS = 5_000
const LONGEST_ELSEWHERE_MS = 600_000
const SHARE_OF_AGE = 10

/** How `isFinished` says that a job has failed. */
const FAILED = 2

export function sealed(inner: IQueueBackend, queue: string, rules: SealRules, clock: Clock): Layer {
  const own = openSealer(queue, rules, (id) => inner.isJobInState('failed', id))
  const { seal, open, openJob, show, showJob } = own
  const sealers = new Map([[queue, own]])
  /** Flows span queues, and each queue seals in its own way. */
  const sealerOf = (name: string): Sealer => {
    let sealer = sealers.get(name)
    if (!sealer) {
      const isFailed = (id: string): Promise<boolean> =>
        inner.forQueue(name).isJobInState('failed', id)
      sealers.set(name, (sealer = openSealer(name, rules, isFailed)))
    }
    return sealer
  }
  const sealerOfChild = (key: string): { sealer: Sealer; id: string } => {
    const { queueName, id } = inner.parseNodeKey(key)
    return { sealer: sealerOf(queueName), id }
  }

  /**
   * Opens the job that a worker was given; one that cannot be trusted is failed, and the next one taken. One whose key is
   * not here may be of another installation on the same store, or its key may come back from a backup: it is put off, for
   * as long as it may wait by its own word.
   */
  const openNext = async (
    next: any[] | void,
    token: string,
    takeNext: () => Promise<any[] | void>,
  ): Promise<any[] | void> => {
    if (!next?.[0]) return next
    const [json, id] = next as [JobJson, string]
    try {
      return [await openJob(json, id), ...next.slice(1)]
    } catch (error) {
      if (!(error instanceof OrderlyError)) throw error
      const code = refusalOf(error)
      if (code === undefined) {
        await inner.moveJobFromActiveToWait(id, token)
        return [null, null, KEYS_AWAY_MS, 0]
      }
      if (code === 'ORDERLY_KEY_MISSING' && mayWait(json, clock.now())) {
        rules.onKeyMissing?.(json.name)
        const delay = Math.min(
          LONGEST_ELSEWHERE_MS,
          Math.max(
            KEY_ELSEWHERE_MS,
            (clock.now() - (json.timestamp || clock.now())) / SHARE_OF_AGE,
          ),
        )
        await inner.moveToDelayed(id, clock.now(), Math.ceil(delay), token, { skipAttempt: true })
      } else await quarantine(inner, json, id, token, code)
      return takeNext()
    }
  }

  const keysAreAway = async (): Promise<boolean> => {
    try {
      await rules.vault.ready()
      return false
    } catch {
      return true
    }
  }

  const claim = async (token: string, name?: string): Promise<any[]> => {
    if (await keysAreAway()) return [null, null, KEYS_AWAY_MS, 0]
    const next = await inner.moveToActive(token, name)
    return (await openNext(next, token, () => claim(token, name))) ?? []
  }

  const openChildJson = (key: string, json: string): Promise<string> => {
    const { sealer, id } = sealerOfChild(key)
    return sealer.openJson(json, 'output', id)
  }
  const showChildValue = (key: string, json: string): Promise<string> =>
    show(() => openChildJson(key, json), quoted)
  const showChildJob = (job: JobJson, key: string): Promise<JobJson> => {
    const { sealer, id } = sealerOfChild(key)
    return sealer.showJob(job, id)
  }
  const showChildReason = (key: string, reason: string): Promise<string> => {
    const { sealer, id } = sealerOfChild(key)
    return sealer.showReason(reason, id)
  }
  /** The attempt that ends in an error now: stores count it once it has ended. */
  const attemptOf = (id: string) => async (): Promise<number> =>
    ((await inner.getJobData(id))?.attemptsMade ?? 0) + 1

  /** The name that data of a job is sealed for. One that was given to it in the store is none. */
  const nameOf = async (job: MinimalJob): Promise<string> => {
    const { id, name } = job
    if (typeof name === 'string') return name
    const json = await inner.getJobData(id!)
    // What is not there the store refuses by itself.
    if (!json) return ''
    await own.openData(json.data, { id: id!, name: json.name, template: json.repeatJobKey })
    return json.name
  }

  const schedulerName = async (id: string): Promise<string> =>
    (await inner.getJobSchedulerData(id))?.['name'] ?? ''

  return {
    addJob: async (job, jobId, parent) => {
      const id = jobId || rules.newId(queue)
      return inner.addJob(await own.sealJob(job, id), id, parent)
    },
    addJobs: async (entries) =>
      inner.addJobs(
        await Promise.all(
          entries.map(async (entry) => {
            const jobId = entry.jobId || rules.newId(queue)
            return { ...entry, jobId, job: await own.sealJob(entry.job, jobId) }
          }),
        ),
      ),
    addFlow: async (entries) =>
      inner.addFlow(
        await Promise.all(
          entries.map(async (entry) => ({
            ...entry,
            jobData: await sealerOf(entry.queueName).sealJob(entry.jobData, entry.jobId),
          })),
        ),
      ),
    addJobScheduler: async (id, nextMillis, data, template, opts, delayed, producer) =>
      inner.addJobScheduler(
        id,
        nextMillis,
        await own.sealData(data, 'template', id, opts.name ?? ''),
        await own.hideKey(template),
        opts,
        await own.hideKey(delayed),
        producer,
      ),
    updateJobSchedulerNextMillis: async (id, nextMillis, data, delayed, producer) =>
      inner.updateJobSchedulerNextMillis(
        id,
        nextMillis,
        await own.sealData(data, 'template', id, await schedulerName(id)),
        await own.hideKey(delayed),
        producer,
      ),
    getJobScheduler: async (id) => {
      const [raw, next] = await inner.getJobScheduler(id)
      if (!Array.isArray(raw)) return [raw, next]
      const fields = [...(raw as string[])]
      const at = (name: string): number =>
        fields.findIndex((field, index) => index % 2 === 0 && field === name)
      const name = at('name') < 0 ? '' : fields[at('name') + 1]!
      const data = at('data') + 1
      if (data > 0) fields[data] = await own.showTemplate(fields[data]!, id, name)
      return [fields, next]
    },
    getJobSchedulerData: async (key) => {
      const fields = await inner.getJobSchedulerData(key)
      return fields['data']
        ? { ...fields, data: await own.showTemplate(fields['data'], key, fields['name'] ?? '') }
        : fields
    },
    moveToActive: claim,
    moveToCompleted: async (job, returnValue, keep, token, fetchNext) => {
      // Null is a result; nothing at all is none.
      const text = JSON.stringify(returnValue) as string | undefined
      const value = text === undefined ? null : await seal(text, 'output', job.id!)
      const done = await inner.moveToCompleted(job, value as never, keep, token, fetchNext)
      return { ...done, result: await openNext(done.result, token, () => claim(token)) }
    },
    moveToFailed: async (job, reason, keep, token, fetchNext, fields) => {
      const done = await inner.moveToFailed(
        job,
        readMasked(reason)
          ? reason
          : await own.sealReason(reason, job.id!, await attemptOf(job.id!)()),
        keep,
        token,
        fetchNext,
        await own.sealFields(fields, job.id!, attemptOf(job.id!)),
      )
      return { ...done, result: await openNext(done.result, token, () => claim(token)) }
    },
    moveToDelayed: async (id, timestamp, delay, token, opts) => {
      const fields = await own.sealFields(opts?.fieldsToUpdate, id, attemptOf(id))
      const next = await inner.moveToDelayed(id, timestamp, delay, token, {
        ...opts,
        ...(fields ? { fieldsToUpdate: fields } : {}),
      })
      return openNext(next, token ?? '0', () => claim(token ?? '0'))
    },
    retryJob: async (id, lifo, token, opts) => {
      const fields = await own.sealFields(opts?.fieldsToUpdate, id, attemptOf(id))
      return inner.retryJob(id, lifo, token, fields ? { ...opts, fieldsToUpdate: fields } : opts)
    },
    updateData: async (job, data) => {
      const text = JSON.stringify(data === undefined ? {} : data)
      const sealedData = await own.sealData(text, 'input', job.id!, await nameOf(job))
      await inner.updateData(job, JSON.parse(sealedData) as never)
    },
    updateProgress: async (id, progress) =>
      inner.updateProgress(id, await seal(JSON.stringify(progress), 'progress', id)),
    addLog: async (id, row, keep) => inner.addLog(id, await seal(row, 'log', id), keep),
    getJobLogs: async (id, ...range) => {
      const page = await inner.getJobLogs(id, ...range)
      return {
        ...page,
        logs: await Promise.all(page.logs.map((row) => show(() => open(row, 'log', id)))),
      }
    },
    getJobData: async (id) => {
      const json = await inner.getJobData(id)
      return json && showJob(json, id)
    },
    isFinished: async (id, returnValue) => {
      const answer = await inner.isFinished(id, returnValue)
      if (!Array.isArray(answer)) return answer
      const [status, value] = answer
      if (status === 1)
        try {
          return [status, await own.openJson(value, 'output', id)]
        } catch (error) {
          // Whoever waits is told that it failed: BullMQ lets nobody catch what is thrown here.
          if (!(error instanceof OrderlyError)) throw error
          return [FAILED, markOf(error.code)]
        }
      return [status, status === FAILED && value ? await own.showReason(value, id) : value]
    },
    getDeduplicationJobId: async (key) => inner.getDeduplicationJobId(await own.keyOf(key)),
    removeDeduplicationKey: async (key, id) =>
      inner.removeDeduplicationKey(await own.keyOf(key), id),
    deleteDeduplicationKey: async (key) => inner.deleteDeduplicationKey(await own.keyOf(key)),
    getProcessedChildrenValues: async (id) =>
      mapValues(await inner.getProcessedChildrenValues(id), openChildJson),
    getIgnoredChildrenFailures: async (id) =>
      mapValues(await inner.getIgnoredChildrenFailures(id), showChildReason),
    getDependencies: async (id, opts) => {
      const found = await inner.getDependencies(id, opts)
      // Results come parsed here, as text in getProcessedChildrenValues.
      const processed =
        found.processed &&
        (await mapValues(found.processed, async (key, value: unknown) =>
          parse(await openChildJson(key, JSON.stringify(value ?? null))),
        ))
      const ignored = found.ignored && (await mapValues(found.ignored, showChildReason))
      return { ...found, ...(processed && { processed }), ...(ignored && { ignored }) }
    },
    paginate: async (key, opts) => {
      const page = await inner.paginate(key, opts)
      const items = await Promise.all(
        page.items.map(async (item) =>
          item.v === undefined
            ? item
            : { ...item, v: parse(await showChildValue(item.id, JSON.stringify(item.v))) },
        ),
      )
      // Jobs come in the order of the items, and on Redis without their ids.
      const jobs =
        page.jobs &&
        (await Promise.all(page.jobs.map((job, index) => showChildJob(job, page.items[index]!.id))))
      return { ...page, items, ...(jobs && { jobs }) }
    },
    publishEvent: async (fields, maxEvents) => {
      const out: Record<string, string | number> = {}
      for (const [name, value] of Object.entries(fields))
        out[name] = name === 'event' ? value : await seal(JSON.stringify(value), 'event', name)
      return inner.publishEvent(out, maxEvents)
    },
    readEvents: async (id, timeout) => {
      const read = await inner.readEvents(id, timeout)
      return (await openStream(read, own)) as StreamReadRaw
    },
  }
}

/** Fails a job whose content cannot be trusted, so that nobody runs it and somebody looks at it. */
async function quarantine(
  inner: IQueueBackend,
  json: JobJson,
  id: string,
  token: string,
  code: string,
): Promise<void> {
  const failedReason = markOf(code)
  // A row that came from elsewhere may not say how often it is to be tried, and Redis must be told.
  const job = { ...json, id, opts: { attempts: 1, ...json.opts } }
  await inner.moveToFailed(job as never, failedReason, false, token, false, {
    failedReason,
    stacktrace: '[]',
  })
}

/** Whether a job that nobody can run now may still wait: by its ttl before its first attempt, by its deadline after it. */
function mayWait({ opts, attemptsMade }: JobJson, now: number): boolean {
  const { startBy, endBy } = marksOf(opts)
  if (endBy !== undefined && endBy <= now) return false
  return startBy === undefined || attemptsMade > 0 || startBy >= now
}

async function mapValues<In, Out>(
  record: Record<string, In>,
  change: (key: string, value: In) => Promise<Out>,
): Promise<Record<string, Out>> {
  const entries = await Promise.all(
    Object.entries(record).map(async ([key, value]) => [key, await change(key, value)] as const),
  )
  return Object.fromEntries(entries)
}
