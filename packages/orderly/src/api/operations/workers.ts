// What is asked of and answered by workers. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Workers } from '../schemas/workers.ts'
export interface WorkersApi {
  /** The processes that work on jobs now, and how they are. */
  'workers.list': { request: {}; response: Workers }
}
