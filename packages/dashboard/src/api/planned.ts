// Operations that pages already speak of and the client does not know yet. Each goes when its area is there.
import type { JsonSchema } from '../parts/json-schema.ts'
import type { PackList, PackPageAnswer } from './answers.ts'

type Id = { params: { id: string } }
type Name = { params: { name: string } }

export interface JobTypeRow {
  name: string
  type: string
  queue: string
  version: number
  phi: boolean
  handled: boolean
  critical: boolean
  schedule: string | null
}

export interface Planned {
  'session.get': {
    request: {}
    response: {
      actor: { id: string; name: string; kind: string; roles: string[] } | null
      permissions: string[]
      environment: string
    }
  }
  'session.create': {
    request: { body: { name: string; password: string; code?: string } }
    response: unknown
  }
  'session.end': { request: {}; response: unknown }
  'setup.complete': {
    request: { body: { token: string; name: string; password: string } }
    response: unknown
  }
  'packs.list': { request: {}; response: PackList }
  'packs.page': {
    request: { params: { pack: string; page: string }; query?: Record<string, string> }
    response: PackPageAnswer
  }
  'notifications.unread': { request: {}; response: { unread: number } }
  'jobs.complete': {
    request: { query: { text: string } }
    response: { data: { text: string; kind: string; count?: number | null }[] }
  }
  'jobs.explain': { request: Id; response: Explanation }
  'jobs.logs': {
    request: Id
    response: { lines: { at?: number | null; level?: string; text: string }[] }
  }
  'jobs.evidence': { request: Id; response: { data: RunEvidence[] } }
  'jobs.reveal': { request: Id & { body: RevealBody }; response: { value: unknown } }
  'types.list': { request: {}; response: { data: JobTypeRow[] } }
  'types.get': { request: Name; response: JobTypeDetail }
  'types.validate': {
    request: Name & { body: { input: unknown } }
    response: { valid: boolean; errors: { pointer: string; code: string; message: string }[] }
  }
  'metrics.list': {
    request: { query?: { queue?: string; name?: string; last?: string; step?: number } }
    response: { data: { at: number; completed: number; failed: number; retried: number }[] }
  }
  'audit.list': {
    request: { query?: Record<string, string | number | undefined> }
    response: { data: AuditEntry[]; page: { next: string | null } }
  }
}

export interface JobTypeDetail extends JobTypeRow {
  attempts: number
  timeout: number
  priority: number
  retention: { completed: number; failed: number }
  searchable: string[]
  paused: string | null
  inputSchema: JsonSchema | null
  outputSchema: JsonSchema | null
  inputFields: { path: string; kind: string }[]
  outputFields: { path: string; kind: string }[]
  example: unknown
}

export interface RevealBody {
  part: string
  path?: string
  purpose: string
  reason: string
}

export interface Explanation {
  cause: string
  sentence: string
  proof?: Record<string, unknown> | null
  action?: { label: string; link?: string } | null
}

export interface RunEvidence {
  run: number
  outcome: string
  checks: { name: string; passed: boolean }[]
  attached: string[]
  input_commitment: string
  code_version: string
}

export interface AuditEntry {
  index: number
  at: number
  actor: string
  action: string
  outcome: string
  target: string | null
  reason: string | null
}
