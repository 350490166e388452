// What is asked of and answered by deadLetters. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { RedriveRequest, Redriven } from '../schemas/deadLetters.ts'
export interface DeadLettersApi {
  /** Put dead letters back in their queues, at a pace. */
  'deadLetters.redrive': { request: { body: RedriveRequest }; response: Redriven }
}
