// Types of the API's queues. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Queues {
  data: Queue[]
}
export interface Queue {
  name: string
  paused: boolean
  pause: Pause | null
  counts: QueueCounts
  /** The kinds of job that go there. */
  types: string[]
  /** Processes that work on it now. */
  workers: number
  holdsPhi: boolean
  /** When the job that has been due for longest was due; null where none waits. */
  oldestDue: number | null
}
export interface Pause {
  kind: 'queue' | 'job' | 'schedule'
  name: string
  reason: string
  by: string
  /** Milliseconds since 1970 UTC. */
  at: number
  /** When it goes on by itself. Milliseconds since 1970 UTC. */
  until: number | null
}
export interface QueueCounts {
  waiting: number
  prioritized: number
  delayed: number
  'waiting-children': number
  active: number
  completed: number
  failed: number
}
export interface QueueDetail {
  queue: Queue
  limits: Limit[]
  typePauses: Pause[]
}
export interface Limit {
  kind: 'queue' | 'job'
  name: string
  limit: 'concurrency' | 'rate'
  /** What is in force. */
  value: number
  /** What code says; null where it sets no limit. */
  code: number | null
  /** The span of a rate, in milliseconds. */
  per: number | null
  override: {
    value: number
    until: number | null
    reason: string
    by: string
    /** Milliseconds since 1970 UTC. */
    at: number
  } | null
}
export interface Resumed {
  wasPaused: boolean
}
export interface Drained {
  drained: number
  planned: number
}
export interface Cleaned {
  cleaned: number
}
