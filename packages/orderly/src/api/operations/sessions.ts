// What is asked of and answered by sessions. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { OwnSessions, SessionEnded } from '../schemas/sessions.ts'
export interface SessionsApi {
  /** My open sessions. */
  'sessions.own': { request: {}; response: OwnSessions }
  /** End one of my sessions, or anybody’s where I may. */
  'sessions.end': {
    request: {
      params: {
        id: string
      }
    }
    response: SessionEnded
  }
}
