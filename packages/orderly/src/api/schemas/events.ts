// Types of the API's events. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Events {
  data: Event[]
  /** To go on after. */
  next: number
}
export interface Event {
  id: string
  type: string
  version: 1
  sequence: number
  /** Milliseconds since 1970 UTC. */
  at: number
  job: {
    id: string
    name: string
    queue: string
    parent: string | null
    schedule: string | null
    priority: number
    /** Milliseconds since 1970 UTC. */
    createdAt: number
  }
  attempt: number | null
  data: {
    code?: string
    fingerprint?: string
    /** Milliseconds since 1970 UTC. */
    runAt?: number
    by?: string
    how?: string
    quarantined?: boolean
    state?: string
  }
}
export interface EventConsumers {
  data: EventConsumer[]
}
export interface EventConsumer {
  name: string
  /** The number of the last event that is done with. */
  cursor: number
  /** The number of the latest event there is. */
  last: number
  replaying: boolean
  failures: number
  skipped: number
  errorCode: string | null
  /** Milliseconds since 1970 UTC. */
  updatedAt: number
}
export interface EventReplay {
  after: number
  upTo: number
}
export interface EventReceived {
  accepted: boolean
  runs: string[]
}
