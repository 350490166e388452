// Seals and opens what the jobs of one queue carry.
import type { JobJson, JobsOptions } from 'bullmq'
import { OrderlyError } from '../primitives/errors.ts'
import { isEnvelope, type Slot, type Suite } from '../vault/envelope.ts'
import { readMasked } from '../vault/masked-error.ts'
import type { Vault } from '../vault/vault.ts'
import { refuseSpeakingIds, refuseTooLarge } from './refuse.ts'

export interface SealRules {
  readonly vault: Vault
  /** How a queue's values are sealed: `encrypted` where they may hold PHI. */
  suiteOf(queue: string): Suite
  /** An id for a job that came without one: what is sealed is tied to its job. */
  newId(queue: string): string
  /** Told of each value that was refused: where it stood and why, never what it held. */
  onRefused(refused: { queue: string; jobId: string; slot: Slot; code: string }): void
}

/** What a sealed input looks like in a store: BullMQ wants an object there. */
interface SealedData {
  readonly $o: string
}

export interface Sealer {
  seal(text: string, slot: Slot, anchor: string): Promise<string>
  /** Opens an envelope; a value that was never sealed passes only where nothing is encrypted. */
  open(text: string, slot: Slot, anchor: string): Promise<string>
  sealData(data: string, slot: Slot, anchor: string): Promise<string>
  openTemplate(data: string, scheduler: string): Promise<string>
  /** Opens a value that a store keeps as JSON of an envelope, such as a result. */
  openJson(json: string, slot: Slot, anchor: string): Promise<string>
  /** Opens an error; stores write errors too (a stalled job, a failed child), and those are plain. */
  openReason(reason: string, anchor: string): Promise<string>
  /** Seals an error, unless it is masked: then it holds nothing, and can be searched and grouped as it is. */
  sealReason(reason: string, id: string): Promise<string>
  /** Seals the fields that go along when an attempt has failed. */
  sealFields(
    fields: Record<string, any> | undefined,
    id: string,
  ): Promise<Record<string, any> | undefined>
  sealJob(job: JobJson, id: string): Promise<JobJson>
  openJob(json: JobJson, id: string): Promise<JobJson>
  /** Keys stand in the clear in a store; where there is PHI they are replaced by names that say nothing. */
  keyOf(key: string): Promise<string>
  /** Options with their key replaced. */
  hideKey(opts: JobsOptions): Promise<JobsOptions>
}

export function openSealer(queue: string, rules: SealRules): Sealer {
  const { vault } = rules
  const suite = rules.suiteOf(queue)

  const seal = (text: string, slot: Slot, anchor: string): Promise<string> =>
    vault.seal(text, { queue, slot, anchor, seq: 0 }, suite)

  const open = async (text: string, slot: Slot, anchor: string): Promise<string> => {
    try {
      if (isEnvelope(text)) return await vault.open(text, { queue: queue, slot, anchor, seq: 0 })
      if (suite === 'signed') return text
      throw new OrderlyError(
        'ORDERLY_SEAL_MISSING',
        `a value in queue "${queue}" is not sealed although the queue holds PHI; find out who wrote it`,
      )
    } catch (error) {
      const code = error instanceof OrderlyError ? error.code : 'ORDERLY_SEAL_BROKEN'
      rules.onRefused({ queue: queue, jobId: anchor, slot, code })
      throw error
    }
  }

  const sealData = async (data: string, slot: Slot, anchor: string): Promise<string> =>
    JSON.stringify({ $o: await seal(data, slot, anchor) } satisfies SealedData)

  const openData = async (
    data: string,
    job: { id: string; template?: string },
  ): Promise<string> => {
    const stored = sealedData(data)
    // A scheduler writes the same data into each of its jobs, inside the store; a job's own data comes later, if at all.
    if (stored !== undefined && job.template !== undefined && isOf(job.template, job.id)) {
      try {
        return await vault.open(stored, { queue, slot: 'template', anchor: job.template, seq: 0 })
      } catch {
        return open(stored, 'input', job.id)
      }
    }
    return open(stored ?? data, 'input', job.id)
  }

  // Null and nothing are not sealed.
  const openJson = async (json: string, slot: Slot, anchor: string): Promise<string> => {
    const value = parse(json)
    if (isEnvelope(value)) return open(value, slot, anchor)
    if (value === null || value === undefined || (slot === 'progress' && value === 0)) return json
    return open(json, slot, anchor)
  }

  const openReason = (reason: string, anchor: string): Promise<string> =>
    isEnvelope(reason) ? open(reason, 'error', anchor) : Promise.resolve(reason)

  const openJob = async (json: JobJson, id: string): Promise<JobJson> => {
    const job = { ...json }
    job.data = await openData(json.data, {
      id,
      ...(json.repeatJobKey ? { template: json.repeatJobKey } : {}),
    })
    if (typeof json.returnvalue === 'string')
      job.returnvalue = await openJson(json.returnvalue, 'output', id)
    if (json.failedReason) job.failedReason = await openReason(json.failedReason, id)
    if (json.stacktrace) job.stacktrace = await openTraces(json.stacktrace, id)
    if (json.progress) job.progress = await openProgress(json.progress, id)
    return job
  }

  const openProgress = async (progress: unknown, id: string): Promise<any> =>
    isEnvelope(progress) ? parse(await open(progress, 'progress', id)) : progress

  const openTraces = async (stacktrace: string, id: string): Promise<string> => {
    const value = parse(stacktrace)
    return isEnvelope(value) ? open(value, 'error', id) : stacktrace
  }

  const sealReason = (reason: string, id: string): Promise<string> =>
    readMasked(reason) ? Promise.resolve(reason) : seal(reason, 'error', id)

  const sealFields = async (
    fields: Record<string, any> | undefined,
    id: string,
  ): Promise<Record<string, any> | undefined> => {
    if (!fields) return fields
    const sealedFields = { ...fields }
    if (typeof fields['failedReason'] === 'string')
      sealedFields['failedReason'] = await sealReason(fields['failedReason'], id)
    if (typeof fields['stacktrace'] === 'string')
      sealedFields['stacktrace'] = JSON.stringify(await seal(fields['stacktrace'], 'error', id))
    return sealedFields
  }

  const keyOf = async (key: string): Promise<string> =>
    suite === 'signed' || key.startsWith('b1.') ? key : vault.blindIndex(`dedup/${queue}`, key)

  const hideKey = async (opts: JobsOptions): Promise<JobsOptions> => {
    const { deduplication } = opts
    if (!deduplication) return opts
    return { ...opts, deduplication: { ...deduplication, id: await keyOf(deduplication.id) } }
  }

  const sealJob = async (job: JobJson, id: string): Promise<JobJson> => {
    refuseTooLarge(job.data)
    if (suite === 'encrypted') refuseSpeakingIds(job, id)
    const out = { ...job, id, data: await sealData(job.data, 'input', id) }
    const key = job.opts?.deduplication?.id
    if (key !== undefined) {
      const hidden = await keyOf(key)
      out.opts = { ...job.opts, deduplication: { ...job.opts.deduplication!, id: hidden } }
      out.deduplicationId = hidden
    }
    if (typeof job.returnvalue === 'string')
      out.returnvalue = JSON.stringify(await seal(job.returnvalue, 'output', id))
    if (typeof job.failedReason === 'string')
      out.failedReason = JSON.stringify(await seal(job.failedReason, 'error', id))
    if (typeof job.stacktrace === 'string' && job.stacktrace !== 'null')
      out.stacktrace = JSON.stringify(await seal(job.stacktrace, 'error', id))
    if (job.progress) out.progress = await seal(JSON.stringify(job.progress), 'progress', id)
    return out
  }

  return {
    seal,
    open,
    sealData,
    openTemplate: (data, scheduler) => open(sealedData(data) ?? data, 'template', scheduler),
    openJson,
    openReason,
    sealReason,
    sealFields,
    sealJob,
    openJob,
    keyOf,
    hideKey,
  }
}

/** Whether a job is one that the scheduler made: the row alone may claim what it likes. */
function isOf(scheduler: string, id: string): boolean {
  return id.startsWith(`repeat:${scheduler}:`)
}

/** The envelope in a job's data, if that is all its data is. */
function sealedData(data: string): string | undefined {
  const value = parse(data)
  if (typeof value !== 'object' || value === null || !('$o' in value)) return undefined
  return isEnvelope(value.$o) ? value.$o : undefined
}

/** The value in `text`, or undefined when it is no JSON. */
export function parse(text: string): any {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
