// What is asked of and answered by failures. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Failures } from '../schemas/failures.ts'
export interface FailuresApi {
  /** What failed for good and still has its content, by the place of the error. */
  'failures.list': {
    request: {
      query?: {
        queue?: string
        type?: string
        fingerprint?: string
        errorCode?: string
        from?: number
        to?: number
      }
    }
    response: Failures
  }
}
