// What is asked of and answered by bulk. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Bulk, BulkItems, BulkPlan, BulkRequest, Bulks } from '../schemas/bulk.ts'
export interface BulkApi {
  /** Say what an action over all found jobs would do, and keep that as a plan. */
  'bulk.plan': { request: { body: BulkRequest }; response: BulkPlan }
  /** Do what was planned, to those jobs and no others. */
  'bulk.run': {
    request: {
      params: {
        id: string
      }
      body: {
        token: string
        /** The number of jobs, as the plan says it. */
        confirm: number
      }
    }
    response: Bulk
  }
  /** Plans and runs, newest first. */
  'bulk.list': {
    request: {
      query?: {
        limit?: number
        /** `page.next` of the page before. */
        cursor?: string
      }
    }
    response: Bulks
  }
  /** How far it is. */
  'bulk.get': {
    request: {
      params: {
        id: string
      }
    }
    response: Bulk
  }
  /** What became of each job. */
  'bulk.items': {
    request: {
      params: {
        id: string
      }
      query?: {
        state?: 'todo' | 'begun' | 'done' | 'failed' | 'skipped'
        after?: number
        limit?: number
      }
    }
    response: BulkItems
  }
  /** Let it rest; what has been done stays done. */
  'bulk.pause': {
    request: {
      params: {
        id: string
      }
    }
    response: Bulk
  }
  /** Let it go on. */
  'bulk.resume': {
    request: {
      params: {
        id: string
      }
    }
    response: Bulk
  }
  /** Do no more of it; what has been done stays done. */
  'bulk.abort': {
    request: {
      params: {
        id: string
      }
    }
    response: Bulk
  }
}
