// What becomes of a job whose handler took its thread or process with it.
import { countCrashes } from '../history/crashes.ts'
import type { HandlerCrash } from '../isolation/crash.ts'
import type { Outcome } from '../job/outcome.ts'
import { recordIdOf } from '../job/record-id.ts'
import { newId } from '../primitives/ids.ts'
import type { Attempt } from './attempt.ts'
import { quarantinedOf } from './before-run.ts'
import type { Rooms } from './rooms.ts'

/** Machines that killed it for want of memory get a moment. */
const PAUSE_MS = 1_000

/**
 * Puts the crash on record and the job back in its queue: as when a worker dies, the attempt does not count. Once there
 * were as many as the job may have, it has failed for good.
 */
export async function endAfterCrash(
  crash: HandlerCrash,
  attempt: Attempt,
  rooms: Rooms,
): Promise<Outcome> {
  const { job, engine, number, run } = attempt
  const at = rooms.clock.now()
  const jobId = recordIdOf(job.queue, attempt.id)
  const id = `${jobId}:crashed:${run}-${newId(at)}`
  rooms.recorder.note([
    { engine, event: { id, jobId, at, type: 'crashed', attempt: number, how: crash.how } },
  ])
  await rooms.recorder.flush()
  const { count: crashes } = await countCrashes(rooms.history, jobId)
  rooms.log.warn(
    { job: job.name, jobId: attempt.id, how: crash.how, crashes },
    'the thread or process of a handler died with its job',
  )
  if (crashes >= job.options.crashes) return { type: 'failed', error: quarantinedOf(job, crash) }
  return { type: 'snoozed', delay: PAUSE_MS, reason: 'its handler crashed' }
}
