// Reasons to end a job that was just claimed without running it.
import { countCrashes } from '../history/crashes.ts'
import type { JobDefinition } from '../job/define-job.ts'
import type { Outcome } from '../job/outcome.ts'
import { recordIdOf } from '../job/record-id.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { Attempt } from './attempt.ts'
import { isCancelWanted } from './cancel.ts'
import type { Rooms } from './rooms.ts'
import { deadlineOf } from './timers.ts'

/** @param stalls how often a worker that had this job was lost, as its queue counts */
export async function endBeforeRun(
  attempt: Attempt,
  stalls: number,
  rooms: Rooms,
): Promise<Outcome | undefined> {
  const { job, marks, run } = attempt
  const now = rooms.clock.now()
  if (run === 1 && marks.startBy !== undefined && marks.startBy < now)
    return failed(
      'ORDERLY_EXPIRED',
      `job "${job.name}" waited longer than it may and was not run; enqueue it anew if it is still wanted`,
    )
  if (marks.endBy !== undefined && marks.endBy <= now)
    return { type: 'failed', error: deadlineOf(job.name) }
  // What was asked before its first start took it out of its queue.
  if (run === 1) return undefined
  const id = recordIdOf(job.queue, attempt.id)
  if (await isCancelWanted(rooms, id)) return { type: 'cancelled', reason: 'on request' }
  if (stalls === 0) return undefined
  // On record before it runs again: what ended its worker at once may do so once more, with all that was still noted.
  await rooms.recorder.flush()
  const { count, wasRedriven } = await countCrashes(rooms.history, id)
  // The queue misses no stall, but goes on counting when somebody gives the job another chance.
  if (Math.max(count, wasRedriven ? 0 : stalls) < job.options.crashes) return undefined
  return { type: 'failed', error: quarantinedOf(job) }
}

/** Why a job that killed whatever ran it, as often as it may, is not run again. */
export function quarantinedOf({ name, options }: JobDefinition, cause?: Error): OrderlyError {
  return new OrderlyError(
    'ORDERLY_QUARANTINED',
    `job "${name}" was lost with what ran it ${options.crashes} times; look why, then redrive it`,
    cause ? { cause } : {},
  )
}

function failed(code: 'ORDERLY_EXPIRED', message: string): Outcome {
  return { type: 'failed', error: new OrderlyError(code, message) }
}
