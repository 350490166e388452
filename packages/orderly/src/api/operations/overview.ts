// What is asked of and answered by overview. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Overview } from '../schemas/overview.ts'
export interface OverviewApi {
  /** How it is in a sentence, what needs somebody, and all counts. */
  'overview.get': { request: {}; response: Overview }
}
