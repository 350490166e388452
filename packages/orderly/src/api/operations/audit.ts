// What is asked of and answered by audit. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type {
  AuditConsistency,
  AuditEntries,
  AuditEntry,
  AuditLeaves,
  AuditProof,
  Checkpoint,
} from '../schemas/audit.ts'
export interface AuditApi {
  /** Search the audit log, newest first. */
  'audit.list': {
    request: {
      query?: {
        actor?: string
        /** An operation, or its beginning and a star: phi.* */
        op?: string
        kind?: string
        resource?: string
        queue?: string
        outcome?: 'ok' | 'asked' | 'denied' | 'failed'
        /** Milliseconds since 1970 UTC, inclusive. */
        from?: number
        /** Milliseconds since 1970 UTC, exclusive. */
        to?: number
        limit?: number
        /** `page.next` of the page before. */
        cursor?: string
      }
    }
    response: AuditEntries
  }
  /** How large the audit log is and what is in it, signed. */
  'audit.checkpoint': { request: {}; response: Checkpoint }
  /** Entries as they were hashed, oldest first, for checking the tree elsewhere. */
  'audit.leaves': {
    request: {
      query?: {
        from?: number
        limit?: number
      }
    }
    response: AuditLeaves
  }
  /** Hashes that show that the log of then is the beginning of the log of now (RFC 6962). */
  'audit.consistency': {
    request: {
      query: {
        from: number
      }
    }
    response: AuditConsistency
  }
  /** The audit log as lines of JSON that "orderly audit verify --file" checks offline. */
  'audit.export': {
    request: {
      query?: {
        /** Milliseconds since 1970 UTC, inclusive. */
        from?: number
        /** Milliseconds since 1970 UTC, exclusive. */
        to?: number
      }
    }
    response: string
  }
  /** One entry of the audit log. */
  'audit.get': {
    request: {
      params: {
        id: string
      }
    }
    response: AuditEntry
  }
  /** A proof that an entry is in the log, for whoever has its public key (c2sp.org/tlog-proof). */
  'audit.proof': {
    request: {
      params: {
        id: string
      }
    }
    response: AuditProof
  }
}
