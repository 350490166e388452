// What the engine needs of a store: BullMQ's factory for it, how to connect, and what must hold before it is used.
import type { BackendFactory, IQueueBackend } from 'bullmq'
import type { OrderlyError } from '../primitives/errors.ts'

export interface QueueStore {
  readonly kind: 'sqlite' | 'redis' | 'postgres'
  /** Where it is, without a password. */
  readonly place: string
  readonly factory: BackendFactory<IQueueBackend, any>
  /** For those who add: fails fast when the store is away. */
  readonly queueConnection: unknown
  /** For workers: waits until the store is back. */
  readonly workerConnection: unknown
  /** How it comes and goes; a file on this machine does not. */
  readonly remote?: RemoteStore
  /**
   * Resolves once the store can be used.
   *
   * @throws OrderlyError `ORDERLY_ENGINE_UNAVAILABLE` when it does not answer; `ORDERLY_STORE_UNSAFE` when it would lose
   *   jobs as it is set up
   */
  prepare(): Promise<void>
  /**
   * Marks the store as one installation's: where it has no marks yet, or one of these.
   *
   * @returns whether it can be: false where all of its marks are others
   */
  claim?(marks: readonly string[]): Promise<boolean>
  /** Forgets what its event stream holds from before a moment, in milliseconds since 1970 UTC, where it has the times. */
  dropEvents?(queue: string, before: number): Promise<void>
  close(): Promise<void>
}

/** What is known of a request that failed. */
export type Verdict =
  /** It never left this process. */
  | 'unsent'
  /** The store answered that it takes nothing now: full, read-only, loading. */
  | 'declined'
  /** It may have been done. */
  | 'unknown'
  /** The store works; this request was wrong. */
  | 'refused'

/** What is known of a request that failed with an error of ours: what the client said, where that is behind it. */
export function verdictOfOurs(
  { code, cause }: OrderlyError,
  verdict: (error: unknown) => Verdict,
): Verdict {
  if (code !== 'ORDERLY_ENGINE_UNAVAILABLE') return 'refused'
  return cause === undefined ? 'unsent' : verdict(cause)
}

/** A sign of life. */
export interface Pulse {
  /** Nearly out of memory: what it holds can still be worked on, but no more should come. */
  readonly full: boolean
  /** What we left there is gone: it was emptied, or is another store than before. */
  readonly emptied: boolean
}

export interface RemoteStore {
  /** What people call it. */
  readonly name: string
  /** Whether a request would be sent now. */
  isReady(): boolean
  /** Asks for a sign of life, by writing something small. */
  probe(): Promise<Pulse>
  /** Whether workers may claim now, as far as the last probe knows. */
  mayClaim(): boolean
  verdict(error: unknown): Verdict
  /** Calls `listener` whenever a connection of the workers breaks; the returned function ends that. */
  onDrop(listener: () => void): () => void
  /** Drops connections that look alive and are not. */
  reconnect(): void
}
