// BullMQ's words for endings that are neither success nor failure, for the one file that speaks them.
export {
  DelayedError,
  UnrecoverableError,
  WaitingError,
  type BulkJobOptions,
  type JobJson,
  type JobsOptions,
} from 'bullmq'
