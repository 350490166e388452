// Types of the API's audit. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface AuditEntries {
  data: AuditEntry[]
  page: {
    /** Null on the last page. */
    next: string | null
  }
}
export interface AuditEntry {
  index: number
  id: string
  /** Milliseconds since 1970 UTC. */
  at: number
  /** The process that wrote it. */
  writer: string
  app: string
  actor: {
    kind: 'user' | 'key' | 'host' | 'system' | 'program' | 'unknown'
    id: string
    name?: string
    roles?: string[]
    tenant?: string
    session?: {
      id: string
      mfa: string | null
    }
  }
  source?: {
    ip?: string
    request?: string
  }
  op: string
  action: 'C' | 'R' | 'U' | 'D' | 'E'
  resource?: {
    kind: string
    id?: string
    queue?: string
    fields?: string[]
  }
  subjects?: string[]
  why?: {
    purpose?: string
    /** Sealed. */
    text?: string
    ticket?: string
  }
  outcome: 'ok' | 'asked' | 'denied' | 'failed'
  code?: string
  detail?: Record<string, unknown>
  follows?: string
}
export interface Checkpoint {
  origin: string
  size: number
  /** Base64 of the root hash (RFC 6962). */
  root: string
  /** The signed checkpoint (c2sp.org/tlog-checkpoint). */
  note: string
  /** The public key that verifies it. */
  vkey: string
}
export interface AuditLeaves {
  data: {
    index: number
    /** Base64 of SHA-256(0x00 || body). */
    leaf: string
    /** Null once its time is over. */
    body: string | null
  }[]
}
export interface AuditConsistency {
  from: number
  to: number
  hashes: string[]
  checkpoint: string
}
export interface AuditProof {
  index: number
  body: string | null
  proof: string
}
