// Reasons to end a job that was just claimed without running it.
import { countStalls } from '../history/stalls.ts'
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
  if (stalls < job.options.crashes) return undefined
  await rooms.recorder.flush()
  if ((await countStalls(rooms.history, id)) < job.options.crashes) return undefined
  return failed(
    'ORDERLY_QUARANTINED',
    `job "${job.name}" was lost with its worker ${job.options.crashes} times; look why, then redrive it`,
  )
}

function failed(code: 'ORDERLY_EXPIRED' | 'ORDERLY_QUARANTINED', message: string): Outcome {
  return { type: 'failed', error: new OrderlyError(code, message) }
}
