// Types of the API's approvals. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface RevealApproval {
  id: string
  job: string
  queue: string
  /** What the job carries, what an attempt threw, or the lines it wrote to its log. */
  part: 'input' | 'output' | 'error' | 'log'
  /** Which attempt, for the part `error`; the last one that threw unless told. */
  attempt?: number
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
  /** What the job carries, what an attempt threw, or the lines it wrote to its log. */
  part: 'input' | 'output' | 'error' | 'log'
  /** Which attempt, for the part `error`; the last one that threw unless told. */
  attempt?: number
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
