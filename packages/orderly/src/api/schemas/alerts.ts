// Types of the API's alerts. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface AlertPage {
  data: Alert[]
  /** Where older ones begin; null where there are none. */
  next: string | null
}
export interface Alert {
  id: string
  rule: string
  /** The queue, kind of job, worker or schedule it is about. */
  subject: string
  severity: 'warning' | 'critical'
  state: 'pending' | 'firing' | 'resolved'
  value: number
  worst: number
  /** Milliseconds since 1970 UTC. */
  since: number
  firedAt: number | null
  resolvedAt: number | null
  silenced: boolean
  acknowledgedAt: number | null
  acknowledgedBy: string | null
  note: string | null
}
