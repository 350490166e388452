// What a queue is beyond its name: how many jobs run from it at once, how fast, and how many may wait.
import { milliseconds, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { namesOf, refuseUnknown } from '../primitives/known-names.ts'
import { checkName } from './define-job.ts'

export interface QueueDefinition {
  readonly name: string
  /** Jobs of this queue that one process runs at the same time. */
  readonly concurrency: number
  /** Jobs of this queue that all processes together run at the same time. */
  readonly globalConcurrency?: number
  /** Jobs that may begin in each span of `per` milliseconds, over all processes. */
  readonly rateLimit?: { readonly limit: number; readonly per: number }
  /** Jobs that may wait; more are refused with `ORDERLY_QUEUE_FULL`. */
  readonly maxWaiting?: number
}

export interface QueueSpec {
  readonly name: string
  readonly concurrency?: number
  readonly globalConcurrency?: number
  readonly rateLimit?: { readonly limit: number; readonly per: Duration }
  readonly maxWaiting?: number
}

const QUEUE = namesOf<QueueSpec>({
  name: true,
  concurrency: true,
  globalConcurrency: true,
  rateLimit: true,
  maxWaiting: true,
})
const RATE = namesOf<NonNullable<QueueSpec['rateLimit']>>({ limit: true, per: true })

export const DEFAULT_CONCURRENCY = 5
const HIGHEST_CONCURRENCY = 1_000
const HIGHEST_LIMIT = 100_000_000

/**
 * Declares a queue whose settings differ from the defaults.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`
 */
export function defineQueue(spec: QueueSpec): QueueDefinition {
  refuseUnknown('a queue', spec ?? null, QUEUE, 'ORDERLY_DEFINITION_INVALID')
  checkName(spec.name)
  refuseUnknown(
    `queue "${spec.name}": rateLimit`,
    spec.rateLimit,
    RATE,
    'ORDERLY_DEFINITION_INVALID',
  )
  const { concurrency = DEFAULT_CONCURRENCY, globalConcurrency, rateLimit, maxWaiting } = spec
  checkNumber(spec.name, 'concurrency', concurrency, HIGHEST_CONCURRENCY)
  if (globalConcurrency !== undefined)
    checkNumber(spec.name, 'globalConcurrency', globalConcurrency, HIGHEST_LIMIT)
  if (maxWaiting !== undefined) checkNumber(spec.name, 'maxWaiting', maxWaiting, HIGHEST_LIMIT)
  if (rateLimit !== undefined)
    checkNumber(spec.name, 'rateLimit.limit', rateLimit.limit, HIGHEST_LIMIT)
  return Object.freeze({
    name: spec.name,
    concurrency,
    ...(globalConcurrency === undefined ? {} : { globalConcurrency }),
    ...(rateLimit === undefined
      ? {}
      : {
          rateLimit: Object.freeze({ limit: rateLimit.limit, per: milliseconds(rateLimit.per) }),
        }),
    ...(maxWaiting === undefined ? {} : { maxWaiting }),
  })
}

function checkNumber(queue: string, what: string, value: number, highest: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= highest) return
  throw new OrderlyError(
    'ORDERLY_DEFINITION_INVALID',
    `queue "${queue}": ${what} is a whole number from 1 to ${highest}`,
  )
}
