// What is asked of and answered by events. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { EventConsumers, EventReceived, EventReplay, Events } from '../schemas/events.ts'
export interface EventsApi {
  /** Events of the record after a number, in order, without PHI. */
  'events.list': {
    request: {
      query?: {
        after?: number
        limit?: number
        /** job.failed, or job.* for all. */
        type?: string
      }
    }
    response: Events
  }
  /** Who reads the record in order, and how far they are. */
  'events.consumers': { request: {}; response: EventConsumers }
  /** Tell one consumer of a part of the record once more. */
  'events.replay': {
    request: {
      params: {
        name: string
      }
      body: {
        after?: number
        upTo?: number
        /** Milliseconds since 1970 UTC. */
        since?: number
        /** Milliseconds since 1970 UTC. */
        until?: number
      }
    }
    response: EventReplay
  }
  /** Take in an event that a source outside has signed. */
  'events.receive': {
    request: {
      params: {
        name: string
      }
      body: {
        type: string
        data: unknown
      }
    }
    response: EventReceived
  }
}
