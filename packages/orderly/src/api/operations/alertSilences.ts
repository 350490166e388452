// What is asked of and answered by alertSilences. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { AlertSilence, AlertSilenceEnded, AlertSilences } from '../schemas/alertSilences.ts'
export interface AlertSilencesApi {
  /** What nobody is told of now, until when and why. */
  'alertSilences.list': { request: {}; response: AlertSilences }
  /** Tell nobody of certain alerts for a while; they stay on record. */
  'alertSilences.create': {
    request: {
      body: {
        /** A rule, or with a * at the end those that begin so. */
        rule: string
        subject?: string
        /** A number and a unit: 500ms, 30s, 5m, 2h, 7d. */
        for: string
        /** Why, for everybody to read. It holds nothing of a patient. */
        reason: string
      }
    }
    response: AlertSilence
  }
  /** End a silence before its time; what still holds is told then. */
  'alertSilences.end': {
    request: {
      params: {
        id: string
      }
    }
    response: AlertSilenceEnded
  }
}
