// Types of the API's runs. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface StartedRun {
  id: string
}
export type RunState = 'running' | 'paused' | 'completed' | 'failed' | 'cancelled'
export interface Runs {
  data: Run[]
  page: {
    /** Null on the last page. */
    next: string | null
  }
}
export interface Run {
  id: string
  workflow: string
  version: number
  state: RunState
  /** Milliseconds since 1970 UTC. */
  createdAt: number
  finishedAt: number | null
  by: string
  /** The run it is a sub-workflow of. */
  parent: string | null
  forkedFrom: {
    run: string
    node: string
  } | null
}
export interface RunDetail {
  id: string
  workflow: string
  version: number
  state: RunState
  /** Milliseconds since 1970 UTC. */
  createdAt: number
  finishedAt: number | null
  by: string
  /** The run it is a sub-workflow of. */
  parent: string | null
  forkedFrom: {
    run: string
    node: string
  } | null
  nodes: RunNode[]
}
export interface RunNode {
  node: string
  state: string
  jobId: string | null
  /** The run of a sub-workflow. */
  child: string | null
  /** A code. */
  error: string | null
  /** `approval`, `signal/<name>`, `event/<name>` … */
  waitsFor: string | null
  dueAt: number | null
  attempt: number
  /** Milliseconds since 1970 UTC. */
  startedAt: number
  endedAt: number | null
  /** Of a for-each: how its items stand. */
  items?: Record<string, number>
}
export interface RunDocument {
  document: unknown
}
export interface RunHistory {
  data: Record<string, unknown>[]
}
export interface Approvals {
  data: {
    run: string
    workflow: string
    node: string
    question: string
    who: string[]
    /** Milliseconds since 1970 UTC. */
    since: number
    deadline: number | null
    escalated: boolean
  }[]
}
export interface Done {
  done: boolean
}
export interface RunCancellation {
  wasRunning: boolean
}
export interface RunLife {
  steps: {
    /** The transition it belongs to. */
    revision: number
    /** Milliseconds since 1970 UTC. */
    at: number
    what: string
    /** Empty where it is about the run as a whole. */
    node: string
    by: string
    detail: string
    /** The state of the run after it. */
    run: RunState
    /** Nodes that have begun, by state after it. */
    nodes: Record<string, number>
    from: ('waiting' | 'running' | 'completed' | 'failed' | 'skipped' | 'bypassed') | null
    to: ('waiting' | 'running' | 'completed' | 'failed' | 'skipped' | 'bypassed') | null
  }[]
  /** Whether the steps end where the run stands. */
  agrees: boolean
}
export interface ForkedRun {
  id: string
}
export interface RunRetried {
  retried: boolean
}
export interface NodeSkipped {
  skipped: boolean
}
