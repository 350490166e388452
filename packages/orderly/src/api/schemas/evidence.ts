// Types of the API's evidence. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface EvidencePage {
  data: Evidence[]
  page: {
    /** Null on the last page. */
    next: string | null
  }
}
export interface Evidence {
  jobId: string
  job: string
  /** The type of evidence, as the definition names it. */
  type: string
  run: number
  attempt: number
  outcome: string
  /** Milliseconds since 1970 UTC. */
  startedAt: number
  /** Milliseconds since 1970 UTC. */
  endedAt: number
  checks: {
    name: string
    passed: boolean
  }[]
  /** Names of what is kept sealed beside it. */
  attached: string[]
  /** A keyed digest of the input. */
  inputCommitment: string
  outputCommitment: string | null
  inputVersion: number
  /** The release of the program that ran it. */
  release: string
  /** It completed, and every check held. */
  isValid: boolean
}
export interface EvidenceCounts {
  data: EvidenceCount[]
}
export interface EvidenceCount {
  type: string
  runs: number
  jobs: number
  /** Milliseconds since 1970 UTC. */
  first: number
  /** Milliseconds since 1970 UTC. */
  last: number
}
export interface JobEvidence {
  data: Evidence[]
}
export interface EvidenceBundle {
  /** The entry of the audit log. */
  entry: string
  runs: number
  /** Runs that did not complete, or left a check that failed. */
  invalid: number
  base64: string
}
