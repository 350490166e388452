// Types of the API's eventSources. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface EventSources {
  data: EventSource[]
}
export interface EventSource {
  name: string
  /** Workflows that types of events start. */
  starts: Record<string, string>
  by: string
  oldSecretUntil: number | null
  /** Milliseconds since 1970 UTC. */
  createdAt: number
  /** Milliseconds since 1970 UTC. */
  updatedAt: number
}
export interface EventSourcePut {
  source: EventSource
  secret?: string
}
export interface EventSourceSecret {
  secret: string
  /** Milliseconds since 1970 UTC. */
  oldUntil: number
}
export interface EventSourceRemoved {
  removed: boolean
}
