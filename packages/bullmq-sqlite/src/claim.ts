/** Owns handing jobs to workers: which one is next, and whether any may start now. */
import type { JobJson } from 'bullmq'
import { emit } from './events.ts'
import { JOB_CONTENT, toContent, toJobJson } from './job-row.ts'
import type { JobContent } from './job-row.ts'
import { countStart, limitedFor } from './limiter.ts'
import { NO_LOCK } from './lock.ts'
import { nextDelayedAt, promoteDue } from './place.ts'
import type { QueueState } from './queue-state.ts'
import { State } from './schema.ts'
import type { Transaction } from './transaction.ts'

const NEXT = (state: State) => `
  SELECT ${JOB_CONTENT} FROM bullmq_job WHERE queue = ? AND state = ${state}
  ORDER BY rank, id LIMIT 1`
const NEXT_WAITING = NEXT(State.wait)
const NEXT_PRIORITIZED = NEXT(State.prioritized)
// Two plain statements are faster than one with a subquery and RETURNING, and just as atomic here.
const START = `
  UPDATE bullmq_job SET state = 3, rank = ?, token = ?, lock_until = ?, owner = ?, suspect = 0,
    processed_on = ?, processed_by = ?, attempts_started = ?
  WHERE key = ?`

/** What a worker brings when it asks for a job. */
export interface ClaimOptions {
  token: string
  name: string | undefined
  lockDuration: number
  limiter: { max: number; duration: number } | undefined
  maxStalledCount: number | undefined
}

/** The job, its id, how long a rate limit holds, and when the next delayed job is due. */
export type Claim = [JobJson | null, string | 0, number, number]

const nothing = (limitedMs = 0, dueAt = 0): Claim => [null, 0, limitedMs, dueAt]

/** Starts the next job, or tells what to wait for. */
export function claim(tx: Transaction, queue: QueueState, options: ClaimOptions): Claim {
  return tryClaim(tx, queue, options) ?? nothing()
}

/** As {@link claim}; undefined when there is neither a job nor anything to wait for. */
export function tryClaim(
  tx: Transaction,
  queue: QueueState,
  options: ClaimOptions,
): Claim | undefined {
  promoteDue(tx, queue, tx.now)
  const max = Number(queue.meta.get('max') ?? options.limiter?.max) || undefined
  const limitedMs = limitedFor(tx, queue, max)
  if (limitedMs > 0) return nothing(limitedMs)
  if (queue.pausedOrMaxed) return nothing()

  const row = startNext(tx, queue, options)
  if (row) {
    if (max && row.deferred_failure === null) {
      countStart(tx, queue, options.limiter?.duration || Number(queue.meta.get('duration')) || 0)
    }
    emit(tx, queue, 'event', 'active', 'jobId', row.id, 'prev', 'waiting')
    return [toJobJson(row), row.id, 0, 0]
  }
  const dueAt = nextDelayedAt(tx, queue)
  return dueAt === undefined ? undefined : nothing(0, dueAt)
}

function startNext(
  tx: Transaction,
  queue: QueueState,
  options: ClaimOptions,
): JobContent | undefined {
  if (options.maxStalledCount !== undefined && options.maxStalledCount !== queue.maxStalled) {
    // Kept with the queue, so that whoever finds a dead worker's jobs judges them by its rule.
    queue.maxStalled = options.maxStalledCount
    queue.dirty = true
  }
  const from = queue.count(State.wait) > 0 ? State.wait : State.prioritized
  if (queue.count(from) === 0) {
    if (queue.priorityCount !== 0) queue.priorityCount = 0
    return undefined
  }
  const row = tx.sql.getRaw(from === State.wait ? NEXT_WAITING : NEXT_PRIORITIZED, queue.id)
  if (!row) {
    queue.recount(tx.sql)
    return undefined
  }
  const job = toContent(row)
  job.processed_on = tx.now
  job.processed_by = options.name ?? job.processed_by
  job.attempts_started++
  const locks = options.token !== NO_LOCK
  tx.sql.run(
    START,
    ++queue.activeBack,
    locks ? options.token : null,
    locks ? tx.lockNow + options.lockDuration : null,
    tx.ownerId(),
    job.processed_on,
    job.processed_by,
    job.attempts_started,
    job.key,
  )
  queue.moved(from, State.active)
  return job
}

/** Whether asking for a job could give one now. */
export function isClaimable(tx: Transaction, queue: QueueState): boolean {
  if (queue.pausedOrMaxed) return false
  if (queue.count(State.wait) + queue.count(State.prioritized) > 0) return true
  const dueAt = nextDelayedAt(tx, queue)
  return dueAt !== undefined && dueAt <= tx.now
}
