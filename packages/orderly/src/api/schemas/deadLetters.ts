// Types of the API's deadLetters. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface RedriveRequest {
  queue?: string
  type?: string
  fingerprint?: string
  errorCode?: string
  /** Milliseconds since 1970 UTC. */
  from?: number
  /** Milliseconds since 1970 UTC. */
  to?: number
  ids?: string[]
  /** Why, for everybody to read. It holds nothing of a patient. */
  reason: string
  perSecond?: number
  limit?: number
}
export interface Redriven {
  redriven: number
  /** Gone from their queue, or put back by somebody else. */
  skipped: number
}
