// What is asked of and answered by search. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Completion } from '../schemas/search.ts'
export interface SearchApi {
  /** What may follow in a search: fields, declared paths, values with counts. */
  'search.complete': {
    request: {
      body: {
        /** The search up to the caret. */
        text: string
      }
    }
    response: Completion
  }
}
