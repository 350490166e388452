// What is asked of and answered by queues. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Cleaned, Drained, Pause, QueueDetail, Queues, Resumed } from '../schemas/queues.ts'
export interface QueuesApi {
  /** Every queue with its counts, its pause and who works on it. */
  'queues.list': { request: {}; response: Queues }
  /** One queue with its limits. */
  'queues.get': {
    request: {
      params: {
        name: string
      }
    }
    response: QueueDetail
  }
  /** Let no more jobs of a queue begin; those that run go on. */
  'queues.pause': {
    request: {
      params: {
        name: string
      }
      body: {
        /** Why, for everybody to read. It holds nothing of a patient. */
        reason: string
        /** It goes on by itself after this long. */
        for?: string
      }
    }
    response: Pause
  }
  /** Let the jobs of a queue begin again. */
  'queues.resume': {
    request: {
      params: {
        name: string
      }
    }
    response: Resumed
  }
  /** Take all waiting jobs out of a queue. */
  'queues.drain': {
    request: {
      params: {
        name: string
      }
      body: {
        /** Why, for everybody to read. It holds nothing of a patient. */
        reason: string
        /** Those that wait for their time, too. */
        delayed?: boolean
        /** Only say how many there are. */
        plan?: boolean
      }
    }
    response: Drained
  }
  /** Take finished jobs out of a queue; the record keeps their history. */
  'queues.clean': {
    request: {
      params: {
        name: string
      }
      body: {
        state: 'completed' | 'failed'
        /** A number and a unit: 500ms, 30s, 5m, 2h, 7d. */
        olderThan?: string
        /** Why, for everybody to read. It holds nothing of a patient. */
        reason: string
      }
    }
    response: Cleaned
  }
}
