// Loggers of others as ours: pino takes the fields first, winston the message; and one logger or one for each stream.
import { valueWithoutApiKeys, withoutApiKeys } from '../primitives/api-key-text.ts'
import type { Log, Logger } from './logger.ts'

/** A logger of winston's shape: level, message, fields. `log` is what tells it from one of pino's shape. */
export interface MessageFirstLogger {
  readonly log: (...given: any[]) => unknown
}

export type AnyLogger = Logger | MessageFirstLogger

/** Where each kind of line goes. What is left out goes to `operation`; lines of the audit log then go nowhere. */
export interface LogStreams {
  /** What happens: starts, ends, warnings. */
  readonly operation: AnyLogger
  readonly error?: AnyLogger
  /** A line for each entry of the audit log that this process wrote, once it is on record. A copy: the log is what counts. */
  readonly audit?: AnyLogger
  readonly debug?: AnyLogger
}

export interface OpenedLogs {
  readonly log: Logger
  readonly audit: Log | undefined
}

export function openLogs(given: AnyLogger | LogStreams): OpenedLogs {
  if (!('operation' in given)) return { log: keyless(given), audit: undefined }
  const operation = keyless(given.operation)
  const error = given.error ? keyless(given.error) : operation
  const debug = given.debug ? keyless(given.debug) : operation
  const audit = given.audit && keyless(given.audit)
  return {
    log: {
      debug: (fields, message) => debug.debug(fields, message),
      info: (fields, message) => operation.info(fields, message),
      warn: (fields, message) => operation.warn(fields, message),
      error: (fields, message) => error.error(fields, message),
    },
    audit: audit && ((fields, message) => audit.info(fields, message)),
  }
}

/** Whatever somebody puts into a line, no key that lets others in is in it. */
function keyless(given: AnyLogger): Logger {
  const logger = fieldsFirst(given)
  const to =
    (level: keyof Logger): Log =>
    (fields, message) =>
      logger[level](valueWithoutApiKeys(fields) as Record<string, unknown>, withoutApiKeys(message))
  return { debug: to('debug'), info: to('info'), warn: to('warn'), error: to('error') }
}

function fieldsFirst(logger: AnyLogger): Logger {
  // Handed on as it is, so that its own settings and its place as `this` stay.
  if (!('log' in logger)) return logger
  // The levels of syslog have another name for it.
  const warn = 'warn' in logger ? 'warn' : 'warning'
  const to =
    (level: string): Log =>
    (fields, message) =>
      void logger.log(level, message, apart(fields))
  return { debug: to('debug'), info: to('info'), warn: to(warn), error: to('error') }
}

/** Fields of these names would become the line's own, or change it: winston adds `message` to the message. */
const TAKEN = ['level', 'message', 'splat', 'timestamp']

function apart(fields: Record<string, unknown>): Record<string, unknown> {
  const taken = TAKEN.filter((name) => name in fields)
  if (taken.length === 0) return { ...fields }
  const out = { ...fields }
  for (const name of taken) {
    delete out[name]
    out[`field.${name}`] = fields[name]
  }
  return out
}
