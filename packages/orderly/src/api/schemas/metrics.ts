// Types of the API's metrics. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Metrics {
  data: MetricsPoint[]
  /** Milliseconds since 1970 UTC. */
  to: number
  /** The first minute that is measured here at all. */
  since: number | null
}
export interface MetricsPoint {
  /** When it begins. Milliseconds since 1970 UTC. */
  minute: number
  queue: string
  type: string
  started: number
  completed: number
  failed: number
  /** Of those that failed, through an outside service. */
  external: number
  retried: number
  timedOut: number
  cancelled: number
  /** Milliseconds. */
  runMean: number
  /** Milliseconds from due to start. */
  waitMean: number
  /** Milliseconds. */
  longest: number
}
export interface Deploys {
  data: Deploy[]
}
export interface Deploy {
  /** When its first worker was started. */
  at: number
  release: string
  /** Null for the first release known. */
  before: string | null
}
