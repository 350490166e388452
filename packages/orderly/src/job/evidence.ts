// What proves that a run did what it should.

/** A named fact that was looked at. Names are stored in the clear. */
export interface Check {
  readonly name: string
  readonly passed: boolean
}

export interface EvidenceCollector {
  /** Notes that something was looked at and whether it held. */
  check(name: string, passed: boolean): void
  /** Keeps a value with the evidence, sealed. JSON. */
  attach(name: string, value: unknown): void
}

/** The evidence of one run, as it is stored. Nothing in it is PHI. Times are ISO 8601 UTC. */
export interface RunEvidence {
  readonly job_id: string
  readonly job: string
  readonly job_type: string
  readonly run: number
  readonly attempt: number
  readonly outcome: string
  readonly started_at: string
  readonly ended_at: string
  readonly checks: readonly Check[]
  /** Names of what is kept sealed beside this. */
  readonly attached: readonly string[]
  /** Keyed digests: whoever has the key and the value can show that this was it. */
  readonly input_commitment: string
  readonly output_commitment: string | null
  readonly input_version: number
  /** The release of the program, as `createOrderly({ release })` names it. */
  readonly code_version: string
  readonly validation_status: { readonly is_valid: boolean; readonly timestamp: string }
  /** Where the seeds' reports look for it. */
  readonly path: string
}
