// What an outside service allows: how often and how many at once it is called, and when it is left alone.
import { milliseconds, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { namesOf, refuseUnknown } from '../primitives/known-names.ts'
import type { BreakerRules } from './breaker.ts'
import { checkName } from './define-job.ts'
import type { Rate } from './token-bucket.ts'

export interface ServiceSpec {
  /** Letters, digits, dots and dashes, such as `pharmacy-api`. It is what several programs know the service by. */
  readonly name: string
  /** Calls in each span, over all jobs and processes. */
  readonly rateLimit?: { readonly limit: number; readonly per: Duration }
  /** Calls at the same time, over all jobs and processes. */
  readonly concurrency?: number
  /** After `failures` failures within `within` nobody calls for `cooldown`; then one call tries. */
  readonly breaker?: {
    readonly failures: number
    readonly within: Duration
    readonly cooldown: Duration
  }
}

/** A service outside that jobs call through `ctx.call`. */
export interface ServiceDefinition {
  readonly name: string
  readonly rateLimit: Rate | undefined
  readonly concurrency: number | undefined
  readonly breaker: BreakerRules | undefined
}

const SERVICE = namesOf<ServiceSpec>({
  name: true,
  rateLimit: true,
  concurrency: true,
  breaker: true,
})
const RATE = namesOf<NonNullable<ServiceSpec['rateLimit']>>({ limit: true, per: true })
const BREAKER = namesOf<NonNullable<ServiceSpec['breaker']>>({
  failures: true,
  within: true,
  cooldown: true,
})

/**
 * Declares a service that jobs call.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`
 */
export function defineService(spec: ServiceSpec): ServiceDefinition {
  const code = 'ORDERLY_DEFINITION_INVALID'
  refuseUnknown('a service', spec ?? null, SERVICE, code)
  checkName(spec.name)
  refuseUnknown(`service "${spec.name}": rateLimit`, spec.rateLimit, RATE, code)
  refuseUnknown(`service "${spec.name}": breaker`, spec.breaker, BREAKER, code)
  const { rateLimit, concurrency, breaker } = spec
  for (const [what, value] of [
    ['rateLimit.limit', rateLimit?.limit],
    ['concurrency', concurrency],
    ['breaker.failures', breaker?.failures],
  ] as const)
    if (value !== undefined && !(Number.isInteger(value) && value >= 1 && value <= 1_000_000))
      throw new OrderlyError(
        'ORDERLY_DEFINITION_INVALID',
        `service "${spec.name}": ${what} is a whole number from 1 to 1000000`,
      )
  return Object.freeze({
    name: spec.name,
    rateLimit: rateLimit && { limit: rateLimit.limit, per: milliseconds(rateLimit.per) },
    concurrency,
    breaker: breaker && {
      failures: breaker.failures,
      within: milliseconds(breaker.within),
      cooldown: milliseconds(breaker.cooldown),
    },
  })
}
