// What becomes of an error: the whole of it goes under seal into the record, a code and a fingerprint go everywhere else.
import type { EngineName } from '../engine/set.ts'
import { kindOf } from '../job/faults.ts'
import type { Outcome } from '../job/outcome.ts'
import { recordIdOf } from '../job/record-id.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import { describeError, maskError } from '../vault/masked-error.ts'
import type { Attempt } from './attempt.ts'
import type { Rooms } from './rooms.ts'
import { speaksOpenly } from './speaks-openly.ts'

/**
 * Records the error of a failed attempt, and masks it in the outcome: what an error says is not ours to judge, and queue
 * and log show it to anybody. While a program is developed, that of a job without PHI, in a queue without, is left as it is.
 */
export async function recordError(
  outcome: Outcome,
  attempt: Attempt,
  engine: EngineName,
  rooms: Rooms,
): Promise<Outcome> {
  if (outcome.type !== 'retry' && outcome.type !== 'failed' && outcome.type !== 'cancelled')
    return outcome
  const { queue } = attempt.job
  const cause =
    outcome.type === 'cancelled'
      ? new OrderlyError('ORDERLY_CANCELLED', `cancelled: ${outcome.reason}`)
      : outcome.error
  const masked = await maskError(cause, rooms.vault)
  const jobId = recordIdOf(queue, attempt.id)
  const at = rooms.clock.now()
  // A job that is put back from the record counts its runs anew; its events have names of their own.
  const key = `attempt-failed:${attempt.run}-${newId(at)}`
  const error = await rooms.vault.seal(
    describeError(cause),
    { queue, slot: 'error', anchor: attempt.id, seq: attempt.run, of: key },
    rooms.classes.suiteOf(queue),
  )
  rooms.recorder.note([
    {
      engine,
      event: {
        id: `${jobId}:${key}`,
        jobId,
        at,
        type: 'attempt-failed',
        attempt: attempt.number,
        run: attempt.run,
        code: masked.code,
        fingerprint: masked.fingerprint,
        error,
        ...(outcome.type === 'failed' && kindOf(cause) === 'external'
          ? { external: true as const }
          : {}),
      },
    },
  ])
  if (outcome.type === 'cancelled' || speaksOpenly(rooms, attempt.job)) return outcome
  return { ...outcome, error: masked }
}
