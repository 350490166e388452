// What is asked of and answered by evidence. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type {
  EvidenceBundle,
  EvidenceCounts,
  EvidencePage,
  JobEvidence,
} from '../schemas/evidence.ts'
export interface EvidenceApi {
  /** What runs of a period left as evidence, newest first. */
  'evidence.list': {
    request: {
      query?: {
        type?: string
        /** Milliseconds since 1970 UTC. */
        from?: number
        /** Not part of the period. */
        to?: number
        limit?: number
        /** `page.next` of the page before. */
        cursor?: string
      }
    }
    response: EvidencePage
  }
  /** How much evidence each type of job left in a period. */
  'evidence.types': {
    request: {
      query?: {
        type?: string
        /** Milliseconds since 1970 UTC. */
        from?: number
        /** Not part of the period. */
        to?: number
      }
    }
    response: EvidenceCounts
  }
  /** What the runs of one job left as evidence, the first run first. */
  'evidence.job': {
    request: {
      params: {
        id: string
      }
    }
    response: JobEvidence
  }
  /** Take the evidence of a period out as a signed bundle that verifies offline. */
  'evidence.bundle': {
    request: {
      body: {
        type?: string
        /** Milliseconds since 1970 UTC. */
        from?: number
        /** Milliseconds since 1970 UTC. */
        to?: number
      }
    }
    response: EvidenceBundle
  }
}
