// Errors as they cross the boundary of a thread or process: name, message, stack, code, kind and wait stay what they were.
import { asError } from '../job/as-error.ts'
import { JobFault, type FaultKind } from '../job/faults.ts'
import { Suspension } from '../job/outcome.ts'
import { ERRORS, OrderlyError, type ErrorCode } from '../primitives/errors.ts'

export interface CarriedError {
  readonly name: string
  readonly message: string
  readonly stack?: string
  /** Set for one of ours. */
  readonly ours?: ErrorCode
  /** Set for a JobFault. */
  readonly kind?: FaultKind
  /** Set for a sleep: milliseconds since 1970 UTC. */
  readonly until?: number
  /** What else it has that is a plain value, such as `code` and `status`. */
  readonly own: Readonly<Record<string, string | number | boolean | Date>>
  readonly cause?: CarriedError
}

const LONGEST_TEXT = 64 * 1024
const MOST_OWN = 20
const DEEPEST_CAUSE = 5
const SPOKEN_FOR = new Set(['name', 'message', 'stack', 'cause', 'kind', 'until'])

/** Never throws, whatever was thrown. */
export function carryError(thrown: unknown, depth = 0): CarriedError {
  const error = asError(thrown)
  const { cause } = error
  return {
    name: text(error.name),
    message: text(error.message),
    ...(typeof error.stack === 'string' ? { stack: text(error.stack) } : {}),
    ...(error instanceof OrderlyError ? { ours: error.code } : {}),
    ...(error instanceof JobFault ? { kind: error.kind } : {}),
    ...(error instanceof Suspension ? { until: error.until } : {}),
    own: ownOf(error),
    ...(cause instanceof Error && depth < DEEPEST_CAUSE
      ? { cause: carryError(cause, depth + 1) }
      : {}),
  }
}

export function reviveError(carried: CarriedError): Error {
  const error = rebuild(carried)
  const define = (name: string, value: unknown): void =>
    void Object.defineProperty(error, name, { value, configurable: true, writable: true })
  if (error.name !== carried.name) define('name', carried.name)
  if (carried.stack !== undefined) define('stack', carried.stack)
  for (const [name, value] of Object.entries(carried.own))
    if (!SPOKEN_FOR.has(name)) Object.assign(error, { [name]: value })
  return error
}

function rebuild({ message, ours, kind, until, own, cause }: CarriedError): Error {
  const options = cause ? { cause: reviveError(cause) } : {}
  if (until !== undefined) return new Suspension(until)
  if (ours !== undefined && ours in ERRORS) return new OrderlyError(ours, message, options)
  if (kind === undefined) return new Error(message, options)
  const { retryAfter } = own
  return new JobFault(kind, message, {
    ...options,
    ...(retryAfter === undefined || typeof retryAfter === 'boolean' ? {} : { retryAfter }),
  })
}

function ownOf(error: Error): CarriedError['own'] {
  const own: Record<string, string | number | boolean | Date> = {}
  for (const name of Object.keys(error).slice(0, MOST_OWN)) {
    if (SPOKEN_FOR.has(name)) continue
    const value = read(error, name)
    if (typeof value === 'string') own[name] = text(value)
    else if (typeof value === 'number' || typeof value === 'boolean' || value instanceof Date)
      own[name] = value
  }
  return own
}

function read(error: object, name: string): unknown {
  try {
    return Reflect.get(error, name)
  } catch {
    return undefined
  }
}

function text(value: unknown): string {
  const written = typeof value === 'string' ? value : typeof value
  return written.length > LONGEST_TEXT ? `${written.slice(0, LONGEST_TEXT)}…` : written
}
