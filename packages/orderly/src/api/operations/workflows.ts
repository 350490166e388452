// What is asked of and answered by workflows. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type {
  DeployedWorkflow,
  DroppedDraft,
  SavedDraft,
  Simulation,
  WorkflowDetail,
  WorkflowDiff,
  WorkflowDraftDetail,
  WorkflowValidity,
  Workflows,
} from '../schemas/workflows.ts'
export interface WorkflowsApi {
  /** Every workflow with its versions and its draft. */
  'workflows.list': { request: {}; response: Workflows }
  /** One version of a workflow, the latest unless told. */
  'workflows.get': {
    request: {
      params: {
        id: string
      }
      query?: {
        version?: number
      }
    }
    response: WorkflowDetail
  }
  /** Say what is wrong with a document, and keep nothing. */
  'workflows.validate': {
    request: {
      body: {
        /** A document of the format `orderly.workflow/1`. */
        document: unknown
      }
    }
    response: WorkflowValidity
  }
  /** What somebody is working on. */
  'workflows.draft': {
    request: {
      params: {
        id: string
      }
    }
    response: WorkflowDraftDetail
  }
  /** Keep a document that is worked on, faults and all, and say what they are. */
  'workflows.saveDraft': {
    request: {
      params: {
        id: string
      }
      body: {
        document: Record<string, unknown>
        revision?: number
      }
    }
    response: SavedDraft
  }
  /** Throw a draft away. */
  'workflows.dropDraft': {
    request: {
      params: {
        id: string
      }
    }
    response: DroppedDraft
  }
  /** Make the draft the next version; runs that have begun keep theirs. */
  'workflows.deploy': {
    request: {
      params: {
        id: string
      }
      body?: {
        /** Why, for everybody to read. It holds nothing of a patient. */
        note?: string
        revision?: number
      }
    }
    response: DeployedWorkflow
  }
  /** What differs between two versions, or a version and the draft. */
  'workflows.diff': {
    request: {
      params: {
        id: string
      }
      query: {
        before: number
        after: 'draft' | number
      }
    }
    response: WorkflowDiff
  }
  /** Play a document on a clock of its own, with assumed durations and results. */
  'workflows.simulate': {
    request: {
      body: {
        /** A document of the format `orderly.workflow/1`. */
        document: unknown
        input?: unknown
        /** Milliseconds since 1970 UTC. */
        start?: number
        nodes?: Record<string, Record<string, unknown>>
      }
    }
    response: Simulation
  }
}
