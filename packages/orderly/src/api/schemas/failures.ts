// Types of the API's failures. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Failures {
  data: FailureGroup[]
  /** Jobs in all groups. */
  total: number
}
export interface FailureGroup {
  type: string
  queue: string
  errorCode: string | null
  fingerprint: string | null
  count: number
  /** Milliseconds since 1970 UTC. */
  first: number
  /** Milliseconds since 1970 UTC. */
  last: number
  /** The id of its newest job. */
  sample: string | null
  /** Where its newest job threw: the innermost place of the stack, of the largest groups. */
  frame: string | null
  /** Finds its jobs. */
  search: string
}
