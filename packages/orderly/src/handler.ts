// The public names that a handler's module and its job need, without stores: with only these a process starts in a blink.
export { custom, exponential, fixed, type Backoff } from './job/backoff.ts'
export type { JobContext, OnceOptions, Services } from './job/context.ts'
export { defineJob, type JobDefinition, type JobSpec } from './job/define-job.ts'
export type { Check, EvidenceCollector } from './job/evidence.ts'
export {
  BadInputError,
  ExternalError,
  JobFault,
  RefusedError,
  type FaultKind,
  type FaultOptions,
} from './job/faults.ts'
export { handle, type Handler, type HandlerChecks, type HandlerFunction } from './job/handler.ts'
export type { Logger } from './job/logger.ts'
export { cancel, fail, retryAfter, snooze } from './job/outcome.ts'
export type { Accepted, Parsed, Schema } from './job/schema.ts'
export { OrderlyError, type ErrorCode } from './primitives/errors.ts'
export { clear, phi, type PhiKind } from './vault/phi.ts'
