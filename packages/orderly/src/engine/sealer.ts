// Seals and opens what the jobs of one queue carry.
import type { JobJson, JobsOptions } from 'bullmq'
import { refuseTooLarge } from '../job/largest.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { isEnvelope, type Slot, type Suite } from '../vault/envelope.ts'
import { readMasked } from '../vault/masked-error.ts'
import { inputPlace, templatePlace, type SealedPlace, type Vault } from '../vault/vault.ts'
import { refuseSpeakingIds } from './refuse.ts'

export interface SealRules {
  readonly vault: Vault
  /** How a queue's values are sealed: `encrypted` where they may hold PHI. */
  suiteOf(queue: string): Suite
  /** An id for a job that came without one: what is sealed is tied to its job. */
  newId(queue: string): string
  /** Told of each value that was refused: where it stood and why, never what it held. */
  onRefused(refused: { queue: string; jobId: string; slot: Slot; code: string }): void
  /** Told of each time a job of this kind is put off because its key is not here. */
  onKeyMissing?(job: string): void
}

/** What a sealed input looks like in a store: BullMQ wants an object there. */
interface SealedData {
  readonly $o: string
}

export interface Sealer {
  seal(text: string, slot: Slot, anchor: string): Promise<string>
  /** Opens an envelope; a value that was never sealed passes only where nothing is encrypted. */
  open(text: string, slot: Slot, anchor: string): Promise<string>
  /** Seals an input or a template, for jobs of this name only. */
  sealData(data: string, slot: DataSlot, anchor: string, name: string): Promise<string>
  openData(data: string, job: DataOwner): Promise<string>
  /** A template as it may be shown. */
  showTemplate(data: string, scheduler: string, name: string): Promise<string>
  /** Opens a value that a store keeps as JSON of an envelope, such as a result. */
  openJson(json: string, slot: Slot, anchor: string): Promise<string>
  /** What `open` resolves with, or the mark of a refusal: for values that are only shown. */
  show(open: () => Promise<string>, mark?: (code: string) => string): Promise<string>
  /** An error as it may be shown. */
  showReason(reason: string, anchor: string): Promise<string>
  /** Seals an error, unless it is masked: then it holds nothing, and can be searched and grouped as it is. */
  sealReason(reason: string, id: string, attempt: number): Promise<string>
  /** Seals the fields that go along when an attempt has failed. */
  sealFields(
    fields: Record<string, any> | undefined,
    id: string,
    attempt: () => Promise<number>,
  ): Promise<Record<string, any> | undefined>
  sealJob(job: JobJson, id: string): Promise<JobJson>
  /** A job as it may run: what it carries is genuine, or this throws. */
  openJob(json: JobJson, id: string): Promise<JobJson>
  /** A job as it may be shown: what is not genuine is marked. Throws only while the keys are away. */
  showJob(json: JobJson, id: string): Promise<JobJson>
  /** Keys stand in the clear in a store; where there is PHI they are replaced by names that say nothing. */
  keyOf(key: string): Promise<string>
  /** Options with their key replaced. */
  hideKey(opts: JobsOptions): Promise<JobsOptions>
}

type DataSlot = 'input' | 'template'

/** Whose data it is. */
interface DataOwner {
  readonly id: string
  readonly name: string
  /** The scheduler that made the job, as the row says. */
  readonly template?: string | undefined
}

/** Stands where a fingerprint would: it was refused here, and no handler had a part in it. */
const NO_FINGERPRINT = '000000000000'

/** What is shown of a value that was refused: a code, and nothing of the value. */
export function markOf(code: string): string {
  return `${code}#${NO_FINGERPRINT}`
}

/** What stores write into jobs by themselves, and never seal. */
const STORE_SAYS = /^(job stalled more than allowable limit|child [\w.:|-]{1,400} failed)$/

/** The code of a refusal: no later try would open the value. Undefined while the keys are away. */
export function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof OrderlyError)) return undefined
  return error.code === 'ORDERLY_KEY_UNAVAILABLE' || error.code === 'ORDERLY_FORBIDDEN'
    ? undefined
    : error.code
}

/** Whether the error of this attempt may stand in the row. */
type Fits = (attempt: number) => Promise<boolean>

/** @param isFailed whether a job is in its queue as failed; asked for the sake of errors that may not be its last */
export function openSealer(
  queue: string,
  rules: SealRules,
  isFailed: (id: string) => Promise<boolean> = async () => false,
): Sealer {
  const { vault } = rules
  const suite = rules.suiteOf(queue)

  const seal = (text: string, slot: Slot, anchor: string): Promise<string> =>
    vault.seal(text, { queue, slot, anchor, seq: 0 }, suite)

  /** Tells of a refusal, once for each time a value is looked at. */
  const reported = async <T>(slot: Slot, anchor: string, open: () => Promise<T>): Promise<T> => {
    try {
      return await open()
    } catch (error) {
      const code = error instanceof OrderlyError ? error.code : 'ORDERLY_SEAL_BROKEN'
      rules.onRefused({ queue, jobId: anchor, slot, code })
      throw error
    }
  }

  const unseal = async (text: string, place: SealedPlace): Promise<string> => {
    if (isEnvelope(text)) return vault.open(text, place)
    if (suite === 'signed') return text
    throw new OrderlyError(
      'ORDERLY_SEAL_MISSING',
      `a value in queue "${queue}" is not sealed although the queue holds PHI; find out who wrote it`,
    )
  }

  const open = (text: string, slot: Slot, anchor: string): Promise<string> =>
    reported(slot, anchor, () => unseal(text, { queue, slot, anchor, seq: 0 }))

  const show: Sealer['show'] = async (opening, mark = markOf) => {
    try {
      return await opening()
    } catch (error) {
      const code = refusalOf(error)
      if (code === undefined) throw error
      return mark(code)
    }
  }

  const sealData: Sealer['sealData'] = async (data, slot, anchor, name) => {
    const envelope = await vault.seal(data, { queue, slot, anchor, seq: 0, of: name }, suite)
    return JSON.stringify({ $o: envelope } satisfies SealedData)
  }

  const openData: Sealer['openData'] = async (data, { id, name, template }) => {
    const stored = sealedData(data)
    // A scheduler writes the same data into each of its jobs, inside the store; a job's own data comes later, if at all.
    if (stored !== undefined && template !== undefined && isOf(template, id)) {
      try {
        return await vault.open(stored, templatePlace(queue, template, name), { trial: true })
      } catch {
        return reported('input', id, () => unseal(stored, inputPlace(queue, id, name)))
      }
    }
    return reported('input', id, () => unseal(stored ?? data, inputPlace(queue, id, name)))
  }

  const showTemplate: Sealer['showTemplate'] = (data, scheduler, name) =>
    show(
      () =>
        reported('template', scheduler, () =>
          unseal(sealedData(data) ?? data, templatePlace(queue, scheduler, name)),
        ),
      refusedData,
    )

  // Null and nothing are not sealed.
  const openJson: Sealer['openJson'] = async (json, slot, anchor) => {
    const value = parse(json)
    if (isEnvelope(value)) return open(value, slot, anchor)
    if (value === null || value === undefined || (slot === 'progress' && value === 0)) return json
    return open(json, slot, anchor)
  }

  /** An error begins with the number of the attempt that ended in it, so that no other attempt can be given it. */
  const sealError = (text: string, id: string, attempt: number): Promise<string> =>
    seal(`${attempt}:${text}`, 'error', id)

  const openError = (text: string, id: string, fits?: Fits) =>
    reported('error', id, async () => {
      const opened = await unseal(text, { queue, slot: 'error', anchor: id, seq: 0 })
      if (!isEnvelope(text)) return opened
      const colon = opened.indexOf(':')
      if (fits && !(await fits(Number(opened.slice(0, colon)))))
        throw new OrderlyError(
          'ORDERLY_SEAL_BROKEN',
          `the error of a job in queue "${queue}" is that of another attempt; find out who wrote to the store`,
        )
      return opened.slice(colon + 1)
    })

  const showReason = async (reason: string, id: string, fits?: Fits): Promise<string> =>
    readMasked(reason) || STORE_SAYS.test(reason) ? reason : show(() => openError(reason, id, fits))

  /** Everything but the data: it is shown to whoever looks at the job, and no handler needs it to be there. */
  const showRest = async (json: JobJson, id: string): Promise<JobJson> => {
    const job = { ...json }
    const made = json.attemptsMade ?? 0
    // A job that failed did so in its last attempt; any other keeps the error of some attempt before, and one that was
    // put back counts its attempts from one again.
    const fits = async (attempt: number): Promise<boolean> =>
      attempt === made || !(await isFailed(id))
    if (typeof json.returnvalue === 'string')
      job.returnvalue = await show(() => openJson(json.returnvalue, 'output', id), quoted)
    if (json.failedReason) job.failedReason = await showReason(json.failedReason, id, fits)
    if (json.deferredFailure) job.deferredFailure = await showReason(json.deferredFailure, id)
    if (json.stacktrace) job.stacktrace = await showTraces(json.stacktrace, id, fits)
    if (json.progress) job.progress = await showProgress(json.progress, id)
    return job
  }

  const openJob: Sealer['openJob'] = async (json, id) => {
    const data = await openData(json.data, { id, name: json.name, template: json.repeatJobKey })
    return { ...(await showRest(json, id)), data }
  }

  const showJob: Sealer['showJob'] = async (json, id) => {
    const owner = { id, name: json.name, template: json.repeatJobKey }
    const data = await show(() => openData(json.data, owner), refusedData)
    return { ...(await showRest(json, id)), data }
  }

  const showProgress = async (progress: unknown, id: string): Promise<any> =>
    isEnvelope(progress) || suite === 'encrypted'
      ? parse(
          await show(
            () => open(isEnvelope(progress) ? progress : JSON.stringify(progress), 'progress', id),
            quoted,
          ),
        )
      : progress

  const showTraces = async (stacktrace: string, id: string, fits: Fits): Promise<string> => {
    const value = parse(stacktrace)
    if (!isEnvelope(value) && (suite === 'signed' || isEmpty(value))) return stacktrace
    return show(
      () => openError(isEnvelope(value) ? value : stacktrace, id, fits),
      (code) => JSON.stringify([markOf(code)]),
    )
  }

  const sealReason: Sealer['sealReason'] = (reason, id, attempt) =>
    readMasked(reason) ? Promise.resolve(reason) : sealError(reason, id, attempt)

  const sealFields: Sealer['sealFields'] = async (fields, id, attemptOf) => {
    if (!fields) return fields
    const { failedReason, stacktrace } = fields as Record<string, unknown>
    if (typeof failedReason !== 'string' && typeof stacktrace !== 'string') return fields
    const attempt = await attemptOf()
    const sealedFields = { ...fields }
    if (typeof failedReason === 'string')
      sealedFields['failedReason'] = await sealReason(failedReason, id, attempt)
    if (typeof stacktrace === 'string')
      sealedFields['stacktrace'] = JSON.stringify(await sealError(stacktrace, id, attempt))
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
    refuseTooLarge(job.data, 'the data of a job')
    if (suite === 'encrypted') refuseSpeakingIds(job, id)
    const out = { ...job, id, data: await sealData(job.data, 'input', id, job.name) }
    const key = job.opts?.deduplication?.id
    if (key !== undefined) {
      const hidden = await keyOf(key)
      out.opts = { ...job.opts, deduplication: { ...job.opts.deduplication!, id: hidden } }
      out.deduplicationId = hidden
    }
    if (typeof job.returnvalue === 'string')
      out.returnvalue = JSON.stringify(await seal(job.returnvalue, 'output', id))
    const attempt = job.attemptsMade ?? 0
    if (typeof job.failedReason === 'string')
      out.failedReason = await sealReason(job.failedReason, id, attempt)
    if (typeof job.stacktrace === 'string' && job.stacktrace !== 'null')
      out.stacktrace = JSON.stringify(await sealError(job.stacktrace, id, attempt))
    if (job.progress) out.progress = await seal(JSON.stringify(job.progress), 'progress', id)
    return out
  }

  return {
    seal,
    open,
    sealData,
    openData,
    showTemplate,
    openJson,
    show,
    showReason,
    sealReason,
    sealFields,
    sealJob,
    openJob,
    showJob,
    keyOf,
    hideKey,
  }
}

/** What is shown where the data of a job was refused. */
function refusedData(code: string): string {
  return JSON.stringify({ $refused: code })
}

/** The mark of a refusal where JSON is wanted. */
export function quoted(code: string): string {
  return JSON.stringify(markOf(code))
}

function isEmpty(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0)
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
