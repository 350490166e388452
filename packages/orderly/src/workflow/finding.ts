// What the check of a workflow says, and what it may know.

export type FindingCode =
  | 'shape'
  | 'unknown-node'
  | 'unreachable'
  | 'dead-end'
  | 'cycle'
  | 'unknown-job'
  | 'unknown-workflow'
  | 'unknown-role'
  | 'expression'
  | 'unknown-step'
  | 'step-not-before'
  | 'type'
  | 'missing-field'
  | 'unknown-field'
  | 'branch'

export interface Finding {
  readonly code: FindingCode
  /** The node it is about; empty where it is about the document as a whole. */
  readonly node: string
  readonly message: string
}

/** What is known of the jobs a workflow may use. */
export interface KnownJob {
  readonly name: string
  /** JSON Schema of its input, where that can be told. */
  readonly input?: Readonly<Record<string, unknown>>
  /** JSON Schema of what it returns, where that can be told. */
  readonly output?: Readonly<Record<string, unknown>>
}

export interface Surroundings {
  /** Left out, any job will do. */
  readonly jobs?: readonly KnownJob[]
  /** Left out, any workflow will do. */
  readonly workflows?: readonly string[]
  /** Roles that may decide what an approval asks. Left out, any role will do: a program may have its own. */
  readonly deciders?: readonly string[]
}
