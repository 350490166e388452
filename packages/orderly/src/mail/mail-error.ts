// A mail that was not sent: whether trying again makes sense, and whether it may have arrived all the same.
import { OrderlyError } from '../primitives/errors.ts'

/** A mail that no server took over. Neither message nor cause repeats what the server said: it may name a patient. */
export class MailError extends OrderlyError {
  override readonly name = 'MailError'
  /** Another try may succeed: the server said "later" (4xx), or could not be reached or signed in to. */
  readonly temporary: boolean
  /** The server's reply code, such as 450 or 550. Absent where it gave none. */
  readonly smtpCode: number | undefined
  /** The connection was lost without an answer: the server may have the mail. */
  readonly mayHaveArrived: boolean

  constructor(
    message: string,
    reason: { temporary: boolean; smtpCode: number | undefined; mayHaveArrived: boolean },
  ) {
    super(reason.temporary ? 'ORDERLY_MAIL_DEFERRED' : 'ORDERLY_MAIL_REFUSED', message)
    this.temporary = reason.temporary
    this.smtpCode = reason.smtpCode
    this.mayHaveArrived = reason.mayHaveArrived
  }
}

/** What nodemailer says of a failure. */
interface Failure {
  readonly code?: string
  readonly responseCode?: number
  /** What the system or TLS called it. */
  readonly originalCode?: string
  /** What the server said to each recipient, where it refused all of them. */
  readonly rejectedErrors?: readonly Failure[]
}

/** Failures of a step that comes before any mail is handed over. */
const BEFORE_MAIL = new Set([
  'EDNS',
  'ETLS',
  'EREQUIRETLS',
  'EAUTH',
  'ENOAUTH',
  'EPROXY',
  'ECONFIG',
])

/** What OpenSSL and Node call a certificate that is not trusted. */
const CERTIFICATE = /CERT|^ERR_TLS|^ERR_SSL|^HOSTNAME_MISMATCH$|^UNABLE_TO/

/**
 * The refusal of a person or a message is for good (RFC 5321, 4.2.1); anything about the way to the server passes.
 *
 * @param reached whether the line that ends the mail may have been sent; without it no server delivers
 */
export function mailErrorOf(
  cause: unknown,
  { isEnded }: { readonly isEnded: boolean } = { isEnded: false },
): MailError {
  const failure = (cause instanceof Error ? cause : {}) as Failure
  const { code = 'unknown', responseCode: smtpCode } = failure
  if (BEFORE_MAIL.has(code) || CERTIFICATE.test(failure.originalCode ?? '')) {
    // Postfix defers on these too: the mail is sound, and an operator can mend the way.
    return new MailError(
      `the mail server cannot be used (${code}); check ORDERLY_SMTP_URL, its certificate and its password`,
      { temporary: true, smtpCode, mayHaveArrived: false },
    )
  }
  if (smtpCode !== undefined && smtpCode > 0) {
    // One recipient who may be taken later is reason enough to try again.
    const replies = [failure, ...(failure.rejectedErrors ?? [])]
    const temporary = replies.some(({ responseCode = 500 }) => responseCode < 500)
    return new MailError(
      temporary
        ? `the mail server asks to try again later (${smtpCode})`
        : `the mail server refuses the mail for good (${smtpCode}); correct the recipient or the message`,
      { temporary, smtpCode, mayHaveArrived: false },
    )
  }
  if (code === 'EENVELOPE' || code === 'EMESSAGE') {
    return new MailError(`the mail cannot be sent as it is (${code}); correct the message`, {
      temporary: false,
      smtpCode: undefined,
      mayHaveArrived: false,
    })
  }
  return new MailError(`the connection to the mail server failed (${code})`, {
    temporary: true,
    smtpCode: undefined,
    mayHaveArrived: isEnded,
  })
}
