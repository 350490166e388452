// Types of the API's schedules. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Schedules {
  data: Schedule[]
}
export interface Schedule {
  id: string
  /** The kind of job it adds; null where it begins a workflow. */
  job: string | null
  /** The workflow it begins. */
  workflow: string | null
  /** The version it begins; null for the latest. */
  version: number | null
  spec: ScheduleSpec
  policy: SchedulePolicy
  /** `person`: somebody has made or changed it. */
  source: 'code' | 'person'
  /** What the definition says instead, where it does. */
  declared: ScheduleSpec | null
  by: string
  nextAt: number | null
  paused: {
    reason: string
    by: string
    until: number | null
  } | null
}
export interface ScheduleSpec {
  crons?: string[]
  zone?: string
  every?: number
  /** Milliseconds since 1970 UTC. */
  anchor?: number
  /** Milliseconds since 1970 UTC. */
  at?: number
  /** Milliseconds since 1970 UTC. */
  start?: number
  /** Milliseconds since 1970 UTC. */
  end?: number
  jitter?: number
  blackouts?: {
    /** Milliseconds since 1970 UTC. */
    from: number
    /** Milliseconds since 1970 UTC. */
    to: number
    reason: string
  }[]
}
export interface SchedulePolicy {
  overlap: 'skip' | 'buffer-one' | 'buffer-all' | 'cancel-other' | 'allow'
  catchUp:
    | ('skip' | 'one')
    | {
        all: number
      }
}
export interface ScheduleRequest {
  /** The kind of job to add at each slot. */
  job?: string
  /** Or the workflow to begin; that needs the permission to run workflows. */
  workflow?: string
  /** Of the workflow; the latest unless told. */
  version?: number
  input?: unknown
  spec: ScheduleSpecRequest
  policy?: SchedulePolicy
}
export /** Exactly one of `cron`, `every`, `times` and `at` says when. */ interface ScheduleSpecRequest {
  /** One expression, or several of which each fires. */
  cron?: string | string[]
  /** Every so long, whatever the clocks do. */
  every?: string
  anchor?: string
  /** Times of the day, HH:MM. */
  times?: string[]
  weekdays?: ('MON' | 'TUE' | 'WED' | 'THU' | 'FRI' | 'SAT' | 'SUN')[]
  days?: number[]
  months?: number[]
  /** Once. */
  at?: string
  /** An IANA name; UTC unless told. */
  zone?: string
  start?: string
  end?: string
  /** A number and a unit: 500ms, 30s, 5m, 2h, 7d. */
  jitter?: string
  blackouts?: {
    from: string
    to: string
    reason: string
  }[]
}
export interface ScheduleRemoval {
  removed: boolean
}
export /** What it began: a job, or a run of a workflow. */ interface FiredSchedule {
  job: string | null
  run: string | null
}
export interface UpcomingSlots {
  data: Slot[]
}
export interface Slot {
  /** Milliseconds since 1970 UTC. */
  at: number
  /** What the wall shows then. */
  wall: string
  /** Why it is not where the wall would have it: the clocks were changed. */
  shift?: 'gap' | 'overlap'
  /** Why it will be left out. */
  blackout?: string
}
export interface PastSlots {
  data: {
    /** Milliseconds since 1970 UTC. */
    at: number
    state: 'fired' | 'skipped' | 'buffered'
    reason: string | null
    /** Milliseconds since 1970 UTC. */
    firedAt: number
    job: string | null
    run: string | null
  }[]
}
export interface Backfill {
  slots: number[]
  /** 0 for a plan alone. */
  enqueued: number
}
export interface SlotPreview {
  data: Slot[]
}
