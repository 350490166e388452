// The API as the designer calls it.
import { call } from '../api/call.ts'
import { asProblem } from '../app/problem.ts'
import type { JsonSchema } from '../parts/json-schema.ts'
import type { DesignDocument } from './document.ts'
import type { SourceLanguage } from './source-language.ts'

export interface Finding {
  readonly node: string
  readonly code: string
  readonly message: string
}

export interface JobType {
  readonly name: string
  readonly queue: string
  readonly phi: boolean
}

export interface JobDetail {
  readonly inputSchema: JsonSchema | null
  readonly outputSchema: JsonSchema | null
  readonly inputFields: readonly unknown[]
}

/** Where a text speaks of a node: offsets. */
export interface NodePlace {
  readonly node: string
  readonly from: number
  readonly to: number
}

export interface SourceProblem {
  readonly message: string
  readonly at: number
  readonly line: number
  readonly column: number
  readonly node: string
}

export interface TriedStep {
  readonly input: unknown
  readonly worked: readonly {
    readonly what: string
    readonly text: string
    readonly value: unknown
    readonly wrong: string | null
  }[]
  readonly ways: readonly { readonly to: string; readonly taken: boolean | null }[]
  readonly assumed: readonly string[]
}

/** A job as far as the designer looks at it; its output comes masked. */
export interface JobSeen {
  readonly state: string
  readonly output?: unknown
}

export interface Draft {
  readonly revision: number
  readonly document: unknown
}

export interface FieldChange {
  readonly path: string
  readonly before: unknown
  readonly after: unknown
}

export interface Diff {
  readonly same: boolean
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly { readonly node: string; readonly fields: readonly FieldChange[] }[]
  readonly edgesAdded: readonly { readonly from: string; readonly to: string }[]
  readonly edgesRemoved: readonly { readonly from: string; readonly to: string }[]
  readonly document: readonly FieldChange[]
}

export interface Simulation {
  readonly end: 'completed' | 'failed' | 'stuck'
  readonly duration: number
  readonly events: readonly { readonly at: number; readonly node: string; readonly what: string }[]
  readonly longest: readonly string[]
  readonly unsure: readonly string[]
}

interface Operations {
  'types.list': [request: object, answer: { readonly data: readonly JobType[] }]
  'types.get': [request: { params: { name: string } }, answer: JobDetail]
  'workflows.list': [
    request: object,
    answer: {
      readonly data: readonly {
        readonly id: string
        readonly version: number | null
        readonly draft: object | null
      }[]
    },
  ]
  'workflows.get': [
    request: { params: { id: string }; query?: { version?: string } },
    answer: { readonly version: number; readonly document: unknown },
  ]
  'workflows.draft': [request: { params: { id: string } }, answer: { readonly draft: Draft | null }]
  'workflows.validate': [
    request: { body: { document: DesignDocument } },
    answer: { readonly valid: boolean; readonly findings: readonly Finding[] },
  ]
  'workflows.saveDraft': [
    request: { params: { id: string }; body: { document: DesignDocument; revision?: number } },
    answer: { readonly revision: number; readonly findings: readonly Finding[] },
  ]
  'workflows.deploy': [
    request: { params: { id: string }; body: { note?: string; revision?: number } },
    answer: { readonly version: number },
  ]
  'workflows.diff': [
    request: { params: { id: string }; query: { before: string; after: string } },
    answer: Diff,
  ]
  'workflows.simulate': [request: { body: { document: DesignDocument } }, answer: Simulation]
  'workflows.print': [
    request: { body: { document: DesignDocument; language: SourceLanguage } },
    answer: { readonly text: string; readonly places: readonly NodePlace[] },
  ]
  'workflows.read': [
    request: { body: { text: string; language: SourceLanguage } },
    answer: {
      readonly document: unknown
      readonly places: readonly NodePlace[]
      readonly problem: SourceProblem | null
    },
  ]
  'workflows.try': [
    request: { body: { document: DesignDocument; node: string; input?: unknown } },
    answer: TriedStep,
  ]
  'jobs.create': [
    request: { body: { type: string; input: unknown; options?: { tags?: string[] } } },
    answer: { readonly id: string },
  ]
  'jobs.get': [request: { params: { id: string } }, answer: JobSeen]
}

type Call = <Id extends keyof Operations>(
  id: Id,
  request: Operations[Id][0],
  options?: { readonly signal?: AbortSignal },
) => Promise<Operations[Id][1]>

/** @throws Problem */
export const ask = call as unknown as Call

export interface Opened {
  readonly document: DesignDocument | undefined
  /** The revision of the draft; 0 where there is none. */
  readonly revision: number
  /** The version that is deployed; 0 where none is. */
  readonly deployed: number
}

/** What there is of a workflow: its draft, else what is deployed. What the list says is not there is not asked for. */
export async function openWorkflow(id: string): Promise<Opened> {
  const { data } = await ask('workflows.list', {})
  const known = data.find((one) => one.id === id)
  const [draft, deployed] = await Promise.all([
    known?.draft ? orNothing(ask('workflows.draft', { params: { id } })) : undefined,
    known && known.version !== null
      ? orNothing(ask('workflows.get', { params: { id } }))
      : undefined,
  ])
  const document = draft?.draft?.document ?? deployed?.document
  return {
    document: document as DesignDocument | undefined,
    revision: draft?.draft?.revision ?? 0,
    deployed: deployed?.version ?? 0,
  }
}

/** @throws Problem unless it says that there is no such thing */
async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (asProblem(error).status === 404) return undefined
    throw error
  }
}
