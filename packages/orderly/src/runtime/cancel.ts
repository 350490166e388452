// Cancels jobs: one that waits leaves its queue at once, one that runs anywhere is told to stop.
import { findJob } from '../history/find.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { queueIdOf } from '../job/record-id.ts'
import { dropRequest, findRequests, putRequest } from '../state/requests.ts'
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
const DEFAULT_WAIT_MS = 5_000

/** Cancels a job by its recorded id, and says which of the two came first where it was just ending. */
export async function cancelJob(
  rooms: Rooms,
  id: string,
  options: CancelOptions = {},
): Promise<Cancellation> {
  await rooms.recorder.flush()
  const job = await findJob(rooms.history, id)
  if (!job) return 'unknown'
  if (job.finished_at !== null) return wasCancelled(job) ? 'cancelled' : 'finished'
  const place = { queue: job.queue, slot: 'state', anchor: `request/${id}`, seq: 0 } as const
  await putRequest(rooms.state, {
    job_id: id,
    action: 'cancel',
    reason: await rooms.vault.seal(options.reason ?? '', place, rooms.classes.suiteOf(job.queue)),
    who: options.by ?? '',
    at: rooms.clock.now(),
  })
  const queueId = queueIdOf(job.queue, id)
  const until = rooms.clock.elapsed() + (options.wait ?? DEFAULT_WAIT_MS)
  for (;;) {
    for (const { engine } of rooms.engines.reachable()) {
      // A job that somebody works on is not removed; its worker is told.
      const removed = await engine.queue(job.queue).remove(queueId)
      if (removed === 1) {
        await dropRequest(rooms.state, id)
        await rooms.recorder.flush()
        return 'cancelled'
      }
    }
    rooms.running.stop(id, cancelledBy(options.by))
    await rooms.recorder.flush()
    const now = await findJob(rooms.history, id)
    if (!now) return 'unknown'
    if (now.finished_at !== null || now.state === 'removed') {
      await dropRequest(rooms.state, id)
      return wasCancelled(now) ? 'cancelled' : 'finished'
    }
    if (rooms.clock.elapsed() >= until) return 'cancelling'
    await rooms.clock.sleep(LOOK_AGAIN_MS)
  }
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
