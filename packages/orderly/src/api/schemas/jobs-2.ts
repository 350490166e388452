// Types of the API's jobs 2. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Promotion {
  promoted: boolean
}
export interface Deletion {
  deleted: boolean
}
export interface Explanation {
  cause:
    | 'running'
    | 'completed'
    | 'failed'
    | 'cancelled'
    | 'removed'
    | 'queue-paused'
    | 'type-paused'
    | 'no-worker'
    | 'no-handler'
    | 'needs-newer-worker'
    | 'key-missing'
    | 'queue-full'
    | 'rate-limited'
    | 'lane-busy'
    | 'lane-behind'
    | 'over-budget'
    | 'backoff'
    | 'held-back'
    | 'delayed'
    | 'waiting-children'
    | 'store-away'
    | 'workers-busy'
    | 'next'
    | 'lost-worker'
  sentence: string
  since: number | null
  /** When it ends by itself, as far as is known. */
  until: number | null
  /** What the sentence rests on. */
  proof: {
    what: string
    value: string | number
  }[]
  /** What a person could do. */
  action: {
    /** The id of an operation. */
    operation: string
    title: string
    params: Record<string, string>
  } | null
}
export interface JobLog {
  data: LogLine[]
  total: number
}
export interface LogLine {
  level: string
  /** Masked where the queue holds PHI. */
  message: string
}
