// Types of the API's limits. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Limit } from './queues.ts'

export interface Limits {
  data: Limit[]
}
export interface LimitOverride {
  /** `job`: of a kind of job, by its name. */
  kind: 'queue' | 'job'
  name: string
  limit: 'concurrency' | 'rate'
  value: number
  /** A number and a unit: 500ms, 30s, 5m, 2h, 7d. */
  for?: string
  /** Why, for everybody to read. It holds nothing of a patient. */
  reason: string
}
export interface LimitReset {
  wasSet: boolean
}
