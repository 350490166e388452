// Errors as the API answers them: problem documents of RFC 9457 that never hold a value of the request.
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { z } from 'zod'
import { namesAt, placeOf } from '../job/fault-place.ts'
import { OrderlyError, type ErrorCode } from '../primitives/errors.ts'
import { DURATION } from './fields.ts'

/** What a code is over HTTP. Codes that are not here are faults of ours. */
const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  ORDERLY_DEFINITION_INVALID: 422,
  ORDERLY_INPUT_INVALID: 422,
  ORDERLY_JOB_UNKNOWN: 404,
  ORDERLY_HANDLER_MISSING: 409,
  ORDERLY_CANCELLED: 409,
  ORDERLY_CLOSED: 503,
  ORDERLY_SETTING_INVALID: 422,
  ORDERLY_ENGINE_UNAVAILABLE: 503,
  ORDERLY_DATABASE_UNAVAILABLE: 503,
  ORDERLY_KEY_UNAVAILABLE: 503,
  ORDERLY_SHREDDED: 410,
  ORDERLY_FORBIDDEN: 403,
  ORDERLY_ID_LOOKS_LIKE_PHI: 422,
  ORDERLY_NOT_SUPPORTED: 422,
  ORDERLY_DUPLICATE: 409,
  ORDERLY_QUEUE_FULL: 429,
  ORDERLY_OVERLOADED: 503,
  ORDERLY_WAIT_TIMEOUT: 504,
  ORDERLY_NOT_FOUND: 404,
  ORDERLY_QUARANTINED: 409,
  ORDERLY_PAYLOAD_TOO_LARGE: 413,
  ORDERLY_RUN_STATE: 409,
  ORDERLY_RUN_TOO_LARGE: 409,
  ORDERLY_IDEMPOTENCY_CONFLICT: 409,
  ORDERLY_LEDGER_UNAVAILABLE: 503,
  ORDERLY_SERVICE_UNAVAILABLE: 503,
  ORDERLY_OBJECTS_UNAVAILABLE: 503,
  ORDERLY_MAIL_DEFERRED: 503,
  ORDERLY_SIGN_IN_FAILED: 401,
  ORDERLY_STEP_UP_NEEDED: 401,
  ORDERLY_REQUEST_INVALID: 400,
  ORDERLY_SIGNATURE_INVALID: 401,
  ORDERLY_ADDRESS_REFUSED: 422,
  ORDERLY_UNAUTHENTICATED: 401,
  ORDERLY_LEDGER_BROKEN: 503,
  ORDERLY_CONFLICT: 409,
  ORDERLY_CHANGED_MEANWHILE: 412,
  ORDERLY_TOO_MANY_REQUESTS: 429,
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request cannot be understood',
  401: 'Sign in first',
  403: 'You may not do that',
  404: 'There is no such thing',
  405: 'Not that way',
  406: 'Not in that form',
  409: 'It is not in a state for that',
  410: 'It is gone for good',
  412: 'Somebody changed it meanwhile',
  413: 'Too large',
  415: 'Only application/json is read',
  421: 'This server answers only to its own names',
  422: 'The content does not fit',
  429: 'Too much at once',
  500: 'A fault of the server',
  503: 'Not available now',
  504: 'It took too long',
}

/** What to do next where the status says all there is to say. */
const DETAILS: Readonly<Record<number, string>> = {
  404: 'nothing is at this address, or not by this method; /openapi.json lists what there is',
  415: 'send the body as JSON, with the header "content-type: application/json"',
}

/** Titles of codes that are more exact than their status. */
const TITLE_OF_CODE: Readonly<Record<string, string>> = {
  ORDERLY_SIGN_IN_FAILED: 'You are not signed in',
  ORDERLY_STEP_UP_NEEDED: 'Sign in once more',
}

export const problemSchema: z.ZodType = z
  .object({
    type: z.string().describe('Where the error is described, by its code.'),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('A code of the table of errors.'),
    detail: z.string().optional().describe('What to do next; never a value of the request.'),
    instance: z.string().describe('The id of the request, as the log has it.'),
    errors: z
      .array(z.object({ pointer: z.string(), code: z.string(), message: z.string() }))
      .optional()
      .describe('The places of the request that do not fit.'),
    fix: z.string().optional(),
  })
  .meta({ id: 'Problem' })

export interface Misfit {
  /** A JSON pointer into `params`, `query` or `body`. */
  readonly pointer: string
  readonly code: string
  readonly message: string
}

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail?: string
  readonly instance: string
  readonly errors?: readonly Misfit[]
  readonly fix?: string
}

/** An error of the request itself, with the places that do not fit. */
export class RequestError extends OrderlyError {
  readonly misfits: readonly Misfit[]
  readonly fix: string | undefined

  constructor(
    code: ErrorCode,
    message: string,
    { misfits = [], fix }: { misfits?: readonly Misfit[]; fix?: string } = {},
  ) {
    super(code, message)
    this.misfits = misfits
    this.fix = fix
  }
}

/** The problem document of an error. What is no error of Orderly's says nothing of itself. */
export function problemOf(error: unknown, requestId: string): Problem {
  if (!(error instanceof OrderlyError)) return plain(statusOfServer(error), requestId)
  const status = STATUS_OF[error.code]
  if (status === undefined) return plain(500, requestId)
  const asked = error instanceof RequestError ? error : undefined
  return {
    ...plain(status, requestId, error.code),
    detail: error.message,
    ...(asked && asked.misfits.length > 0 ? { errors: asked.misfits } : {}),
    ...(asked?.fix === undefined ? {} : { fix: asked.fix }),
  }
}

/** A problem that is known by its status alone. */
export function plain(status: number, requestId: string, code = `HTTP_${status}`): Problem {
  return {
    type: `urn:orderly:error:${code}`,
    title: TITLE_OF_CODE[code] ?? TITLES[status] ?? 'It did not work',
    status,
    code,
    ...(DETAILS[status] === undefined ? {} : { detail: DETAILS[status] }),
    instance: requestId,
  }
}

/** Fastify's own refusals (too large, wrong type) carry a status; anything else is a fault of ours. */
function statusOfServer(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500
  const { statusCode } = error
  return typeof statusCode === 'number' && statusCode in TITLES ? statusCode : 500
}

const MOST_LISTED = 20

/** What does not fit, without what was sent: only names that the schema declares are named. */
export function misfitsOf(
  part: string,
  issues: readonly { readonly path?: readonly unknown[] | undefined; readonly message: string }[],
  schema: unknown,
): readonly Misfit[] {
  return issues.slice(0, MOST_LISTED).map((issue) => ({
    pointer: `/${part}${pointerOf(placeOf(issue as StandardSchemaV1.Issue, schema))}`,
    ...wordsOf(issue, schema),
  }))
}

/** `files[2].name` as a JSON pointer. */
function pointerOf(place: string): string {
  if (place === 'its root') return ''
  return `/${place
    .replaceAll('.[…]', '/*')
    .replaceAll('[…]', '/*')
    .replaceAll(/\[(\d+)\]/g, '/$1')
    .replaceAll('.', '/')}`
}

/** What Zod says of an issue may hold a value; what its code says does not. */
function wordsOf(
  issue: { readonly path?: readonly unknown[] | undefined },
  schema: unknown,
): { code: string; message: string } {
  if (!('code' in issue) || typeof issue.code !== 'string')
    return { code: 'invalid', message: 'does not fit' }
  const known = issue as z.core.$ZodIssue
  if (known.code !== 'unrecognized_keys') return { code: known.code, message: messageOf(known) }
  // What was sent is not named; what may be sent is.
  const names = namesAt(known.path, schema)
  const message =
    names.length === 0 || names.length > MOST_LISTED
      ? messageOf(known)
      : `has a field that this operation does not know; it knows ${names.join(', ')}`
  return { code: known.code, message }
}

function messageOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_element':
    case 'invalid_key':
    case 'invalid_union':
    case 'not_multiple_of':
    case 'custom':
      return 'does not fit'
    case 'invalid_type':
      return `must be of type ${issue.expected}`
    case 'invalid_value':
      return `must be one of: ${issue.values.map(String).join(', ')}`
    case 'too_big':
      if (issue.inclusive === false) return `must be less than ${String(issue.maximum)}`
      return boundOf(issue.origin, String(issue.maximum), 'at most')
    case 'too_small':
      if (issue.inclusive === false) return `must be more than ${String(issue.minimum)}`
      if (issue.origin === 'string' && issue.minimum === 1) return 'must not be empty'
      return boundOf(issue.origin, String(issue.minimum), 'at least')
    case 'unrecognized_keys':
      return 'has a field that this operation does not know'
    case 'invalid_format':
      if (issue.format === 'datetime') return 'must be a time such as 2027-01-31T08:00:00Z'
      if (issue.pattern === String(DURATION))
        return 'must be a number and a unit, such as 500ms, 30s, 5m, 2h, 7d'
      return issue.format === 'regex'
        ? 'has another form than it must'
        : `must have the form ${issue.format}`
  }
}

/** Of a text it is the number of characters that is bounded, of a list that of its entries. */
function boundOf(origin: string, bound: string, side: 'at least' | 'at most'): string {
  if (origin === 'string') return `must have ${bound} characters ${side}`
  if (origin === 'array' || origin === 'set' || origin === 'map')
    return `must have ${bound} entries ${side}`
  return `must be ${bound} ${side}`
}
