// What is asked of and answered by limits. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { LimitOverride, LimitReset, Limits } from '../schemas/limits.ts'
import type { Limit } from '../schemas/queues.ts'
export interface LimitsApi {
  /** Every limit: what is in force, what code says, who set another one and why. */
  'limits.list': { request: {}; response: Limits }
  /** Put another limit in the place of the one in code, for a time or until it is reset. */
  'limits.override': { request: { body: LimitOverride }; response: Limit }
  /** Let the limit in code hold again. */
  'limits.reset': {
    request: {
      body: {
        /** `job`: of a kind of job, by its name. */
        kind: 'queue' | 'job'
        name: string
        limit: 'concurrency' | 'rate'
      }
    }
    response: LimitReset
  }
}
