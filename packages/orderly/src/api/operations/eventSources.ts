// What is asked of and answered by eventSources. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type {
  EventSourcePut,
  EventSourceRemoved,
  EventSourceSecret,
  EventSources,
} from '../schemas/eventSources.ts'
export interface EventSourcesApi {
  /** Who outside may send events. */
  'eventSources.list': { request: {}; response: EventSources }
  /** Let somebody outside send events; the secret of a new one is shown this once. */
  'eventSources.put': {
    request: {
      params: {
        name: string
      }
      body: {
        starts?: Record<string, string>
      }
    }
    response: EventSourcePut
  }
  /** Give it a new secret; the one before holds too for a while. */
  'eventSources.rotateSecret': {
    request: {
      params: {
        name: string
      }
      body: {
        /** A number and a unit: 500ms, 30s, 5m, 2h, 7d. */
        overlap?: string
      }
    }
    response: EventSourceSecret
  }
  /** Take no more events from it. */
  'eventSources.remove': {
    request: {
      params: {
        name: string
      }
    }
    response: EventSourceRemoved
  }
}
