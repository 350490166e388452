// Types of the API's job types. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { PhiField } from './jobs.ts'

export interface JobTypes {
  data: JobType[]
}
export interface JobType {
  name: string
  /** As reports and configurations name it. */
  type: string
  queue: string
  version: number
  phi: boolean
  /** Whether this process has a handler for it. */
  handled: boolean
  critical: boolean
  /** The cron expression its definition declares. */
  schedule: string | null
}
export interface JobTypeDetail {
  name: string
  /** As reports and configurations name it. */
  type: string
  queue: string
  version: number
  phi: boolean
  /** Whether this process has a handler for it. */
  handled: boolean
  critical: boolean
  /** The cron expression its definition declares. */
  schedule: string | null
  attempts: number
  /** Milliseconds. */
  timeout: number
  priority: number
  retention: {
    completed: number
    failed: number
  }
  searchable: string[]
  /** Why it rests, where it does. */
  paused: string | null
  /** JSON Schema; null where the definition’s schema cannot be looked into. */
  inputSchema: unknown
  outputSchema: unknown
  inputFields: PhiField[]
  outputFields: PhiField[]
  /** An input that was made up to fit. */
  example: unknown
}
export interface TypePaused {
  paused: boolean
}
export interface TypeResumed {
  wasPaused: boolean
}
export interface Validity {
  valid: boolean
  errors: {
    pointer: string
    code: string
    message: string
  }[]
}
