// What is asked of and answered by runs. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type {
  Approvals,
  Done,
  ForkedRun,
  NodeSkipped,
  RunCancellation,
  RunDetail,
  RunDocument,
  RunHistory,
  RunLife,
  RunRetried,
  RunState,
  Runs,
  StartedRun,
} from '../schemas/runs.ts'
export interface RunsApi {
  /** Begin a run. */
  'runs.start': {
    request: {
      params: {
        id: string
      }
      body: {
        input: unknown
        version?: number
      }
    }
    response: StartedRun
  }
  /** Runs, newest first. */
  'runs.list': {
    request: {
      query?: {
        workflow?: string
        state?: RunState
        parent?: string
        limit?: number
        /** `page.next` of the page before. */
        cursor?: string
      }
    }
    response: Runs
  }
  /** One run with its nodes. */
  'runs.get': {
    request: {
      params: {
        id: string
      }
    }
    response: RunDetail
  }
  /** The document that a run began with, and keeps. */
  'runs.document': {
    request: {
      params: {
        id: string
      }
    }
    response: RunDocument
  }
  /** What happened to a run, in order: for graphs that go back in time. */
  'runs.history': {
    request: {
      params: {
        id: string
      }
    }
    response: RunHistory
  }
  /** What waits for a decision, the longest first. */
  'runs.approvals': { request: {}; response: Approvals }
  /** Let nothing of a run begin until it is resumed. */
  'runs.pause': {
    request: {
      params: {
        id: string
      }
      body: {
        /** Why, for everybody to read. It holds nothing of a patient. */
        reason: string
      }
    }
    response: Done
  }
  /** Let a paused run go on. */
  'runs.resume': {
    request: {
      params: {
        id: string
      }
    }
    response: Done
  }
  /** Give a run what one of its nodes waits for. */
  'runs.signal': {
    request: {
      params: {
        id: string
      }
      body: {
        name: string
        value?: unknown
      }
    }
    response: Done
  }
  /** Approve or refuse what a node asks of a person. */
  'runs.decide': {
    request: {
      params: {
        id: string
      }
      body: {
        node: string
        approved: boolean
        /** Why, for everybody to read. It holds nothing of a patient. */
        note?: string
      }
    }
    response: Done
  }
  /** End a run: its jobs are cancelled, and nothing of it begins any more. */
  'runs.cancel': {
    request: {
      params: {
        id: string
      }
    }
    response: RunCancellation
  }
  /** The life of a run once more, a step at a time, for finding out what went wrong. */
  'runs.life': {
    request: {
      params: {
        id: string
      }
    }
    response: RunLife
  }
  /** Begin another run that has behind it what this one had before a node. */
  'runs.fork': {
    request: {
      params: {
        id: string
      }
      body: {
        node: string
        /** Why, for everybody to read. It holds nothing of a patient. */
        reason: string
      }
    }
    response: ForkedRun
  }
  /** Let the failed nodes of a run that failed begin anew, or one of them. */
  'runs.retry': {
    request: {
      params: {
        id: string
      }
      body?: {
        node?: string
      }
    }
    response: RunRetried
  }
  /** Let a run go on without a node. */
  'runs.skip': {
    request: {
      params: {
        id: string
      }
      body: {
        node: string
        /** Why, for everybody to read. It holds nothing of a patient. */
        reason: string
      }
    }
    response: NodeSkipped
  }
}
