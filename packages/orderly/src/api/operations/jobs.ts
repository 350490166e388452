// What is asked of and answered by jobs. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type {
  AcceptedJob,
  AcceptedJobs,
  Cancellation,
  FoundJobs,
  JobAttempts,
  JobDetail,
  JobExport,
  JobFamily,
  JobLife,
  JobSteps,
  NewJob,
  NewJobs,
} from '../schemas/jobs.ts'
import type { Deletion, Explanation, JobLog, Promotion } from '../schemas/jobs-2.ts'
export interface JobsApi {
  /** Find jobs, newest first. */
  'jobs.list': {
    request: {
      query?: {
        q?: string
        limit?: number
        /** `page.next` of the page before. */
        cursor?: string
      }
    }
    response: FoundJobs
  }
  /** Find jobs by a search that may name PHI. */
  'jobs.search': {
    request: {
      body: {
        q?: string
        limit?: number
        /** `page.next` of the page before. */
        cursor?: string
      }
    }
    response: FoundJobs
  }
  /** The life of a job once more, a step at a time, for finding out what went wrong. */
  'jobs.life': {
    request: {
      params: {
        id: string
      }
    }
    response: JobLife
  }
  /** One job with its life; what is PHI in it is masked. */
  'jobs.get': {
    request: {
      params: {
        id: string
      }
    }
    response: JobDetail
  }
  /** The attempts of a job: how each ended, where it was thrown, which release ran it. */
  'jobs.attempts': {
    request: {
      params: {
        id: string
      }
    }
    response: JobAttempts
  }
  /** What a job belongs to: parent, children, set, workflow run, the job it repeats. */
  'jobs.family': {
    request: {
      params: {
        id: string
      }
    }
    response: JobFamily
  }
  /** What a job has done for good, step by step. */
  'jobs.steps': {
    request: {
      params: {
        id: string
      }
    }
    response: JobSteps
  }
  /** Take the jobs a search finds out, as CSV, JSON or one JSON a line. */
  'jobs.export': { request: { body: JobExport }; response: string }
  /** Add a job. */
  'jobs.create': { request: { body: NewJob }; response: AcceptedJob }
  /** Add many jobs of one kind: all of them, or none. */
  'jobs.createMany': { request: { body: NewJobs }; response: AcceptedJobs }
  /** Run a finished job again as a new one, with the same or another input. */
  'jobs.retry': {
    request: {
      params: {
        id: string
      }
      body?: {
        input?: unknown
        /** Takes over what the job recorded up to this step and goes on after it; see `jobs.steps`. Not together with `input`. */
        afterStep?: string
        /** Why, for everybody to read. It holds nothing of a patient. */
        reason?: string
      }
    }
    response: AcceptedJob
  }
  /** Cancel a job that waits or runs, wherever it is. */
  'jobs.cancel': {
    request: {
      params: {
        id: string
      }
      body?: {
        /** Why, for everybody to read. It holds nothing of a patient. */
        reason?: string
      }
    }
    response: Cancellation
  }
  /** Let a delayed job run now. */
  'jobs.promote': {
    request: {
      params: {
        id: string
      }
    }
    response: Promotion
  }
  /** Take a finished job out of its queue; the record keeps its history. */
  'jobs.delete': {
    request: {
      params: {
        id: string
      }
    }
    response: Deletion
  }
  /** Why a job does not run, or how it ended: a sentence, its proof, and what to do. */
  'jobs.explain': {
    request: {
      params: {
        id: string
      }
    }
    response: Explanation
  }
  /** What a job wrote to its log, first line first; masked where its queue holds PHI. */
  'jobs.logs': {
    request: {
      params: {
        id: string
      }
      query?: {
        from?: number
        limit?: number
      }
    }
    response: JobLog
  }
}
