// Types of the API's templates. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Templates {
  data: Template[]
}
export interface Template {
  id: string
  version: number
  title: string
  description: string
  parameters: Record<string, TemplateParameter>
  provenance: {
    pack?: string
    author?: string
    source?: string
    forkedFrom?: {
      id: string
      version: number
    }
  }
}
export interface TemplateParameter {
  type: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object'
  title?: string
  default?: unknown
  enum?: unknown[]
}
export interface TemplateDetail {
  id: string
  version: number
  title: string
  description: string
  parameters: Record<string, TemplateParameter>
  provenance: {
    pack?: string
    author?: string
    source?: string
    forkedFrom?: {
      id: string
      version: number
    }
  }
  /** With `{ "$param": "<name>" }` where a value goes. */
  document: unknown
}
export interface WorkflowFromTemplate {
  workflow: string
  revision: number
  findings: {
    node: string
    code: string
    message: string
  }[]
}
export interface TemplateVersion {
  version: number
}
