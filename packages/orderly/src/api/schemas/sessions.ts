// Types of the API's sessions. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface OwnSessions {
  data: OwnSession[]
}
export interface OwnSession {
  id: string
  userId: string
  /** Milliseconds since 1970 UTC. */
  createdAt: number
  /** Milliseconds since 1970 UTC. */
  seenAt: number
  address: string
  agent: string
  mfa: string | null
  /** The one that asks. */
  current: boolean
}
export interface SessionEnded {
  ended: boolean
}
