// Types of the API's workers. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Workers {
  data: Worker[]
}
export interface Worker {
  id: string
  host: string
  pid: number
  /** Milliseconds since 1970 UTC. */
  startedAt: number
  /** Milliseconds since 1970 UTC. */
  seenAt: number
  queues: string[]
  running: number
  /** Handlers that go on although their attempts are over. */
  stuck: number
  held: {
    job: string
    reason: string
    times: number
  }[]
  /** Mebibytes. */
  memory: number
  /** Share of one processor. */
  cpu: number
  /** How late its event loop was, 99th percentile, in milliseconds. */
  lag: number
  release: string
}
