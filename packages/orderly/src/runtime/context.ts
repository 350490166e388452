// Builds what a handler is handed while it runs one attempt.
import type { JobContext } from '../job/context.ts'
import { enqueue, enqueueMany } from './enqueue.ts'
import type { Attempt } from './attempt.ts'
import type { Rooms } from './rooms.ts'

export function openContext(
  attempt: Attempt,
  input: unknown,
  signal: AbortSignal,
  rooms: Rooms,
): JobContext {
  const fields = { job: attempt.job.name, jobId: attempt.id, attempt: attempt.number }
  const log = rooms.log
  return {
    jobId: attempt.id,
    attempt: attempt.number,
    input,
    signal,
    log: {
      debug: (more, message) => log.debug({ ...fields, ...more }, message),
      info: (more, message) => log.info({ ...fields, ...more }, message),
      warn: (more, message) => log.warn({ ...fields, ...more }, message),
      error: (more, message) => log.error({ ...fields, ...more }, message),
    },
    progress: (share, step) =>
      attempt.report({
        share: Math.min(1, Math.max(0, share)),
        ...(step === undefined ? {} : { step }),
      }),
    enqueue: (job, next, options) => enqueue(rooms, job, next, options),
    enqueueMany: (job, items) => enqueueMany(rooms, job, items),
  }
}
