// What is asked of and answered by job-types. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type {
  JobTypeDetail,
  JobTypes,
  TypePaused,
  TypeResumed,
  Validity,
} from '../schemas/job-types.ts'
export interface JobTypesApi {
  /** Every kind of job. */
  'types.list': { request: {}; response: JobTypes }
  /** One kind of job: schemas, PHI field by field, limits of its runs, an example. */
  'types.get': {
    request: {
      params: {
        name: string
      }
    }
    response: JobTypeDetail
  }
  /** Let no more jobs of a kind begin, in whatever queue they wait. */
  'types.pause': {
    request: {
      params: {
        name: string
      }
      body: {
        /** Why, for everybody to read. It holds nothing of a patient. */
        reason: string
        /** A number and a unit: 500ms, 30s, 5m, 2h, 7d. */
        for?: string
      }
    }
    response: TypePaused
  }
  /** Let the jobs of a kind begin again. */
  'types.resume': {
    request: {
      params: {
        name: string
      }
    }
    response: TypeResumed
  }
  /** Say where an input would not fit, and store nothing. */
  'types.validate': {
    request: {
      params: {
        name: string
      }
      body: {
        input: unknown
      }
    }
    response: Validity
  }
}
