// The public names that a handler's module needs, without the rest: a thread or process with only these starts in a blink.
export type { JobContext, OnceOptions, Services } from './job/context.ts'
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
export { OrderlyError, type ErrorCode } from './primitives/errors.ts'
