// Builds what a handler is handed while it runs one attempt.
import type { JobContext } from '../job/context.ts'
import type { Log, Logger } from '../job/logger.ts'
import { checkResult } from '../job/json-value.ts'
import { parseProgress } from '../job/payload.ts'
import { enqueue, enqueueMany } from './enqueue.ts'
import type { Attempt } from './attempt.ts'
import { openEffects } from './effects.ts'
import type { Collected } from './evidence.ts'
import type { Rooms } from './rooms.ts'
import { openLines, textOf, type KeepLine } from './job-lines.ts'
import { openCalls } from './service-calls.ts'

export function openContext(
  attempt: Attempt,
  input: unknown,
  evidence: Collected,
  rooms: Rooms,
): JobContext {
  const fields = { job: attempt.job.name, jobId: attempt.id, attempt: attempt.number }
  const keep = openLines(attempt, rooms.log)
  const log = rooms.classes.of(attempt.job.name)?.holdsPhi
    ? sealedLog(keep, rooms.log)
    : keptLog(keep, rooms.log)
  return {
    jobId: attempt.id,
    attempt: attempt.number,
    run: attempt.run,
    input,
    signal: attempt.stop.signal,
    services: rooms.services,
    evidence,
    ...openEffects(attempt, rooms),
    call: openCalls(attempt, rooms),
    // Where a handler cleans up after its attempt, a sign of life or a line of log must not throw.
    heartbeat: () => (attempt.end.isReached() ? undefined : attempt.alive()),
    log: {
      debug: (more, message) => log.debug({ ...fields, ...more }, textOf(message)),
      info: (more, message) => log.info({ ...fields, ...more }, textOf(message)),
      warn: (more, message) => log.warn({ ...fields, ...more }, textOf(message)),
      error: (more, message) => log.error({ ...fields, ...more }, textOf(message)),
    },
    async progress(share, step) {
      attempt.end.refuse()
      attempt.alive()
      const said = step === undefined ? {} : { step: await parseProgress(attempt.job, step) }
      checkResult(attempt.job, 'progress', said.step)
      // Nothing of nothing is no number, and no reason to fail.
      await attempt.report({ share: Math.min(1, Math.max(0, share || 0)), ...said })
    },
    enqueue: rooms.telemetry.keep(async (job, next, options) => {
      attempt.end.refuse()
      return enqueue(rooms, job, next, options)
    }),
    enqueueMany: rooms.telemetry.keep(async (job, items) => {
      attempt.end.refuse()
      return enqueueMany(rooms, job, items)
    }),
  }
}

/**
 * The log of a job with PHI: what its handler says is stored sealed with the job, and the process log learns only that
 * it spoke and of which fields.
 */
function sealedLog(keep: KeepLine, log: Logger): Logger {
  const write =
    (level: keyof Logger): Log =>
    (fields, message) => {
      keep(level, fields, message)
      const { job, jobId, attempt: number } = fields
      log[level](
        { job, jobId, attempt: number, sealed: true },
        'the handler wrote to the log of its job',
      )
    }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

/** The log of a job without PHI: it is told to the process log, and kept with the job for whoever looks at that. */
function keptLog(keep: KeepLine, log: Logger): Logger {
  const write =
    (level: keyof Logger): Log =>
    (fields, message) => {
      log[level](fields, message)
      keep(level, fields, message)
    }
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  }
}
