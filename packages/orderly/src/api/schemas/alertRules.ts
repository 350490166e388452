// Types of the API's alertRules. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface AlertRules {
  data: AlertRule[]
}
export interface AlertRule {
  name: string
  description?: string
  metric:
    | 'queue.depth'
    | 'queue.oldest'
    | 'workers.none'
    | 'workers.memory'
    | 'workers.lag'
    | 'jobs.unhandled'
    | 'jobs.failed'
    | 'jobs.failure-rate'
    | 'jobs.found'
    | 'dead-letters'
    | 'emergencies.unreviewed'
    | 'schedules.missed'
    | 'ledger.broken'
  /** Queues, kinds of jobs, schedules or workers; with a * those that begin so. */
  subjects?: string[]
  /** What jobs.found looks for. */
  search?: AlertSearch
  /** An alert above this; or give "below". */
  above?: number
  below?: number
  /** 5m unless told, 1d at most. */
  window?: string
  /** How long it must hold before somebody is told. */
  for?: string
  minimum?: number
  severity?: 'warning' | 'critical'
  /** in-app unless told. */
  routes?: string[]
  enabled: boolean
  /** As it comes, or as somebody made it. */
  source: 'house' | 'person'
  by: string
  updatedAt: number | null
}
export interface AlertSearch {
  state?: string
  queue?: string
  name?: string
  errorCode?: string
  fingerprint?: string
}
export interface AlertRuleBody {
  description?: string
  metric:
    | 'queue.depth'
    | 'queue.oldest'
    | 'workers.none'
    | 'workers.memory'
    | 'workers.lag'
    | 'jobs.unhandled'
    | 'jobs.failed'
    | 'jobs.failure-rate'
    | 'jobs.found'
    | 'dead-letters'
    | 'emergencies.unreviewed'
    | 'schedules.missed'
    | 'ledger.broken'
  /** Queues, kinds of jobs, schedules or workers; with a * those that begin so. */
  subjects?: string[]
  /** What jobs.found looks for. */
  search?: AlertSearch
  /** An alert above this; or give "below". */
  above?: number
  below?: number
  /** 5m unless told, 1d at most. */
  window?: string
  /** How long it must hold before somebody is told. */
  for?: string
  minimum?: number
  severity?: 'warning' | 'critical'
  /** in-app unless told. */
  routes?: string[]
  enabled?: boolean
}
export interface AlertRuleRemoved {
  removed: boolean
}
export interface AlertBackTest {
  /** Milliseconds since 1970 UTC. */
  from: number
  /** Milliseconds since 1970 UTC. */
  to: number
  /** Minutes that something is known of. */
  minutes: number
  episodes: {
    subject: string
    /** Milliseconds since 1970 UTC. */
    since: number
    /** Milliseconds since 1970 UTC. */
    firedAt: number
    resolvedAt: number | null
    worst: number
  }[]
}
