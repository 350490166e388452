// What kind of fault an error is. The kind decides whether another attempt makes sense, and what is counted and alerted.
import { milliseconds, type Duration } from '../primitives/duration.ts'
import { OrderlyError, type ErrorCode } from '../primitives/errors.ts'

/**
 * `internal`: our own code or machine. `external`: a service we depend on. `bad-input`: the job's data will never work.
 * `refused`: a rule, a permission or a service said no.
 */
export type FaultKind = 'internal' | 'external' | 'bad-input' | 'refused'

export interface FaultOptions extends ErrorOptions {
  /**
   * Wait at least this long before the next attempt, as a service asked in its `Retry-After`: seconds, a span such as
   * `90s`, an HTTP date, or a time.
   */
  readonly retryAfter?: number | string | Date
}

/** An error that says what kind of fault it is. */
export class JobFault extends Error {
  override readonly name: string = 'JobFault'
  readonly kind: FaultKind
  readonly retryAfter: FaultOptions['retryAfter']

  constructor(kind: FaultKind, message: string, options: FaultOptions = {}) {
    super(message, options)
    this.kind = kind
    this.retryAfter = options.retryAfter
  }
}

/** A service outside did not do its part; another attempt may succeed. */
export class ExternalError extends JobFault {
  override readonly name = 'ExternalError'

  constructor(message: string, options?: FaultOptions) {
    super('external', message, options)
  }
}

/** The data of the job cannot be worked with, however often it is tried: the job fails for good. */
export class BadInputError extends JobFault {
  override readonly name = 'BadInputError'

  constructor(message: string, options?: FaultOptions) {
    super('bad-input', message, options)
  }
}

/** A rule, a permission or a service said no, and would again: the job fails for good. */
export class RefusedError extends JobFault {
  override readonly name = 'RefusedError'

  constructor(message: string, options?: FaultOptions) {
    super('refused', message, options)
  }
}

const KIND_OF_CODE: Partial<Record<ErrorCode, FaultKind>> = {
  ORDERLY_INPUT_INVALID: 'bad-input',
  ORDERLY_CHECK_FAILED: 'refused',
  ORDERLY_FORBIDDEN: 'refused',
  ORDERLY_SERVICE_UNAVAILABLE: 'external',
  ORDERLY_ADDRESS_REFUSED: 'refused',
  ORDERLY_SIGNATURE_INVALID: 'refused',
  ORDERLY_MAIL_DEFERRED: 'external',
  // No attempt sets it: whoever does puts the job back.
  ORDERLY_MAIL_NOT_SET: 'refused',
  ORDERLY_MAIL_REFUSED: 'refused',
  ORDERLY_OBJECTS_UNAVAILABLE: 'external',
}

/** What Node and undici call a network that did not answer. */
const NETWORK_CODE =
  /^(ECONN(REFUSED|RESET|ABORTED)|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EPIPE|E(HOST|NET)UNREACH|UND_ERR_\w+)$/

/** The kind of any error, as far as it can be told. What is not known is ours: `internal`. */
export function kindOf(error: unknown): FaultKind {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof JobFault) return at.kind
    if (at instanceof OrderlyError) {
      const kind = KIND_OF_CODE[at.code]
      if (kind) return kind
    }
    const { code, status = codeless(at) } = at as { code?: unknown; status?: unknown }
    if (typeof code === 'string' && NETWORK_CODE.test(code)) return 'external'
    if (typeof status === 'number' && (status === 408 || status === 429 || status >= 500))
      return 'external'
    if (typeof status === 'number' && status >= 400) return 'refused'
  }
  return 'internal'
}

function codeless(error: Error): unknown {
  return (error as { statusCode?: unknown }).statusCode
}

const LONGEST_WAIT_MS = 86_400_000

/**
 * Milliseconds that an error asks to wait, by its own `retryAfter` or that of its cause; a day at most. HTTP's
 * `Retry-After` (RFC 9110, 10.2.3) is a number of seconds or a date.
 */
export function askedWait(error: unknown, now: number): number {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { retryAfter } = at as { retryAfter?: unknown }
    const wait = waitOf(retryAfter, now)
    if (wait !== undefined) return Math.min(Math.max(0, wait), LONGEST_WAIT_MS)
  }
  return 0
}

function waitOf(value: unknown, now: number): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value * 1_000 : undefined
  if (value instanceof Date) return value.getTime() - now
  if (typeof value !== 'string') return undefined
  if (/^\d+$/.test(value)) return Number(value) * 1_000
  if (/^\d+(\.\d+)?(ms|s|m|h|d|w)$/.test(value)) return milliseconds(value as Duration)
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : date - now
}
