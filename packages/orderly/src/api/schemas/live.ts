// Types of the API's live. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Watching {
  watching: number
  /** How they stand now; the stream tells what follows. */
  jobs: LiveJob[]
}
export interface LiveJob {
  id: string
  queue: string
  type: string
  state: string
  attempts: number
  /** Milliseconds since 1970 UTC. */
  runAt: number
  startedAt: number | null
  finishedAt: number | null
  duration: number | null
  errorCode: string | null
  fingerprint: string | null
  worker: string | null
  /** Milliseconds since 1970 UTC. */
  updatedAt: number
}
