// What is asked of and answered by health. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Health } from '../schemas/overview.ts'
export interface HealthApi {
  /** Whether jobs are accepted and worked on. */
  'health.get': { request: {}; response: Health }
}
