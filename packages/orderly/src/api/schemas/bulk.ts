// Types of the API's bulk. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Job } from './jobs.ts'

export interface BulkRequest {
  action: 'retry' | 'cancel' | 'promote' | 'delete'
  /** A search. */
  q: string
  /** Why, for everybody to read. It holds nothing of a patient. */
  reason: string
  perSecond?: number
}
export interface BulkPlan {
  id: string
  action: 'retry' | 'cancel' | 'promote' | 'delete'
  /** What it was planned for; values of PHI are left out. */
  search: string
  state: 'planned' | 'running' | 'paused' | 'completed' | 'aborted'
  total: number
  reason: string
  by: string
  perSecond: number
  /** Milliseconds since 1970 UTC. */
  createdAt: number
  startedAt: number | null
  finishedAt: number | null
  /** Sent to run it: it shows that the plan was seen. */
  token: string
  /** Milliseconds since 1970 UTC. */
  expiresAt: number
  found: number
  byState: Record<string, number>
  byType: Record<string, number>
  skips: {
    reason: string
    count: number
  }[]
  /** Whether more were found than one plan takes. */
  hasMore: boolean
  sample: Job[]
  /** Milliseconds it will take. */
  estimate: number
}
export interface Bulk {
  id: string
  action: 'retry' | 'cancel' | 'promote' | 'delete'
  /** What it was planned for; values of PHI are left out. */
  search: string
  state: 'planned' | 'running' | 'paused' | 'completed' | 'aborted'
  total: number
  reason: string
  by: string
  perSecond: number
  /** Milliseconds since 1970 UTC. */
  createdAt: number
  startedAt: number | null
  finishedAt: number | null
  done: number
  failed: number
  skipped: number
  left: number
}
export interface Bulks {
  data: BulkSummary[]
  page: {
    /** Null on the last page. */
    next: string | null
  }
}
export interface BulkSummary {
  id: string
  action: 'retry' | 'cancel' | 'promote' | 'delete'
  /** What it was planned for; values of PHI are left out. */
  search: string
  state: 'planned' | 'running' | 'paused' | 'completed' | 'aborted'
  total: number
  reason: string
  by: string
  perSecond: number
  /** Milliseconds since 1970 UTC. */
  createdAt: number
  startedAt: number | null
  finishedAt: number | null
}
export interface BulkItems {
  data: {
    n: number
    job: string
    state: string
    /** Why not; of a retry, the id of the new job. */
    reason: string
  }[]
}
