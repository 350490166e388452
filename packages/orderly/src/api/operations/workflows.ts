// What is asked of and answered by workflows. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type {
  DeployedWorkflow,
  DroppedDraft,
  SavedDraft,
  Simulation,
  TriedStep,
  WorkflowDetail,
  WorkflowDiff,
  WorkflowDraftDetail,
  WorkflowReading,
  WorkflowText,
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
  /** Write a document as JSON, YAML or TypeScript. */
  'workflows.print': {
    request: {
      body: {
        document: Record<string, unknown>
        language: 'json' | 'yaml' | 'typescript'
      }
    }
    response: WorkflowText
  }
  /** Read a document from JSON, YAML or TypeScript, and run nothing of it. */
  'workflows.read': {
    request: {
      body: {
        text: string
        language: 'json' | 'yaml' | 'typescript'
      }
    }
    response: WorkflowReading
  }
  /** Say what one step would be given and which ways it would take; nothing runs. */
  'workflows.try': {
    request: {
      body: {
        document: Record<string, unknown>
        node: string
        input?: unknown
      }
    }
    response: TriedStep
  }
}
