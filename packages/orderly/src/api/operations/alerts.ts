// What is asked of and answered by alerts. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Alert, AlertPage } from '../schemas/alerts.ts'
export interface AlertsApi {
  /** Alerts, open and past, newest first. */
  'alerts.list': {
    request: {
      query?: {
        state?: 'pending' | 'firing' | 'resolved'
        limit?: number
        /** What "next" said. */
        before?: string
      }
    }
    response: AlertPage
  }
  /** One alert. */
  'alerts.get': {
    request: {
      params: {
        id: string
      }
    }
    response: Alert
  }
  /** Say that somebody is at it. */
  'alerts.acknowledge': {
    request: {
      params: {
        id: string
      }
      body: {
        /** For everybody to read. It holds nothing of a patient. */
        note?: string
      }
    }
    response: Alert
  }
}
