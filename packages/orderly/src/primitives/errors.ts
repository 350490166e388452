// Every error Orderly raises on purpose: one class, one table of codes.

/** What each code means and what the reader can do about it. `docs/reference/errors.md` is checked against this table. */
export const ERRORS = {
  ORDERLY_DEFINITION_INVALID: 'A job, queue or pack is declared in a way that cannot work.',
  ORDERLY_INPUT_INVALID: 'The input of a job does not fit its schema.',
  ORDERLY_OUTPUT_INVALID: 'A handler returned something that does not fit the output schema.',
  ORDERLY_JOB_UNKNOWN: 'No job of this name is registered here.',
  ORDERLY_HANDLER_MISSING: 'A registered job has no handler in a process that runs workers.',
  ORDERLY_TIMEOUT: 'A handler ran longer than its job allows.',
  ORDERLY_CANCELLED: 'The attempt was cancelled.',
  ORDERLY_LOCK_LOST: 'The attempt lost its lock; another worker may run the job.',
  ORDERLY_CLOSED: 'The instance is closed or closing.',
  ORDERLY_SETTING_INVALID: 'A setting has a value that cannot be used.',
  ORDERLY_ENGINE_UNAVAILABLE: 'The queue store cannot be opened or reached.',
  ORDERLY_DATABASE_UNAVAILABLE: 'The database cannot be opened or reached.',
  ORDERLY_MIGRATION_FAILED: 'A database migration did not complete.',
} as const

export type ErrorCode = keyof typeof ERRORS

/** An error with a code. Its message says what to do next and never holds a value of a payload. */
export class OrderlyError extends Error {
  override readonly name: string = 'OrderlyError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
