// Turns a request to enqueue into what the engine is given: checked input, id, options, marks, search terms.
import type { BulkJobOptions } from '../engine/dialect.ts'
import type { RecordedOptions } from '../engine/recorded.ts'
import type { JobDefinition } from '../job/define-job.ts'
import type { EnqueueOptions } from '../job/enqueue-options.ts'
import {
  keyText,
  resolveUnique,
  type Duplicate,
  type ResolvedUnique,
} from '../job/keyed-options.ts'
import { checkJson } from '../job/json-value.ts'
import { PARKED_MS, type JobMarks } from '../job/marks.ts'
import { resolvePriority } from '../job/options.ts'
import { parseInput } from '../job/payload.ts'
import { mostAttempts } from '../job/retry.ts'
import { milliseconds } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import { checkEnqueue } from './enqueue-checks.ts'
import { ticketOf } from './lane-ticket.ts'
import type { Rooms } from './rooms.ts'
import { termsOf } from './terms.ts'

export interface Entry {
  readonly name: string
  readonly data: unknown
  readonly opts: BulkJobOptions &
    RecordedOptions & { readonly jobId: string; readonly orderly?: JobMarks }
  /** What happens to it when its key is taken. */
  readonly duplicate: Duplicate | undefined
}

/** What to tell whoever names a job that is not known here, or gives no definition. */
export function unregistered(job: unknown): OrderlyError {
  const name: unknown = typeof job === 'object' && job !== null && 'name' in job ? job.name : job
  return new OrderlyError(
    'ORDERLY_JOB_UNKNOWN',
    typeof job === 'object' && typeof name === 'string'
      ? `job "${name}" is not registered here; add it, or its pack, to createOrderly`
      : 'this takes the definition of a job, as defineJob returns it; where only its name is known, use enqueueByName(name, input)',
  )
}

/** @throws OrderlyError `ORDERLY_JOB_UNKNOWN` for what is no definition at all */
export function demandDefinition(job: unknown): void {
  if (typeof job !== 'object' || job === null) throw unregistered(job)
}

/** Checks a request and makes of it what the engine is given. */
export async function entryFor(
  rooms: Rooms,
  job: JobDefinition,
  input: unknown,
  options: EnqueueOptions = {},
  marks: JobMarks = {},
): Promise<Entry> {
  if (rooms.registry.jobs.get(job.name) !== job) throw unregistered(job)
  checkEnqueue(options)
  // Stored as given, not as parsed: a schema that transforms would not fit its own result when it is parsed to be run.
  const parsed = await parseInput(job, input)
  checkJson(job, input)
  const terms = await termsOf(rooms, job, input, options)
  const { priority, retention, retry } = job.options
  const now = rooms.clock.now()
  const unique = uniqueOf(job, parsed, options)
  const delay = delayOf(options, now, unique)
  const lane = await ticketOf(rooms, job, parsed)
  const noted = notes(job, options, now + delay, {
    ...rooms.telemetry.noted(),
    ...marks,
    ...(lane ? { lane } : {}),
  })
  const parked = lane ? PARKED_MS + delay : delay
  return {
    name: job.name,
    data: input,
    duplicate: unique?.onDuplicate,
    opts: {
      jobId: newId(now),
      attempts: mostAttempts(retry),
      // The wait before the next attempt comes with the error, see worker.ts.
      backoff: { type: 'orderly' },
      priority: priorityOf(options, priority),
      // Finished jobs leave their queue by the clock (expire.ts), not when the next one happens to finish.
      keep: retention,
      ...(terms.length === 0 ? {} : { terms }),
      ...(parked === 0 ? {} : { delay: parked }),
      ...(unique === undefined ? {} : { deduplication: deduplication(job, unique) }),
      ...(Object.keys(noted).length === 0 ? {} : { orderly: noted }),
    },
  }
}

interface Unique extends Pick<ResolvedUnique, 'window' | 'onDuplicate'> {
  readonly text: string
}

function uniqueOf(job: JobDefinition, input: unknown, options: EnqueueOptions): Unique | undefined {
  const { unique } = options
  if (typeof unique === 'string')
    return { text: keyText(unique), window: undefined, onDuplicate: 'first' }
  if (unique !== undefined) {
    const { window, onDuplicate } = resolveUnique(
      'enqueue',
      { ...unique, key: () => unique.key },
      'ORDERLY_INPUT_INVALID',
    )
    return { text: keyText(unique.key), window, onDuplicate }
  }
  const declared = job.options.unique
  if (!declared) return undefined
  return {
    text: keyText(declared.key(input)),
    window: declared.window,
    onDuplicate: declared.onDuplicate,
  }
}

function deduplication(job: JobDefinition, { text, window, onDuplicate }: Unique) {
  return {
    id: `${job.name}/${text}`,
    ...(window === undefined ? {} : { ttl: window }),
    ...(onDuplicate === 'extend' ? { extend: true } : {}),
    ...(onDuplicate === 'replace' ? { replace: true } : {}),
  }
}

/** Milliseconds until it is due. What may be replaced waits for the end of its window, unless told how long. */
function delayOf(options: EnqueueOptions, now: number, unique: Unique | undefined): number {
  if (options.at !== undefined) return Math.max(0, options.at.getTime() - now)
  if (options.delay !== undefined) return milliseconds(options.delay)
  return unique?.onDuplicate === 'replace' ? unique.window! : 0
}

function notes(
  { version, options: { ttl, deadline, monitoring } }: JobDefinition,
  options: EnqueueOptions,
  dueAt: number,
  marks: JobMarks,
): JobMarks {
  const wait = options.ttl === undefined ? ttl : milliseconds(options.ttl)
  const whole = options.deadline === undefined ? deadline : milliseconds(options.deadline)
  return {
    ...(version === 1 ? {} : { version }),
    ...(wait === undefined ? {} : { startBy: dueAt + wait }),
    ...(whole === undefined ? {} : { endBy: dueAt + whole }),
    ...(monitoring.metrics ? {} : { unmeasured: true as const }),
    ...marks,
  }
}

function priorityOf(options: EnqueueOptions, usual: number): number {
  return options.priority === undefined ? usual : resolvePriority('priority', options.priority)
}
