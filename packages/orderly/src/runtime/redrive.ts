// Puts dead letters back in their queues, at a pace, and repeats finished jobs with the same or another input.
import { uniqueKeyOf } from '../engine/raw.ts'
import type { NamedEngine } from '../engine/set.ts'
import { findDeadLetters, type DeadLetterFilter } from '../history/dead-letters.ts'
import { findJob } from '../history/find.ts'
import type { JobRow } from '../history/tables.ts'
import type { JobDefinition } from '../job/define-job.ts'
import type { EnqueuedJob } from '../job/enqueue-options.ts'
import { marksOf } from '../job/marks.ts'
import { queueIdOf, recordIdOf } from '../job/record-id.ts'
import { OPEN_STATES } from '../job/states.ts'
import { upcast } from '../job/upcast.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { lowerFences } from '../state/effects.ts'
import { dropRequest } from '../state/requests.ts'
import { reopenSlot } from '../state/schedules.ts'
import { isEnvelope } from '../vault/envelope.ts'
import { inputPlace, templatePlace } from '../vault/vault.ts'
import { enqueueEntry } from './enqueue.ts'
import { entryFor } from './entry.ts'
import { reasonOf } from './reason.ts'
import { putBack } from './restore.ts'
import type { Rooms } from './rooms.ts'
import { stepsUpTo } from './steps.ts'

export interface RedriveOptions {
  /** Why, for the log. It holds nothing of a patient. */
  readonly reason: string
  readonly by?: string
  /** Jobs put back in each second: a herd would fall over what just got up. 50 unless told; 0.01 to 100,000. */
  readonly perSecond?: number
  /** At most this many. */
  readonly limit?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (done: Redriven) => void
}

export interface Redriven {
  readonly redriven: number
  /** Gone from their queue, put back by somebody else meanwhile, or with a unique key that another job has now. */
  readonly skipped: number
}

const AT_ONCE = 100
const SLOWEST = 0.01
const FASTEST = 100_000

/**
 * Puts dead letters that fit `filter` back in their queues, with all their attempts before them.
 *
 * One that is unique takes its key again. Where another of that key waits or runs it is left out, and refused with
 * `ORDERLY_DUPLICATE` where it alone was asked for.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID`, `ORDERLY_DUPLICATE`
 */
export async function redrive(
  rooms: Rooms,
  filter: DeadLetterFilter & { readonly ids?: readonly string[] },
  options: RedriveOptions,
): Promise<Redriven> {
  const reason = reasonOf(options, 'dead letters are put back')
  const { perSecond = 50, limit = Infinity, signal } = options
  if (typeof filter !== 'object' || filter === null)
    throw invalid('say which dead letters are put back; {} is all of them')
  if (!(perSecond >= SLOWEST && perSecond <= FASTEST))
    throw invalid(`"perSecond" is a number from ${SLOWEST} to ${FASTEST}`)
  if (limit !== Infinity && !(Number.isInteger(limit) && limit >= 1))
    throw invalid('"limit" is a whole number from 1 up')
  await rooms.recorder.flush()
  const { ids, ...query } = filter
  const wanted = ids && new Set(ids)
  let redriven = 0
  let skipped = 0
  let after = ''
  const startedAt = rooms.clock.elapsed()
  for (;;) {
    const page = await findDeadLetters(rooms.history, query, after, AT_ONCE)
    for (const { id, queue, engine } of page) {
      if (signal?.aborted || redriven >= limit) break
      if (wanted && !wanted.has(id)) continue
      const done = await redriveOne(rooms, engine, queue, id)
      if (typeof done === 'object' && wanted?.size === 1) throw taken(done.holder)
      if (done === 'redriven') redriven++
      else skipped++
      options.onProgress?.({ redriven, skipped })
      const due = startedAt + (redriven * 1_000) / perSecond
      const early = due - rooms.clock.elapsed()
      if (early > 0) await rooms.clock.sleep(early, signal)
    }
    if (page.length < AT_ONCE || signal?.aborted || redriven >= limit) break
    after = page.at(-1)!.id
  }
  rooms.log.info(
    { redriven, skipped, reason, by: options.by ?? '' },
    'dead letters were put back in their queues',
  )
  await rooms.recorder.flush()
  return { redriven, skipped }
}

async function redriveOne(
  rooms: Rooms,
  engineName: string,
  queue: string,
  id: string,
): Promise<'redriven' | 'gone' | { readonly holder: string }> {
  const home = rooms.engines.reachable().find(({ name }) => name === engineName)
  const job = await home?.engine.queue(queue).getJob(queueIdOf(queue, id))
  if (!home || !job) return 'gone'
  const row = await findJob(rooms.history, id)
  const { slot } = row ? marksOf(JSON.parse(row.opts)) : {}
  // Later slots of its schedule wait for it again.
  if (slot) await reopenSlot(rooms.state, slot)
  if (row && uniqueKeyOf(row) !== undefined) return redriveUnique(rooms, home, row)
  if (!(await job.isFailed())) return 'gone'
  // Who wanted the run cancelled that has ended by itself did not ask it of this one.
  await dropRequest(rooms.state, id)
  try {
    await job.retry('failed', { resetAttemptsMade: true })
    return 'redriven'
  } catch {
    // Not failed any more: somebody else was faster.
    return 'gone'
  }
}

/**
 * A job that failed has let go of its key, and a store gives that to a job only with its add: so it is added anew, under
 * its own id, unless another has taken its place.
 */
async function redriveUnique(
  rooms: Rooms,
  home: NamedEngine,
  row: JobRow,
): Promise<'redriven' | 'gone' | { readonly holder: string }> {
  const raw = home.engine.raw(row.queue)
  const own = raw.idOf(row.id)
  const holder = await raw.holderOf(row)
  if (holder !== undefined && holder !== own && isOwed(await raw.state(holder)))
    return { holder: recordIdOf(row.queue, holder) }
  if ((await raw.state(own)) !== 'failed') return 'gone'
  const at = rooms.clock.now()
  const event = { id: `${row.id}:redriven:${row.updated_at}`, jobId: row.id, at } as const
  // On record before it is added: of two who redrive it one adds it, and what dies in between is put back.
  const [isFirst] = await rooms.recorder.recordNew([
    { engine: home.name, event: { ...event, type: 'redriven' } },
  ])
  if (!isFirst) return 'gone'
  await dropRequest(rooms.state, row.id)
  // Its queue counts its runs from one again.
  await lowerFences(rooms.state, [row.id])
  await putBack(rooms, home, { ...row, run_at: at })
  return 'redriven'
}

function isOwed(state: string): boolean {
  return (OPEN_STATES as readonly string[]).includes(state)
}

export interface ReplayOptions {
  /** Another input in place of the recorded one. It must fit the schema of today's version. */
  readonly input?: unknown
  /** Takes over what the job recorded up to this step, and goes on after it. Not together with another input. */
  readonly afterStep?: string
  /** Why, for the log. It holds nothing of a patient. */
  readonly reason?: string
  readonly by?: string
}

/**
 * Runs a finished job again as a new job that names the one it repeats.
 *
 * @throws OrderlyError `ORDERLY_NOT_FOUND` when the job is unknown or its content gone, `ORDERLY_JOB_UNKNOWN`,
 *   `ORDERLY_INPUT_INVALID`, for a job that has not finished, too
 */
export async function replay(
  rooms: Rooms,
  id: string,
  options: ReplayOptions = {},
): Promise<EnqueuedJob> {
  const reason = options.reason === undefined ? '' : reasonOf(options, 'the job is run again')
  await rooms.recorder.flush()
  const row = await findJob(rooms.history, id)
  const job = row && rooms.registry.jobs.get(row.name)
  if (!row) throw new OrderlyError('ORDERLY_NOT_FOUND', 'the record knows no job of this id')
  if (!job)
    throw new OrderlyError(
      'ORDERLY_JOB_UNKNOWN',
      `job "${row.name}" is not registered here; replay it where it is`,
    )
  if ((OPEN_STATES as readonly string[]).includes(row.state))
    throw invalid('this job has not finished; wait for its end, or cancel it, and replay it then')
  if (options.afterStep !== undefined && options.input !== undefined)
    throw invalid(
      'steps that were done for one input are not taken over by a job with another; leave one of the two out',
    )
  const steps =
    options.afterStep === undefined ? undefined : await stepsUpTo(rooms, row, options.afterStep)
  const { input = await inputOf(rooms, row, job) } = options
  // It is new in every way but one: whoever looks at it finds the job it repeats.
  const unique = { key: `replay/${id}/${rooms.clock.now()}`, onDuplicate: 'first' } as const
  const marks = { replayOf: id }
  const entry = await entryFor(rooms, job, input, job.options.unique ? { unique } : {}, marks)
  // They are there before anybody can begin the job.
  await steps?.give(entry.opts.jobId)
  let added: EnqueuedJob
  try {
    added = await enqueueEntry(rooms, job, entry)
  } catch (error) {
    await steps?.takeBack(entry.opts.jobId)
    throw error
  }
  rooms.log.info(
    { job: id, replay: added.id, reason, by: options.by ?? '' },
    'a finished job is run again as a new one',
  )
  return added
}

function taken(holder: string): OrderlyError {
  return new OrderlyError(
    'ORDERLY_DUPLICATE',
    `job ${holder} has the unique key of this one now; wait for its end, or replay this one`,
  )
}

function invalid(rule: string): OrderlyError {
  return new OrderlyError('ORDERLY_INPUT_INVALID', rule)
}

async function inputOf(
  rooms: Rooms,
  row: NonNullable<Awaited<ReturnType<typeof findJob>>>,
  job: JobDefinition,
): Promise<unknown> {
  const envelope = row.input === null ? undefined : (JSON.parse(row.input) as { $o?: unknown }).$o
  if (!isEnvelope(envelope))
    throw new OrderlyError(
      'ORDERLY_NOT_FOUND',
      'the input of this job is gone, its time was over; replay it with an input of your own',
    )
  const place =
    row.schedule === null
      ? inputPlace(row.queue, queueIdOf(row.queue, row.id), row.name)
      : templatePlace(row.queue, row.schedule, row.name)
  const recorded: unknown = JSON.parse(await rooms.vault.open(envelope, place))
  const { version = 1 } = marksOf(JSON.parse(row.opts))
  return upcast(job.name, recorded, { from: version, to: job.version }, job.upcast)
}
