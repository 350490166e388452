// Every error Orderly raises on purpose: one class, one table of codes.

/** What each code means and what the reader can do about it. `docs/reference/errors.md` is checked against this table. */
export const ERRORS = {
  ORDERLY_DEFINITION_INVALID: 'A job, queue or pack is declared in a way that cannot work.',
  ORDERLY_INPUT_INVALID: 'The input of a job does not fit its schema.',
  ORDERLY_OUTPUT_INVALID: 'A handler returned what does not fit the output schema, or is no JSON.',
  ORDERLY_JOB_UNKNOWN: 'No job of this name is registered here.',
  ORDERLY_HANDLER_MISSING: 'A registered job has no handler in a process that runs workers.',
  ORDERLY_TIMEOUT: 'A handler ran longer than its job allows.',
  ORDERLY_CANCELLED: 'The attempt was cancelled.',
  ORDERLY_LOCK_LOST: 'The attempt is over, or lost its lock and another worker may run the job.',
  ORDERLY_CLOSED: 'The instance is closed or closing.',
  ORDERLY_SETTING_INVALID: 'A setting has a value that cannot be used.',
  ORDERLY_ENGINE_UNAVAILABLE: 'The queue store cannot be opened or reached.',
  ORDERLY_DATABASE_UNAVAILABLE: 'The database cannot be opened or reached.',
  ORDERLY_MIGRATION_FAILED: 'A database migration did not complete.',
  ORDERLY_HANDLER_FAILED: 'A handler threw an error; the whole of it is under seal in the record.',
  ORDERLY_KEYRING_INVALID: 'The keyring is missing, malformed, or readable by others.',
  ORDERLY_KEY_MISSING: 'The key that opens a value is not in the keyring or the database.',
  ORDERLY_KEY_UNAVAILABLE: 'Keys cannot be reached now; work goes on when they can.',
  ORDERLY_SEAL_BROKEN: 'A sealed value was changed, moved, or sealed under another key.',
  ORDERLY_SEAL_MISSING: 'A value in a queue that holds PHI is not sealed.',
  ORDERLY_SHREDDED: 'The key of a value was destroyed on purpose.',
  ORDERLY_FORBIDDEN: 'This process or person may not do that.',
  ORDERLY_ID_LOOKS_LIKE_PHI: 'An id, key or tag that is stored in the clear looks like PHI.',
  ORDERLY_TRANSACTION_INVALID: 'The transaction given to enqueue cannot be written through.',
  ORDERLY_STORE_UNSAFE: 'A queue store is set up so that it would lose jobs.',
  ORDERLY_NOT_SUPPORTED: 'The queue store in use cannot do this.',
  ORDERLY_DUPLICATE:
    'A job of the same unique key is there already, and the second was to be refused.',
  ORDERLY_IDEMPOTENCY_CONFLICT: 'The idempotency key was used for another input.',
  ORDERLY_QUEUE_FULL: 'As many jobs wait as the queue may hold.',
  ORDERLY_OVERLOADED: 'This process or its store has no room for more; try again later.',
  ORDERLY_EXPIRED: 'The job waited longer than it may for its first attempt.',
  ORDERLY_DEADLINE: 'The job did not end in the time it had for all its attempts.',
  ORDERLY_HEARTBEAT_MISSED: 'The handler showed no sign of life for too long.',
  ORDERLY_EFFECT_BUSY: 'Another job is doing what may be done once only.',
  ORDERLY_EFFECT_UNSURE: 'An earlier attempt began an effect and nobody knows whether it happened.',
  ORDERLY_CHECK_FAILED: 'A check before or after the handler did not hold.',
  ORDERLY_EVIDENCE_MISSING: 'The job must leave evidence, and its run left none.',
  ORDERLY_SERVICE_UNAVAILABLE:
    'Calls to an outside service are held back: it fails, or its limit is used up.',
  ORDERLY_WAIT_TIMEOUT: 'The job had not ended when its caller stopped waiting.',
  ORDERLY_JOB_FAILED: 'The job that a caller waited for failed.',
  ORDERLY_NOT_FOUND: 'There is no such job, or its content is gone.',
  ORDERLY_QUARANTINED: 'The job killed its workers too often and is not run again by itself.',
  ORDERLY_OBJECTS_UNAVAILABLE:
    'The object store cannot be read or written, or holds damaged bytes.',
  ORDERLY_OBJECT_REFUSED:
    'The key, metadata or content type of an object is none that may be stored.',
  ORDERLY_ADDRESS_REFUSED: 'A URL leads to an address inside a private network.',
  ORDERLY_SIGNATURE_INVALID: 'The signature of a message is missing, wrong, or too old.',
  ORDERLY_MAIL_DEFERRED: 'The mail server cannot take a mail now; trying again may succeed.',
  ORDERLY_MAIL_NOT_SET: 'A job has a mail to send, and no mail server is set.',
  ORDERLY_MAIL_REFUSED: 'The mail server refuses a mail for good.',
  ORDERLY_LEDGER_UNAVAILABLE: 'The audit log cannot be written, and what must be on it is refused.',
  ORDERLY_LEDGER_BROKEN: 'The audit log was changed, or a part of it is gone.',
  ORDERLY_SIGN_IN_FAILED: 'Name, password, code or key do not fit.',
  ORDERLY_STEP_UP_NEEDED: 'The sign-in is too old for this; it must be shown again who asks.',
  ORDERLY_RUN_STATE: 'A workflow run stands so that this cannot be done with it.',
  ORDERLY_RUN_TOO_LARGE: 'A workflow run would hold more than one may.',
  ORDERLY_PAYLOAD_TOO_LARGE: 'A value is larger than a job may carry.',
  ORDERLY_REQUEST_INVALID: 'A request to the API does not fit its operation.',
  ORDERLY_UNAUTHENTICATED: 'The API does not know who asks.',
  ORDERLY_CONFLICT: 'Something is not in a state for what was asked of it.',
  ORDERLY_CHANGED_MEANWHILE: 'Somebody else has changed it since it was read.',
  ORDERLY_TOO_MANY_REQUESTS: 'One caller asked the API too often.',
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
