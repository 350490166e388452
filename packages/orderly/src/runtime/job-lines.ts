// Keeps what a handler writes to the log of its job: the newest lines, none too long, and no more at once than a store takes.
import type { Logger } from '../job/logger.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { Attempt } from './attempt.ts'

/** Lines that are kept of one job. A handler that writes in a loop must not fill the store. */
export const KEPT_LINES = 1_000
const LONGEST_LINE = 16_384
/** Lines on their way to the store: more would keep it from everything else. */
const AT_ONCE = 100

export type KeepLine = (
  level: keyof Logger,
  fields: Record<string, unknown>,
  message: string,
) => void

/**
 * Stores lines as fast as the store takes them; of those that wait meanwhile the oldest are left out, and what comes
 * when the attempt is over.
 */
export function openLines(attempt: Attempt, log: Logger): KeepLine {
  const waiting: string[] = []
  let writing = 0
  const write = (): void => {
    while (writing < AT_ONCE && waiting.length > 0) {
      writing++
      attempt
        .writeLog(waiting.shift()!)
        .catch((error: unknown) =>
          log.warn(
            { jobId: attempt.id, error: codeOf(error) },
            'a log line of a job could not be stored',
          ),
        )
        .finally(() => {
          writing--
          write()
        })
    }
  }
  let wasLate = false
  return (level, fields, message) => {
    if (attempt.end.isReached()) {
      if (!wasLate)
        log.warn(
          { job: attempt.job.name, jobId: attempt.id, attempt: attempt.number },
          'a handler wrote to the log of its job after its attempt was over; that is not kept with the job',
        )
      wasLate = true
      return
    }
    waiting.push(lineOf(level, fields, message))
    if (waiting.length > KEPT_LINES) waiting.shift()
    write()
  }
}

/** What a handler says, also one that logs what it caught and that is no error: a line must not end its attempt. */
export function textOf(message: unknown): string {
  if (typeof message === 'string') return message
  try {
    return String(message)
  } catch {
    return ''
  }
}

/** A log line as text. Fields that cannot be written as JSON, or are too long, cost themselves, not the line. */
function lineOf(level: string, fields: Record<string, unknown>, message: string): string {
  try {
    const line = JSON.stringify({ level, message, ...fields })
    if (line.length <= LONGEST_LINE) return line
  } catch {
    // As if they were too long.
  }
  const names = Object.keys(fields)
    .join(' ')
    .slice(0, LONGEST_LINE / 4)
  return JSON.stringify({ level, message: message.slice(0, LONGEST_LINE / 4), fields: names })
}

function codeOf(error: unknown): string {
  return error instanceof OrderlyError ? error.code : 'ORDERLY_ENGINE_UNAVAILABLE'
}
