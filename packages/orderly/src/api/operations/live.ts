// What is asked of and answered by live. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Watching } from '../schemas/live.ts'
export interface LiveApi {
  /** What happens now, as server-sent events. */
  'live.stream': {
    request: {
      query?: {
        /** Ids to watch, with commas between. */
        jobs?: string
      }
    }
    response: string
  }
  /** Say which jobs an open stream of one’s own tells about. */
  'live.watch': {
    request: {
      params: {
        id: string
      }
      body: {
        jobs: string[]
        /** A job whose log is told line by line. */
        log?: string
      }
    }
    response: Watching
  }
}
