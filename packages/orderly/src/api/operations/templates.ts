// What is asked of and answered by templates. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type {
  TemplateDetail,
  TemplateVersion,
  Templates,
  WorkflowFromTemplate,
} from '../schemas/templates.ts'
export interface TemplatesApi {
  /** The latest version of every template, of packs and of people. */
  'templates.list': { request: {}; response: Templates }
  /** One version of a template with its document, the latest unless told. */
  'templates.get': {
    request: {
      params: {
        id: string
      }
      query?: {
        version?: number
      }
    }
    response: TemplateDetail
  }
  /** Make a draft of a workflow from a template and values for its parameters. */
  'templates.use': {
    request: {
      params: {
        id: string
      }
      body: {
        /** The id of the workflow that is made. */
        as: string
        params?: Record<string, unknown>
        version?: number
      }
    }
    response: WorkflowFromTemplate
  }
  /** Copy a template under another id, which names the one it came from. */
  'templates.fork': {
    request: {
      params: {
        id: string
      }
      body: {
        /** A letter, then letters, digits and . _ - (100 at most). */
        as: string
        version?: number
      }
    }
    response: TemplateVersion
  }
  /** Keep a template as the next version of its id. */
  'templates.import': {
    request: {
      body: {
        /** Of the format `orderly.template/1`. */
        template: Record<string, unknown>
        /** Where it comes from, in words. */
        source?: string
      }
    }
    response: TemplateVersion
  }
}
