// Types of the API's overview. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Overview {
  sentence: string
  concerns: Concern[]
  counts: {
    queue: string
    type: string
    state: string
    n: number
  }[]
  health: Health
  /** Whether three jobs have completed: the first steps are done. */
  started: boolean
  release: string
  environment: 'production' | 'development'
}
export interface Concern {
  kind: string
  severity: 'bad' | 'warning'
  title: string
  detail: string
  about: string
}
export interface Health {
  status: 'ready' | 'degraded' | 'not-ready'
  reason: string
  /** Milliseconds since 1970 UTC. */
  since: number
  workers: number
  queues: number
  /** Jobs that have not ended. */
  open: number
}
