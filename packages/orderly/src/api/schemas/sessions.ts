// Types of the API's sessions. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Sessions {
  data: Session[]
}
export interface Session {
  id: string
  userId: string
  /** Milliseconds since 1970 UTC. */
  createdAt: number
  /** Milliseconds since 1970 UTC. */
  seenAt: number
  address: string
  agent: string
  mfa: string | null
}
export interface SessionEnded {
  ended: boolean
}
