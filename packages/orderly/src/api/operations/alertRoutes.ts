// What is asked of and answered by alertRoutes. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type {
  AlertRouteRemoved,
  AlertRouteSaved,
  AlertRouteTested,
  AlertRoutes,
} from '../schemas/alertRoutes.ts'
export interface AlertRoutesApi {
  /** Where notices of alerts go; the URL of a chat program is never shown. */
  'alertRoutes.list': { request: {}; response: AlertRoutes }
  /** Make or replace a route. */
  'alertRoutes.put': {
    request: {
      params: {
        name: string
      }
      body: {
        kind: 'mail' | 'slack' | 'webhook' | 'in-app'
        /** Addresses of mail, or recipients of notifications such as #role/operator. */
        to?: string[]
        /** The id of a webhook. */
        webhook?: string
        /** The URL that a chat program gave. It is kept sealed and never shown. */
        url?: string
      }
    }
    response: AlertRouteSaved
  }
  /** Drop a route that no rule tells by. */
  'alertRoutes.remove': {
    request: {
      params: {
        name: string
      }
    }
    response: AlertRouteRemoved
  }
  /** Send a test by a route; it goes out within seconds. */
  'alertRoutes.test': {
    request: {
      params: {
        name: string
      }
    }
    response: AlertRouteTested
  }
}
