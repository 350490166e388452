/** Owns every error this package creates: its own, and the ones BullMQ's callers know by code. */
import { UnrecoverableError } from 'bullmq'

/** Why a file could not be used, in a word. */
export type BullmqSqliteErrorCode =
  | 'BULLMQ_SQLITE_BAD_CONNECTION'
  | 'BULLMQ_SQLITE_CONFLICTING_OPTIONS'
  | 'BULLMQ_SQLITE_FOREIGN_FILE'
  | 'BULLMQ_SQLITE_NEWER_SCHEMA'
  | 'BULLMQ_SQLITE_OLD_SQLITE'
  | 'BULLMQ_SQLITE_NETWORK_FILESYSTEM'
  | 'BULLMQ_SQLITE_NO_WAL'
  | 'BULLMQ_SQLITE_NOT_DURABLE'
  | 'BULLMQ_SQLITE_CANNOT_OPEN'
  | 'BULLMQ_SQLITE_FILE_GONE'
  | 'BULLMQ_SQLITE_BUSY'

/** A refusal by this package; the message says what to do. */
export class BullmqSqliteError extends Error {
  readonly code: BullmqSqliteErrorCode

  constructor(code: BullmqSqliteErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'BullmqSqliteError'
    this.code = code
  }
}

/** The numbers BullMQ gives to operations that were refused. */
export const Refused = {
  jobMissing: -1,
  lockMissing: -2,
  notInState: -3,
  pendingChildren: -4,
  parentMissing: -5,
  lockMismatch: -6,
  parentCannotBeReplaced: -7,
  belongsToScheduler: -8,
  failedChildren: -9,
  schedulerJobIdCollision: -10,
  schedulerSlotsBusy: -11,
} as const

interface Refusal {
  code: number
  command: string
  jobId?: string | undefined
  parentKey?: string | undefined
  state?: string | undefined
}

// Programs match on these texts, so they must be the ones every BullMQ backend uses.
function refusalText({ code, command, jobId, parentKey, state }: Refusal): string {
  switch (code) {
    case Refused.jobMissing:
      return `Missing key for job ${jobId}. ${command}`
    case Refused.lockMissing:
      return `Missing lock for job ${jobId}. ${command}`
    case Refused.notInState:
      return `Job ${jobId} is not in the ${state} state. ${command}`
    case Refused.pendingChildren:
      return `Job ${jobId} has pending dependencies. ${command}`
    case Refused.parentMissing:
      return `Missing key for parent job ${parentKey}. ${command}`
    case Refused.lockMismatch:
      return `Lock mismatch for job ${jobId}. Cmd ${command} from ${state}`
    case Refused.parentCannotBeReplaced:
      return `The parent job ${parentKey} cannot be replaced. ${command}`
    case Refused.belongsToScheduler:
      return `Job ${jobId} belongs to a job scheduler and cannot be removed directly. ${command}`
    case Refused.failedChildren:
      return `Cannot complete job ${jobId} because it has at least one failed child. ${command}`
    case Refused.schedulerJobIdCollision:
      return `Cannot create job scheduler iteration - job ID already exists. ${command}`
    case Refused.schedulerSlotsBusy:
      return `Cannot create job scheduler iteration - current and next time slots already have jobs. ${command}`
    default:
      return `Unknown code ${code} error for ${jobId}. ${command}`
  }
}

/** Turns a refusal into the error BullMQ's callers expect, its number in `code`. */
export function refusal(refused: Refusal): Error & { code: number } {
  const text = refusalText(refused)
  const error =
    refused.code === Refused.failedChildren ? new UnrecoverableError(text) : new Error(text)
  return Object.assign(error, { code: refused.code })
}

/** What BullMQ takes for a connection that was closed on purpose, and does not report. */
export function connectionClosed(): Error {
  return new Error('Connection is closed.')
}

/** Whether SQLite said that another process holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && (code.startsWith('SQLITE_BUSY') || code === 'SQLITE_LOCKED')
}
