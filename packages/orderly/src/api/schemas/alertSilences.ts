// Types of the API's alertSilences. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface AlertSilences {
  data: AlertSilence[]
}
export interface AlertSilence {
  id: string
  rule: string
  subject: string
  /** Milliseconds since 1970 UTC. */
  until: number
  reason: string
  by: string
}
export interface AlertSilenceEnded {
  ended: boolean
}
