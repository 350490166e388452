// Types of the API's signoffs. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Signoffs {
  data: Signoff[]
}
export interface Signoff {
  id: string
  kind: 'technical' | 'security' | 'compliance' | 'qa'
  /** The type of evidence; all of them where it is null. */
  type: string | null
  /** Milliseconds since 1970 UTC. */
  from: number
  /** Not part of the period. */
  to: number
  runs: number
  /** SHA-256 over the evidence as it was signed. */
  digest: string
  statement: string
  by: string
  /** Milliseconds since 1970 UTC. */
  at: number
  /** The entry of the audit log. */
  entry: string
}
export interface SignoffCheck {
  isSame: boolean
  runs: number
}
