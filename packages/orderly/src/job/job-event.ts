// The life of a job as a row of events. Append-only; what a job is now is folded from them.
import type { State } from './states.ts'

/** What was accepted: enough to put the job in a queue again. */
export interface Acceptance {
  readonly queue: string
  readonly name: string
  /** As the store holds it: sealed. */
  readonly input: string
  /** BullMQ's options, without anything a caller wrote freely but tags and keys. */
  readonly opts: Readonly<Record<string, unknown>>
  readonly priority: number
  /** Earliest start. Milliseconds since 1970 UTC. */
  readonly runAt: number
  /** `<queue>/<id>` of the parent, in a flow. */
  readonly parent?: string
  /** A job scheduler that made it. */
  readonly schedule?: string
}

/** What happened, with what is known only then. */
export type JobHappening =
  | ({ readonly type: 'accepted' } & Acceptance)
  /** Another job with its key was there already; this one never ran. */
  | { readonly type: 'deduplicated'; readonly by: string }
  | { readonly type: 'started'; readonly attempt: number; readonly worker?: string }
  | { readonly type: 'progressed'; readonly progress: string }
  | { readonly type: 'input-changed'; readonly input: string }
  /** An attempt ended in an error: its code and fingerprint in the clear, the whole of it sealed. */
  | {
      readonly type: 'attempt-failed'
      readonly attempt: number
      /** Which start of the job it was; the error is sealed for this one. */
      readonly run: number
      readonly code: string
      readonly fingerprint: string
      readonly error: string
      /** The job has failed for good with it, through something outside. */
      readonly external?: true
    }
  /** Back in its queue, at once or at `runAt`: a retry, a snooze, an interruption, a redrive. */
  | {
      readonly type: 'retried' | 'snoozed' | 'interrupted' | 'stalled' | 'promoted' | 'redriven'
      readonly runAt?: number
    }
  /** The thread or process that ran its handler died with it. */
  | { readonly type: 'crashed'; readonly attempt: number; readonly how: string }
  | { readonly type: 'waiting-children' }
  | { readonly type: 'completed'; readonly output: string | null }
  | { readonly type: 'failed'; readonly reason: string; readonly quarantined?: boolean }
  /** Taken out of its queue by somebody, unfinished. */
  | { readonly type: 'removed' }
  /** Gone from its queue although unfinished, and put back from the record. */
  | ({ readonly type: 'restored' } & Finding)
  /** Goes to another engine: the one that reports it. Nobody has started it. */
  | { readonly type: 'moved' }
  /** Found in a queue in another state than the record said. */
  | ({
      readonly type: 'corrected'
      readonly state: State
      readonly output?: string | null
      readonly reason?: string
    } & Finding)

/** What somebody concludes who compares record and queue. */
interface Finding {
  /** When the job was last heard of as the finder read the record. Whatever happened since makes the finding void. */
  readonly seen: number
}

export type JobEvent = {
  /** The same for the same happening however often it is reported. */
  readonly id: string
  readonly jobId: string
  /** Milliseconds since 1970 UTC. */
  readonly at: number
} & JobHappening
