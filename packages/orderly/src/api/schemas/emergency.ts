// Types of the API's emergency. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Emergency {
  id: string
  userId: string
  purpose: string
  /** Milliseconds since 1970 UTC. */
  startedAt: number
  /** Milliseconds since 1970 UTC. */
  until: number
  endedAt: number | null
  /** Milliseconds since 1970 UTC. */
  reviewDue: number
  reviewedBy: string | null
  reviewedAt: number | null
  verdict: string | null
}
export interface Emergencies {
  data: Emergency[]
}
export interface EmergencyEnded {
  ended: boolean
}
