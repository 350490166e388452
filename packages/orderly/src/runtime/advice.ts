// What helps a job that has failed for good, by the code it failed with.
import type { ErrorCode } from '../primitives/errors.ts'

const ADVICE: Partial<Record<ErrorCode, string>> = {
  ORDERLY_HANDLER_FAILED:
    'Its handler threw an error; the fingerprint finds the others that were thrown at the same place. Correct that, then run it again.',
  ORDERLY_INPUT_INVALID:
    'Its input does not fit what its kind takes, and another attempt would not change that: run it again with another input.',
  ORDERLY_OUTPUT_INVALID:
    'Its handler returned what its kind does not declare. Correct the handler, then run it again.',
  ORDERLY_TIMEOUT:
    'Each attempt took longer than it may. Raise its timeout or make it do less, then run it again.',
  ORDERLY_DEADLINE:
    'It did not end in the time it had for all attempts. See why they failed or waited, then run it again.',
  ORDERLY_HEARTBEAT_MISSED:
    'Its handler showed no sign of life. See what it waits for, then run it again.',
  ORDERLY_EXPIRED:
    'It waited longer than it may for a worker. Add workers or raise its ttl, then run it again if it is still wanted.',
  ORDERLY_QUARANTINED:
    'It killed its workers. Find out what it does to its process before you run it again.',
  ORDERLY_CHECK_FAILED:
    'A check before or after its handler did not hold. Correct what the check looks at, then run it again.',
  ORDERLY_EVIDENCE_MISSING:
    'Its run left no evidence, which its kind must leave. Correct the handler, then run it again.',
  ORDERLY_EFFECT_UNSURE:
    'Nobody knows whether an effect that it began has happened. Look, and run it again only if it has not.',
  ORDERLY_SERVICE_UNAVAILABLE:
    'A service outside did not answer. See that it is up, then run it again.',
  ORDERLY_MAIL_NOT_SET:
    'It has a mail to send, and no mail server is set. Give ORDERLY_SMTP_URL and ORDERLY_MAIL_FROM, then run it again.',
  ORDERLY_MAIL_REFUSED:
    'The mail server refuses the mail. Correct the recipient, then run it again.',
  ORDERLY_SEAL_BROKEN:
    'What is stored of it was changed by somebody else. Find out who, and restore the row from a backup.',
  ORDERLY_SEAL_MISSING:
    'It was put into the queue unsealed, past Orderly. Find the program that did, and add the job anew.',
  ORDERLY_KEY_MISSING:
    'The key of its content is not there. Restore the keyring from its backup, then run it again.',
  ORDERLY_SHREDDED: 'The key of its content was destroyed on purpose: nobody can run it again.',
}

/** One or two sentences on what to do. */
export function adviceFor(code: string | null): string {
  return (
    ADVICE[(code ?? '') as ErrorCode] ??
    'See the code and the frames of its attempts for what was wrong, correct that, then run it again.'
  )
}
