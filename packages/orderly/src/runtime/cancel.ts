// Cancels jobs: one that waits leaves its queue at once, one that runs anywhere is told to stop.
import { isAway } from '../engine/set.ts'
import { findJob } from '../history/find.ts'
import { dropFromOutbox } from '../history/outbox.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import { queueIdOf } from '../job/record-id.ts'
import { leaveLane } from '../state/lane-ends.ts'
import { dropRequest, findRequests, putRequest } from '../state/requests.ts'
import { requestPlace } from '../state/sealed-values.ts'
import { kick } from './lanes.ts'
import type { Rooms } from './rooms.ts'

export interface CancelOptions {
  /** Why, in a few words. Stored sealed. */
  readonly reason?: string
  /** Who wants it. */
  readonly by?: string
  /** How long to wait for a running job to stop, in milliseconds. 5,000 unless told. */
  readonly wait?: number
}

/**
 * `cancelled`: it has not run, or has stopped, and will not run again. `finished`: it ended before it could be
 * cancelled. `cancelling`: it runs, has been told, and had not stopped when the wait was over. `unknown`: no such job.
 */
export type Cancellation = 'cancelled' | 'finished' | 'cancelling' | 'unknown'

const LOOK_AGAIN_MS = 100
/** Longer than a worker keeps what it has to record. */
const SETTLING_MS = 150
const DEFAULT_WAIT_MS = 5_000

/** Cancels a job by its recorded id, and says which of the two came first where it was just ending. */
export async function cancelJob(
  rooms: Rooms,
  id: string,
  options: CancelOptions = {},
): Promise<Cancellation> {
  await rooms.recorder.flush()
  const job = (await findJob(rooms.history, id)) ?? (await takeFromOutbox(rooms, id))
  if (job === 'cancelled') return job
  if (!job) return 'unknown'
  if (job.finished_at !== null) return wasCancelled(job) ? 'cancelled' : 'finished'
  await putRequest(rooms.state, {
    job_id: id,
    queue: job.queue,
    action: 'cancel',
    reason: await rooms.vault.seal(
      options.reason ?? '',
      requestPlace(job.queue, id),
      rooms.classes.suiteOf(job.queue),
    ),
    who: options.by ?? '',
    at: rooms.clock.now(),
  })
  const until = rooms.clock.elapsed() + (options.wait ?? DEFAULT_WAIT_MS)
  for (;;) {
    if (await takeOut(rooms, job)) break
    rooms.running.stop(id, cancelledBy(options.by))
    if (await hasEnded(rooms, id)) break
    if (rooms.clock.elapsed() >= until) return 'cancelling'
    await rooms.clock.sleep(LOOK_AGAIN_MS)
  }
  await dropRequest(rooms.state, id)
  await leaveLane(rooms.state, id)
  kick(rooms, job.name)
  const ended = await findJob(rooms.history, id)
  return ended && wasCancelled(ended) ? 'cancelled' : 'finished'
}

/** A job that a transaction enqueued may not have been handed over yet: then it never is. */
async function takeFromOutbox(
  rooms: Rooms,
  id: string,
): Promise<Awaited<ReturnType<typeof findJob>> | 'cancelled'> {
  const was = await dropFromOutbox(rooms.history, id)
  // The relay may have had it in hand; then it is on record in a moment.
  await rooms.clock.sleep(SETTLING_MS)
  return (await findJob(rooms.history, id)) ?? (was ? 'cancelled' : undefined)
}

/** Takes a job out of its queue that nobody works on. @returns whether it has an end on record then */
async function takeOut(
  rooms: Rooms,
  { id, queue }: { id: string; queue: string },
): Promise<boolean> {
  for (const { name, engine } of rooms.engines.reachable()) {
    const isOut = await engine
      .raw(queue)
      .remove(queueIdOf(queue, id))
      .catch((error: unknown) => {
        // The request stands: it is asked for again, and obeyed before the job is run.
        if (isAway(error)) return false
        throw error
      })
    if (!isOut) continue
    // It may have run and ended between two looks at it: its worker then says so in a moment, and that is its end.
    await rooms.clock.sleep(SETTLING_MS)
    if (await hasEnded(rooms, id)) return true
    const at = rooms.clock.now()
    await rooms.recorder.record([
      { engine: name, event: { id: `${id}:removed:${newId(at)}`, jobId: id, at, type: 'removed' } },
    ])
    return true
  }
  return false
}

async function hasEnded(rooms: Rooms, id: string): Promise<boolean> {
  await rooms.recorder.flush()
  const job = await findJob(rooms.history, id)
  return !job || job.finished_at !== null
}

function wasCancelled({
  state,
  error_code,
}: {
  state: string
  error_code: string | null
}): boolean {
  return state === 'removed' || error_code === 'ORDERLY_CANCELLED'
}

/** Tells the jobs that run here and that somebody wants cancelled. */
export async function obeyRequests(rooms: Rooms): Promise<void> {
  const wanted = await findRequests(rooms.state, rooms.running.ids())
  for (const { job_id, who } of wanted) rooms.running.stop(job_id, cancelledBy(who))
}

/** Whether somebody wants this job cancelled: asked before a job is run again, which nobody was told of while it waited. */
export async function isCancelWanted(rooms: Rooms, id: string): Promise<boolean> {
  return (await findRequests(rooms.state, [id])).length > 0
}

export function cancelledBy(who = ''): OrderlyError {
  return new OrderlyError(
    'ORDERLY_CANCELLED',
    who === '' ? 'the job was cancelled' : `the job was cancelled by ${who}`,
  )
}
