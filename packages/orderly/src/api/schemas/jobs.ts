// Types of the API's jobs. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface FoundJobs {
  data: Job[]
  page: {
    /** Null on the last page. */
    next: string | null
  }
  /** The search as it was understood; values of PHI are left out. */
  search: string
  /** Conditions that no index helps with: jobs were looked at one by one. */
  unindexed: string[]
  /** Paths that no definition declares searchable: nothing is found by them. */
  unsearchable: string[]
  /** Set where, for want of an index, only jobs since then were looked at. */
  since: number | null
}
export interface Job {
  id: string
  queue: string
  /** The name of its kind. */
  type: string
  state: JobState
  priority: number
  /** How often it was begun. */
  attempts: number
  /** Milliseconds since 1970 UTC. */
  createdAt: number
  /** When it is due. Milliseconds since 1970 UTC. */
  runAt: number
  startedAt: number | null
  finishedAt: number | null
  /** Milliseconds of its last attempt. */
  duration: number | null
  errorCode: string | null
  /** Errors of one fingerprint were thrown at one place. */
  fingerprint: string | null
  worker: string | null
  parent: string | null
  schedule: string | null
  engine: string
  /** When its content goes. */
  expiresAt: number | null
  /** Milliseconds since 1970 UTC. */
  updatedAt: number
}
export type JobState =
  | 'waiting'
  | 'prioritized'
  | 'delayed'
  | 'waiting-children'
  | 'active'
  | 'completed'
  | 'failed'
  | 'removed'
export interface JobLife {
  steps: {
    /** Where it stands in the record. */
    n: number
    /** Milliseconds since 1970 UTC. */
    at: number
    type: string
    attempt: number | null
    /** False for what came too late to change anything. */
    counted: boolean
    code: string | null
    changes: {
      field: string
      from: string | number | null
      to: string | number | null
    }[]
  }[]
  /** Whether the steps end where the job stands in the record. */
  agrees: boolean
}
export interface JobDetail {
  id: string
  queue: string
  /** The name of its kind. */
  type: string
  state: JobState
  priority: number
  /** How often it was begun. */
  attempts: number
  /** Milliseconds since 1970 UTC. */
  createdAt: number
  /** When it is due. Milliseconds since 1970 UTC. */
  runAt: number
  startedAt: number | null
  finishedAt: number | null
  /** Milliseconds of its last attempt. */
  duration: number | null
  errorCode: string | null
  /** Errors of one fingerprint were thrown at one place. */
  fingerprint: string | null
  worker: string | null
  parent: string | null
  schedule: string | null
  engine: string
  /** When its content goes. */
  expiresAt: number | null
  /** Milliseconds since 1970 UTC. */
  updatedAt: number
  /** The version of its input’s shape. */
  version: number
  /** Whether its kind holds PHI. */
  phi: boolean
  /** A value; what is PHI in it is masked. */
  input: unknown
  /** A value; what is PHI in it is masked. */
  output: unknown
  inputFields: PhiField[]
  outputFields: PhiField[]
  life: LifeEvent[]
  /** What it threw last: outside production, where neither its kind nor its queue holds PHI. */
  message?: string
  replayOf?: string
  set?: string
  /** What the caller may do with it as it stands. */
  actions: ('retry' | 'cancel' | 'promote' | 'delete')[]
}
export interface PhiField {
  /** Names with dots; `[]` stands for each item of a list. */
  path: string
  /** A kind of PHI, `clear`, or `unmarked`, which is treated as PHI. */
  kind: string
}
export interface LifeEvent {
  /** Milliseconds since 1970 UTC. */
  at: number
  type: string
  attempt: number | null
  code?: string
  fingerprint?: string
}
export interface JobAttempts {
  data: JobAttempt[]
}
export interface JobAttempt {
  /** Counts how often the job was begun. */
  number: number
  /** Milliseconds since 1970 UTC. */
  startedAt: number
  endedAt: number | null
  /** The event that ended it; null while it runs. */
  end: string | null
  code: string | null
  fingerprint: string | null
  /** Where the error was thrown, innermost first; nothing of what it said. */
  frames: string[]
  /** Places in packages it went through, of Orderly and others. */
  libraryFrames: string[]
  /** What it threw: outside production, where neither its kind nor its queue holds PHI. */
  message: string | null
  /** Whether what it threw is kept under seal; `reveal.job` shows it to who may see it. */
  hasError: boolean
  worker: string | null
  host: string | null
  /** The release of the program that ran it. */
  release: string | null
}
export interface JobFamily {
  parent: Job | null
  /** The newest 200. */
  children: Job[]
  /** The jobs it was added with. */
  set: {
    id: string
    total: number
    completed: number
    failed: number
    /** The first 200. */
    jobs: Job[]
  } | null
  /** The run of a workflow it is a step of. */
  run: {
    id: string
    workflow: string
    version: number
    state: string
    node: string | null
    /** Its place in the list of a for-each. */
    item: number | null
  } | null
  /** The job it repeats. */
  replayOf: Job | null
}
export interface JobSteps {
  data: JobStep[]
}
export interface JobStep {
  name: string
  kind: 'step' | 'sleep'
  /** When it was done. Milliseconds since 1970 UTC. */
  at: number
  /** Which start of the job did it. */
  run: number
}
export interface JobExport {
  q?: string
  format?: 'csv' | 'json' | 'ndjson'
  limit?: number
}
export interface NewJob {
  /** The name or the type of its kind. */
  type: string
  input: unknown
  options?: EnqueueOptions
}
export interface EnqueueOptions {
  unique?: string
  idempotencyKey?: string
  /** A number and a unit: 500ms, 30s, 5m, 2h, 7d. */
  delay?: string
  at?: string
  /** A number and a unit: 500ms, 30s, 5m, 2h, 7d. */
  ttl?: string
  /** A number and a unit: 500ms, 30s, 5m, 2h, 7d. */
  deadline?: string
  priority?: ('critical' | 'high' | 'normal' | 'low') | number
  tags?: string[]
}
export interface AcceptedJob {
  id: string
  /** Whether a job of the same key, or of the same request, was there already. */
  duplicate: boolean
}
export interface NewJobs {
  /** The name or the type of its kind. */
  type: string
  items: {
    input: unknown
    options?: EnqueueOptions
  }[]
}
export interface AcceptedJobs {
  jobs: AcceptedJob[]
}
export interface Cancellation {
  /** `finished`: it ended before it could be cancelled. `cancelling`: it was told and had not stopped yet. */
  outcome: 'cancelled' | 'finished' | 'cancelling' | 'unknown'
}
