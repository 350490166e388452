// Which job stands for the answer of a request: the one that was claimed for it, or the one whose unique key that had.
import { findEvents, findJob } from '../history/find.ts'
import type { JobDefinition } from '../job/define-job.ts'
import type { Duplicate } from '../job/keyed-options.ts'
import { queueIdOf, recordIdOf } from '../job/record-id.ts'
import { answerWith, dropClaim, type Answer } from '../state/idempotency.ts'
import type { Rooms } from './rooms.ts'

/** A job that was claimed for a request, and refused for its unique key: nothing answers, and the claim is gone. */
export const REFUSED: unique symbol = Symbol('refused')

/** Longer than an add takes: whoever claimed the request has said by then what came of it, or is dead. */
const SETTLING_MS = 1_000
const LOOK_AGAIN_MS = 20

/**
 * The id of the job that answers a request that was claimed before; undefined when it was never accepted, so that it is
 * to be added now; REFUSED when it never will be, and the request is to be claimed for another job.
 *
 * Whoever claimed it may have died before its job was accepted: the record knows of all that were. Or after its queue
 * had a job with the same unique key, and before that was written down: then it is written down here.
 */
export async function standingAnswer(
  rooms: Rooms,
  { queue }: Pick<JobDefinition, 'queue'>,
  duplicate: Duplicate | undefined,
  key: string,
  { jobId, isForgotten }: Answer,
): Promise<string | typeof REFUSED | undefined> {
  if (isForgotten) return jobId
  const id = recordIdOf(queue, jobId)
  const until = rooms.clock.elapsed() + SETTLING_MS
  for (;;) {
    await rooms.recorder.flush()
    const row = await findJob(rooms.history, id)
    if (!row) return undefined
    // One that was replaced had been added, and answered its request.
    if (duplicate === undefined || duplicate === 'replace') return jobId
    if (row.state === 'removed') {
      const holder = await holderOf(rooms, id, queue)
      if (holder === undefined) return jobId
      if (duplicate === 'refuse') {
        await dropClaim(rooms.state, key, jobId)
        return REFUSED
      }
      await answerWith(rooms.state, key, jobId, holder)
      return holder
    }
    // On record before it is in its queue, which may have no place for it.
    if (row.started_at !== null || row.finished_at !== null) return jobId
    if (await isQueued(rooms, queue, jobId)) return jobId
    if (rooms.clock.elapsed() >= until) return jobId
    await rooms.clock.sleep(LOOK_AGAIN_MS)
  }
}

/** The job that had the unique key of one that was accepted, and not added for that. */
async function holderOf(
  { history }: Rooms,
  id: string,
  queue: string,
): Promise<string | undefined> {
  const event = (await findEvents(history, id)).findLast(({ type }) => type === 'deduplicated')
  const { by } = JSON.parse(event?.detail ?? '{}') as { by?: string }
  return by === undefined ? undefined : queueIdOf(queue, by)
}

async function isQueued({ engines }: Rooms, queue: string, jobId: string): Promise<boolean> {
  for (const { engine } of engines.reachable())
    if ((await engine.raw(queue).state(jobId)) !== 'unknown') return true
  return false
}
