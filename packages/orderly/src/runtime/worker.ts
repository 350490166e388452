// Runs the jobs of one queue. The only place that knows BullMQ's dialect for how an attempt ended.
import { DelayedError, UnrecoverableError, WaitingError } from '../engine/dialect.ts'
import type { EngineJob, EngineWorker } from '../engine/open.ts'
import { watchWorker, type Watched } from '../engine/watchdog.ts'
import type { NamedEngine } from '../engine/set.ts'
import type { QueueDefinition } from '../job/define-queue.ts'
import type { Outcome } from '../job/outcome.ts'
import { marksOf, ownDelay, PARKED_MS } from '../job/marks.ts'
import { recordIdOf } from '../job/record-id.ts'
import { assertNever } from '../primitives/assert.ts'
import { withoutApiKeys } from '../primitives/api-key-text.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { kickRun } from './advance-runs.ts'
import { openEnd } from './attempt-end.ts'
import type { Attempt } from './attempt.ts'
import { currentMarks } from './current-marks.ts'
import { endBeforeRun } from './before-run.ts'
import { execute } from './execute.ts'
import { holdOf, type Hold } from './hold.ts'
import { KEPT_LINES } from './job-lines.ts'
import { kick, leave as leavePlace, waitTurnAgain } from './lanes.ts'
import { isTakenFromPaused } from './queue-pauses.ts'
import { recordError } from './record-error.ts'
import type { Rooms } from './rooms.ts'
import { takePlace } from './take-place.ts'

export interface QueueWorker {
  readonly queue: string
  /** Calls `listener` whenever a job has left the active state; the returned function ends that. */
  onSettled(listener: () => void): () => void
  /** False while a worker that has gone deaf is being replaced. */
  isReady(): boolean
  /** Takes no more jobs and waits for the running ones; after `grace` ms, or when `hurry` aborts, they are told to stop. */
  close(grace: number, hurry?: AbortSignal): Promise<void>
}

/**
 * An attempt that died with its process was interrupted, not failed. It may be interrupted this often before the
 * job is given up as one that kills its workers.
 */
const MOST_INTERRUPTIONS = 100
const ASK_AGAIN_MS = 1_000
/** How often jobs are looked for whose worker fell silent: they wait for their lock to run out, and for this. */
const STALLED_MS = 5_000

/** Carries the wait chosen by `execute` to BullMQ's backoff hook. */
class RetryLater extends Error {
  readonly delay: number

  constructor(error: Error, delay: number) {
    super(error.message, { cause: error })
    this.name = error.name
    if (error.stack !== undefined) this.stack = error.stack
    this.delay = delay
  }
}

/**
 * Works on a queue of one engine.
 *
 * @param id of the process, as it describes itself: it stands on the jobs it runs
 */
export function startWorker(
  queue: QueueDefinition,
  named: NamedEngine,
  id: string,
  rooms: Rooms,
): QueueWorker {
  const { name: engineName, engine } = named
  const running = new Map<string, AbortController>()
  const settled = new Set<() => void>()
  const make = (): EngineWorker => {
    const worker = engine.worker(
      queue.name,
      // BullMQ makes an abort signal for processors that declare three parameters. It would tell of calls of
      // `cancelJob`, which nobody here makes, and a signal costs as much as the rest of a small job.
      (job, token) => processJob(job, token!, running, named, rooms),
      {
        name: id,
        concurrency: queue.concurrency,
        maxStalledCount: MOST_INTERRUPTIONS,
        stalledInterval: STALLED_MS,
        ...(queue.rateLimit
          ? { limiter: { max: queue.rateLimit.limit, duration: queue.rateLimit.per } }
          : {}),
        // When its store does not answer a worker asks again this soon.
        runRetryDelay: ASK_AGAIN_MS,
        settings: {
          backoffStrategy: (_attempts, _type, error) =>
            error instanceof RetryLater ? error.delay : 0,
        },
      },
    )
    worker.on('lockRenewalFailed', (jobIds: string[]) => {
      for (const id of jobIds) running.get(id)?.abort(lockLost(id))
    })
    const tell = (job: EngineJob | undefined): void => {
      const { run } = marksOf(job?.opts)
      if (run !== undefined) void kickRun(rooms, run)
      settled.forEach((listener) => listener())
    }
    return worker.on('completed', tell).on('failed', tell)
  }
  const watched = watchWorker({
    clock: rooms.clock,
    make,
    isReachable: () => rooms.engines.reachable().some(({ name }) => name === engineName),
    isFull: () => running.size >= queue.concurrency,
    isBusy: () => running.size > 0,
    countWaiting: () => engine.raw(queue.name).claimableCount(),
    onDeaf: () =>
      rooms.log.error(
        { queue: queue.name, engine: engineName },
        'a worker takes no jobs although some wait; it is replaced',
      ),
  })
  return {
    queue: queue.name,
    onSettled(listener) {
      settled.add(listener)
      return () => settled.delete(listener)
    },
    isReady: () => watched.isReady(),
    close: (grace, hurry) => closeWorker(watched, running, { grace, hurry }, rooms),
  }
}

async function processJob(
  job: EngineJob,
  token: string,
  running: Map<string, AbortController>,
  { name: engine }: NamedEngine,
  rooms: Rooms,
): Promise<unknown> {
  const id = job.id!
  if (await isTakenFromPaused(rooms, job.queueName))
    return settle({ type: 'interrupted' }, job, token, rooms)
  const marks = await currentMarks(job, rooms)
  const hold = holdOf(job.name, marks, rooms)
  if (hold) return putAside(hold, job, token, rooms)
  const place = await takePlace(job, marks, rooms)
  if (place === 'full') return putOff(job, 0, token, rooms)
  const handler = rooms.registry.handlers.get(job.name)!
  const controller = new AbortController()
  running.set(id, controller)
  const leave = rooms.running.add(recordIdOf(job.queueName, id), controller)
  try {
    const attempt: Attempt = {
      id,
      job: handler.job,
      handler,
      number: job.attemptsMade + 1,
      run: job.attemptsStarted,
      input: job.data,
      version: marks.version ?? 1,
      marks,
      engine,
      stop: controller,
      end: openEnd(id, controller.signal),
      alive: () => {},
      report: (progress) => job.updateProgress({ ...progress }),
      writeLog: async (line) => {
        job.opts.keepLogs ??= KEPT_LINES
        await job.log(withoutApiKeys(line))
      },
    }
    const outcome = await runOnce(attempt, job, rooms)
    const told = await recordError(outcome, attempt, engine, rooms)
    logEnding(told, attempt, rooms)
    if (place !== 'unbounded') {
      await leavePlace(rooms, place, told)
      kick(rooms, job.name)
    }
    return await settle(told, job, token, rooms)
  } finally {
    running.delete(id)
    leave()
  }
}

/** Runs an attempt, unless its job is to end unrun. */
function runOnce(attempt: Attempt, job: EngineJob, rooms: Rooms): Promise<Outcome> {
  const waited = Math.max(
    0,
    rooms.clock.now() - (job.timestamp + ownDelay(job.delay, attempt.marks)),
  )
  return rooms.telemetry.process(
    attempt,
    waited,
    async () =>
      (await endBeforeRun(attempt, job.stalledCounter, rooms)) ?? (await execute(attempt, rooms)),
  )
}

/** Puts a job aside that is not to run here now: another version of this program may know it, or somebody resume it. */
async function putAside(
  { reason, delay }: Hold,
  job: EngineJob,
  token: string,
  rooms: Rooms,
): Promise<never> {
  rooms.running.hold(job.name, reason, job.id!, () =>
    rooms.log.error(
      { job: job.name, jobId: job.id, queue: job.queueName, reason },
      `job held: ${reason}`,
    ),
  )
  // Nobody is given a turn whose kind is paused, so those jobs need not wait for a time as well.
  if (marksOf(job.opts).lane)
    await waitTurnAgain(rooms, job, reason === 'its kind is paused' ? 0 : delay)
  return putOff(job, delay, token, rooms)
}

/** Gives a job back to its queue, which lets nobody have it for `delay` ms. */
async function putOff(
  job: EngineJob,
  delay: number,
  token: string,
  { clock }: Rooms,
): Promise<never> {
  await job.moveToDelayed(clock.now() + parkedOf(job) + Math.ceil(delay), token)
  throw new DelayedError()
}

/** What waits its turn does so by another clock than its queue's. */
function parkedOf({ opts }: EngineJob): number {
  return marksOf(opts).lane ? PARKED_MS : 0
}

function logEnding(outcome: Outcome, attempt: Attempt, { log }: Rooms): void {
  const fields = { job: attempt.job.name, jobId: attempt.id, attempt: attempt.number }
  switch (outcome.type) {
    case 'retry':
      return log.warn(
        { ...fields, error: outcome.error.message, delay: outcome.delay },
        'attempt failed; will retry',
      )
    case 'failed':
      return log.error({ ...fields, error: outcome.error.message }, 'job failed')
    case 'fenced':
      return log.warn(fields, 'lock lost; another worker has the job')
    case 'completed':
    case 'snoozed':
    case 'interrupted':
    case 'cancelled':
      return log.debug({ ...fields, outcome: outcome.type }, 'attempt ended')
    default:
      return assertNever(outcome)
  }
}

/** Says an outcome in BullMQ's words: a value, or an error of a certain class. */
async function settle(
  outcome: Outcome,
  job: EngineJob,
  token: string,
  rooms: Rooms,
): Promise<unknown> {
  switch (outcome.type) {
    case 'completed':
      return outcome.output
    case 'retry':
      throw new RetryLater(outcome.error, parkedOf(job) + outcome.delay)
    case 'snoozed':
      return putOff(job, outcome.delay, token, rooms)
    case 'interrupted':
      await job.moveToWait(token)
      throw new WaitingError()
    case 'cancelled':
      throw unrecoverable(new OrderlyError('ORDERLY_CANCELLED', `cancelled: ${outcome.reason}`))
    case 'failed':
      throw unrecoverable(outcome.error)
    case 'fenced':
      throw lockLost(job.id!)
    default:
      return assertNever(outcome)
  }
}

function unrecoverable(error: Error): UnrecoverableError {
  const final = new UnrecoverableError(error.message)
  if (error.stack !== undefined) final.stack = error.stack
  return final
}

function lockLost(id: string): OrderlyError {
  return new OrderlyError(
    'ORDERLY_LOCK_LOST',
    `job ${id} went to another worker; this attempt no longer counts`,
  )
}

async function closeWorker(
  worker: Watched,
  running: Map<string, AbortController>,
  { grace, hurry }: { grace: number; hurry: AbortSignal | undefined },
  rooms: Rooms,
): Promise<void> {
  const stop = (): void => {
    const reason = new OrderlyError(
      'ORDERLY_CLOSED',
      'this process is stopping; the job goes back to its queue',
    )
    for (const controller of running.values()) controller.abort(reason)
  }
  const disarm = rooms.clock.after(grace, stop)
  if (hurry?.aborted) stop()
  hurry?.addEventListener('abort', stop, { once: true })
  await worker.close()
  disarm()
  hurry?.removeEventListener('abort', stop)
}
