// What keeps a job where it is, as it is told.

export const CAUSES = [
  'running',
  'completed',
  'failed',
  'cancelled',
  'removed',
  'queue-paused',
  'type-paused',
  'no-worker',
  'no-handler',
  'needs-newer-worker',
  'key-missing',
  'queue-full',
  'rate-limited',
  'lane-busy',
  'lane-behind',
  'over-budget',
  'backoff',
  'held-back',
  'delayed',
  'waiting-children',
  'store-away',
  'workers-busy',
  'next',
  'lost-worker',
] as const

export type Cause = (typeof CAUSES)[number]

/** What a person could do about it, as an operation of the API. */
export interface SuggestedAction {
  readonly operation: string
  readonly title: string
  readonly params: Readonly<Record<string, string>>
}

export interface Explanation {
  readonly cause: Cause
  readonly sentence: string
  /** Milliseconds since 1970 UTC. */
  readonly since: number | null
  /** When it ends by itself, as far as is known. */
  readonly until: number | null
  /** What the sentence rests on. */
  readonly proof: readonly { readonly what: string; readonly value: string | number }[]
  readonly action: SuggestedAction | null
}
