// The wall's outer layer: whatever a job carries is sealed on its way into a store and opened on its way out.
import type { IQueueBackend, JobJson, StreamReadRaw } from 'bullmq'
import { OrderlyError } from '../primitives/errors.ts'
import { isEnvelope } from '../vault/envelope.ts'
import type { Layer } from './decorate.ts'
import { openSealer, parse, type Sealer, type SealRules } from './sealer.ts'

/** How long a worker leaves the queue alone while the keys are away. */
const KEYS_AWAY_MS = 5_000
/** Stands where a fingerprint would: the job was stopped here, not by its handler. */
const NO_FINGERPRINT = '000000000000'

export function sealed(inner: IQueueBackend, queue: string, rules: SealRules): Layer {
  const own = openSealer(queue, rules)
  const { seal, open, openJob } = own
  const sealers = new Map([[queue, own]])
  /** Flows span queues, and each queue seals in its own way. */
  const sealerOf = (name: string): Sealer => {
    let sealer = sealers.get(name)
    if (!sealer) sealers.set(name, (sealer = openSealer(name, rules)))
    return sealer
  }
  const sealerOfChild = (key: string): { sealer: Sealer; id: string } => {
    const { queueName, id } = inner.parseNodeKey(key)
    return { sealer: sealerOf(queueName), id }
  }

  /** Opens the job that a worker was given; one that cannot be trusted is failed, and the next one taken. */
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
      if (error.code === 'ORDERLY_KEY_UNAVAILABLE' || error.code === 'ORDERLY_FORBIDDEN') {
        await inner.moveJobFromActiveToWait(id, token)
        return [null, null, KEYS_AWAY_MS, 0]
      }
      await quarantine(inner, json, id, token, error.code)
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
  const openChildJob = (job: JobJson, key: string): Promise<JobJson> => {
    const { sealer, id } = sealerOfChild(key)
    return sealer.openJob(job, id)
  }
  const openChildReason = (key: string, reason: string): Promise<string> => {
    const { sealer, id } = sealerOfChild(key)
    return sealer.openReason(reason, id)
  }

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
        await own.sealData(data, 'template', id),
        await own.hideKey(template),
        opts,
        await own.hideKey(delayed),
        producer,
      ),
    updateJobSchedulerNextMillis: async (id, nextMillis, data, delayed, producer) =>
      inner.updateJobSchedulerNextMillis(
        id,
        nextMillis,
        await own.sealData(data, 'template', id),
        await own.hideKey(delayed),
        producer,
      ),
    getJobScheduler: async (id) => {
      const [raw, next] = await inner.getJobScheduler(id)
      if (!Array.isArray(raw)) return [raw, next]
      const fields = [...(raw as string[])]
      const at = fields.findIndex((field, index) => index % 2 === 0 && field === 'data')
      if (at >= 0) fields[at + 1] = await own.openTemplate(fields[at + 1]!, id)
      return [fields, next]
    },
    getJobSchedulerData: async (key) => {
      const fields = await inner.getJobSchedulerData(key)
      return fields['data']
        ? { ...fields, data: await own.openTemplate(fields['data'], key) }
        : fields
    },
    moveToActive: claim,
    moveToCompleted: async (job, returnValue, keep, token, fetchNext) => {
      const text = JSON.stringify(returnValue === undefined ? null : returnValue)
      const value = text === 'null' ? null : await seal(text, 'output', job.id!)
      const done = await inner.moveToCompleted(job, value as never, keep, token, fetchNext)
      return { ...done, result: await openNext(done.result, token, () => claim(token)) }
    },
    moveToFailed: async (job, reason, keep, token, fetchNext, fields) => {
      const done = await inner.moveToFailed(
        job,
        await own.sealReason(reason, job.id!),
        keep,
        token,
        fetchNext,
        await own.sealFields(fields, job.id!),
      )
      return { ...done, result: await openNext(done.result, token, () => claim(token)) }
    },
    moveToDelayed: async (id, timestamp, delay, token, opts) => {
      const fields = await own.sealFields(opts?.fieldsToUpdate, id)
      const next = await inner.moveToDelayed(id, timestamp, delay, token, {
        ...opts,
        ...(fields ? { fieldsToUpdate: fields } : {}),
      })
      return openNext(next, token ?? '0', () => claim(token ?? '0'))
    },
    retryJob: async (id, lifo, token, opts) => {
      const fields = await own.sealFields(opts?.fieldsToUpdate, id)
      return inner.retryJob(id, lifo, token, fields ? { ...opts, fieldsToUpdate: fields } : opts)
    },
    updateData: async (job, data) => {
      const text = JSON.stringify(data === undefined ? {} : data)
      await inner.updateData(job, { $o: await seal(text, 'input', job.id!) } as never)
    },
    updateProgress: async (id, progress) =>
      inner.updateProgress(id, await seal(JSON.stringify(progress), 'progress', id)),
    addLog: async (id, row, keep) => inner.addLog(id, await seal(row, 'log', id), keep),
    getJobLogs: async (id, ...range) => {
      const page = await inner.getJobLogs(id, ...range)
      return { ...page, logs: await Promise.all(page.logs.map((row) => open(row, 'log', id))) }
    },
    getJobData: async (id) => {
      const json = await inner.getJobData(id)
      return json && openJob(json, id)
    },
    isFinished: async (id, returnValue) => {
      const answer = await inner.isFinished(id, returnValue)
      if (!Array.isArray(answer)) return answer
      const [status, value] = answer
      if (status === 1) return [status, await own.openJson(value, 'output', id)]
      return [status, value ? await own.openReason(value, id) : value]
    },
    getDeduplicationJobId: async (key) => inner.getDeduplicationJobId(await own.keyOf(key)),
    removeDeduplicationKey: async (key, id) =>
      inner.removeDeduplicationKey(await own.keyOf(key), id),
    deleteDeduplicationKey: async (key) => inner.deleteDeduplicationKey(await own.keyOf(key)),
    getProcessedChildrenValues: async (id) =>
      mapValues(await inner.getProcessedChildrenValues(id), openChildJson),
    getIgnoredChildrenFailures: async (id) =>
      mapValues(await inner.getIgnoredChildrenFailures(id), openChildReason),
    getDependencies: async (id, opts) => {
      const found = await inner.getDependencies(id, opts)
      // Results come parsed here, as text in getProcessedChildrenValues.
      const processed =
        found.processed &&
        (await mapValues(found.processed, async (key, value: unknown) =>
          parse(await openChildJson(key, JSON.stringify(value ?? null))),
        ))
      const ignored = found.ignored && (await mapValues(found.ignored, openChildReason))
      return { ...found, ...(processed && { processed }), ...(ignored && { ignored }) }
    },
    paginate: async (key, opts) => {
      const page = await inner.paginate(key, opts)
      const items = await Promise.all(
        page.items.map(async (item) =>
          isEnvelope(item.v)
            ? { ...item, v: parse(await openChildJson(item.id, JSON.stringify(item.v))) }
            : item,
        ),
      )
      // Jobs come in the order of the items, and on Redis without their ids.
      const jobs =
        page.jobs &&
        (await Promise.all(page.jobs.map((job, index) => openChildJob(job, page.items[index]!.id))))
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
      return (await openStream(read)) as StreamReadRaw
    },
  }

  async function openStream(read: unknown): Promise<unknown> {
    if (!Array.isArray(read)) return read
    return Promise.all(
      (read as [string, [string, string[]][]][]).map(async ([key, entries]) => [
        key,
        await Promise.all(entries.map(async ([id, fields]) => [id, await openEvent(fields)])),
      ]),
    )
  }

  async function openEvent(fields: string[]): Promise<string[]> {
    const out = [...fields]
    const at = (name: string): number =>
      fields.findIndex((field, index) => index % 2 === 0 && field === name)
    const jobId = fields[at('jobId') + 1] ?? ''
    for (let index = 0; index < fields.length; index += 2) {
      const name = fields[index]!
      const value = fields[index + 1]!
      const inside = parse(value)
      try {
        if (name === 'returnvalue') out[index + 1] = await own.openJson(value, 'output', jobId)
        else if (name === 'failedReason') out[index + 1] = await own.openReason(value, jobId)
        else if (name === 'data' && isEnvelope(inside))
          out[index + 1] = await open(inside, 'progress', jobId)
        else if (isEnvelope(value)) out[index + 1] = text(parse(await open(value, 'event', name)))
      } catch {
        // One event that cannot be opened must not end the stream; the refusal has been reported.
        out[index + 1] = name === 'returnvalue' || name === 'data' ? 'null' : ''
      }
    }
    return out
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
  const failedReason = `${code}#${NO_FINGERPRINT}`
  await inner.moveToFailed({ ...json, id } as never, failedReason, false, token, false, {
    failedReason,
    stacktrace: '[]',
  })
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
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
