// Types of the API's workflows. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Workflows {
  data: Workflow[]
}
export interface Workflow {
  id: string
  title: string
  /** Null while there is only a draft. */
  version: number | null
  versions: WorkflowVersion[]
  draft: WorkflowDraft | null
}
export interface WorkflowVersion {
  version: number
  /** `code`: the program brings it with it. */
  source: 'code' | 'store'
  by: string
  note: string
  /** Null for what the program brings. */
  at: number | null
}
export interface WorkflowDraft {
  revision: number
  by: string
  /** Milliseconds since 1970 UTC. */
  at: number
}
export interface WorkflowDetail {
  id: string
  version: number
  versions: WorkflowVersion[]
  /** A document of the format `orderly.workflow/1`. */
  document: unknown
}
export interface WorkflowValidity {
  valid: boolean
  findings: WorkflowFinding[]
}
export interface WorkflowFinding {
  /** Empty where it is about the document as a whole. */
  node: string
  code: string
  message: string
}
export interface WorkflowDraftDetail {
  draft: {
    revision: number
    by: string
    /** Milliseconds since 1970 UTC. */
    at: number
    /** A document of the format `orderly.workflow/1`. */
    document: unknown
  } | null
}
export interface SavedDraft {
  revision: number
  findings: WorkflowFinding[]
}
export interface DroppedDraft {
  dropped: boolean
}
export interface DeployedWorkflow {
  version: number
}
export interface WorkflowDiff {
  same: boolean
  added: string[]
  removed: string[]
  changed: {
    node: string
    fields: unknown[]
  }[]
  edgesAdded: unknown[]
  edgesRemoved: unknown[]
  document: unknown[]
}
export interface Simulation {
  end: 'completed' | 'failed' | 'stuck'
  /** Milliseconds. */
  duration: number
  events: {
    /** Milliseconds since 1970 UTC. */
    at: number
    node: string
    what: string
    items?: number
  }[]
  longest: string[]
  unsure: string[]
}
export interface WorkflowText {
  text: string
  /** Where the text speaks of each node. */
  places: {
    node: string
    /** In UTF-16 units. */
    from: number
    /** In UTF-16 units. */
    to: number
  }[]
}
export interface WorkflowReading {
  /** Null where it cannot be read. */
  document: unknown
  /** Where the text speaks of each node. */
  places: {
    node: string
    /** In UTF-16 units. */
    from: number
    /** In UTF-16 units. */
    to: number
  }[]
  problem: {
    message: string
    /** In UTF-16 units. */
    at: number
    line: number
    column: number
    /** Empty where the place belongs to none. */
    node: string
  } | null
}
export interface TriedStep {
  input: unknown
  worked: {
    what: string
    text: string
    value: unknown
    wrong: string | null
  }[]
  ways: {
    to: string
    taken: boolean | null
  }[]
  assumed: string[]
}
