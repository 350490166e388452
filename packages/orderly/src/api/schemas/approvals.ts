// Types of the API's approvals. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface RevealApproval {
  id: string
  job: string
  queue: string
  part: 'input' | 'output'
  pointers: string[]
  purpose: string
  ticket?: string
  requestedBy: string
  /** Milliseconds since 1970 UTC. */
  requestedAt: number
  /** Until when it can be decided, or used once it was. */
  expiresAt: number
  decidedBy: string | null
  decidedAt: number | null
  state: 'waiting' | 'approved' | 'refused' | 'used' | 'expired'
}
export interface RevealApprovals {
  data: RevealApproval[]
}
export interface RevealApprovalReason {
  id: string
  job: string
  queue: string
  part: 'input' | 'output'
  pointers: string[]
  purpose: string
  ticket?: string
  requestedBy: string
  /** Milliseconds since 1970 UTC. */
  requestedAt: number
  /** Until when it can be decided, or used once it was. */
  expiresAt: number
  decidedBy: string | null
  decidedAt: number | null
  state: 'waiting' | 'approved' | 'refused' | 'used' | 'expired'
  text: string
}
