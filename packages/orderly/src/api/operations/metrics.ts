// What is asked of and answered by metrics. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Deploys, Metrics } from '../schemas/metrics.ts'
export interface MetricsApi {
  /** What kinds of jobs did, in steps of minutes, oldest first. */
  'metrics.points': {
    request: {
      query?: {
        queue?: string
        type?: string
        /** How far back. */
        last?: string
        /** Minutes. */
        step?: number
      }
    }
    response: Metrics
  }
  /** When the release that workers are started with changed, oldest first. */
  'metrics.deploys': {
    request: {
      query?: {
        /** How far back. */
        last?: string
      }
    }
    response: Deploys
  }
}
