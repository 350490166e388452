// Sends mail through an SMTP server, over connections that are kept and used again.
import { pipeline, Transform } from 'node:stream'
import { callbackify } from 'node:util'
import { createTransport, type SMTPPoolOptions } from 'nodemailer'
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { namesOf, refuseUnknown } from '../primitives/known-names.ts'
import { mailErrorOf } from './mail-error.ts'
import { checkMessage, mailboxOf, type Mailbox, type MailMessage } from './message.ts'

export interface RejectedRecipient {
  readonly address: string
  /** The server's reply code. */
  readonly smtpCode: number | undefined
  /** Another try may succeed. */
  readonly temporary: boolean
}

export interface MailReceipt {
  /** Addresses the server took the mail over for; at least one. */
  readonly accepted: readonly string[]
  readonly rejected: readonly RejectedRecipient[]
  /** In angle brackets, as it stands in the mail. */
  readonly messageId: string
  /** What the server said, 500 characters at most. It may name a recipient: not for logs. */
  readonly response: string
}

export interface SendOptions {
  readonly beforeEnd?: () => Promise<void>
}

export interface Mailer {
  /** The sender of mails that name none. */
  readonly from: string
  /**
   * Hands a mail over to the server, which answers for it from then on.
   *
   * @param options `beforeEnd` is asked once, when all of the mail but the line that ends it was sent: until that line no
   *   server delivers a mail (RFC 5321, 4.1.1.10), whatever becomes of sender or connection. So what it writes down tells
   *   mails that were surely not sent from those that may have been. When it rejects, the mail is not sent
   * @throws what `beforeEnd` rejects with
   * @throws MailError `ORDERLY_MAIL_DEFERRED` when another try may succeed, `ORDERLY_MAIL_REFUSED` when none will
   * @throws OrderlyError `ORDERLY_INPUT_INVALID`, `ORDERLY_PAYLOAD_TOO_LARGE` before the server is asked
   */
  send(message: MailMessage, options?: SendOptions): Promise<MailReceipt>
  /**
   * Connects and signs in, and sends nothing.
   *
   * @throws MailError `ORDERLY_MAIL_DEFERRED`
   */
  verify(): Promise<void>
  close(): Promise<void>
}

export interface MailerOptions {
  /** `smtp://user:password@host:587` or `smtps://host`. */
  readonly url: string
  readonly from: string
  readonly clock: Clock
  /** Send through a server on another machine although the connection to it is not encrypted. */
  readonly allowPlaintext?: boolean
  /** Certificates to trust beside the system's, in PEM. */
  readonly ca?: string
  /** Connections at a time. 5 unless told. */
  readonly connections?: number
  /** Milliseconds a step of the conversation may take. 30,000 unless told. */
  readonly timeout?: number
}

const OPEN = namesOf<MailerOptions>({
  url: true,
  from: true,
  clock: true,
  allowPlaintext: true,
  ca: true,
  connections: true,
  timeout: true,
})
const SEND = namesOf<SendOptions>({ beforeEnd: true })

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/
const CONNECT_MS = 10_000
const STEP_MS = 30_000
const LONGEST_RESPONSE = 500
/** A connection is renewed after as many mails, as servers expect. */
const MAILS_PER_CONNECTION = 100

/**
 * Opens a mailer. It connects when the first mail is sent.
 *
 * @throws OrderlyError `ORDERLY_SETTING_INVALID`
 */
export function openMailer(options: MailerOptions): Mailer {
  refuseUnknown('openMailer', options ?? null, OPEN, 'ORDERLY_DEFINITION_INVALID')
  const { clock, timeout = STEP_MS } = options
  const server = serverOf(options)
  const sender = mailboxOf(options.from, 'ORDERLY_MAIL_FROM')
  const settings: SMTPPoolOptions & { pool: true } = {
    ...server,
    pool: true,
    maxConnections: options.connections ?? 5,
    maxMessages: MAILS_PER_CONNECTION,
    // It would send again what may have arrived. Who asked for the mail decides that.
    maxRequeues: 0,
    connectionTimeout: Math.min(CONNECT_MS, timeout),
    greetingTimeout: timeout,
    socketTimeout: timeout,
    dnsTimeout: Math.min(CONNECT_MS, timeout),
    tls: { minVersion: 'TLSv1.2', ...(options.ca === undefined ? {} : { ca: options.ca }) },
    // A path or a URL in a message is never followed.
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  }
  const transport = createTransport(settings)
  transport.use('stream', (mail, done) => {
    const { gate } = mail.data as { readonly gate?: Transform }
    // The last of all stages, so that nothing behind it reads on before the server asks for the mail.
    if (gate) mail.message.processFunc((content) => pipeline(content, gate, () => undefined))
    done()
  })
  // What fails between two mails is told to whoever sends the next one.
  transport.on('error', () => undefined)
  let isClosed = false
  return {
    from: options.from,
    async send(message, options = {}) {
      refuseUnknown('send', options, SEND)
      const { beforeEnd } = options
      if (isClosed)
        throw new OrderlyError('ORDERLY_CLOSED', 'this mailer is closed; open a new one')
      const checked = checkMessage(message)
      const end = gateOf(beforeEnd)
      try {
        const mail = {
          gate: end.gate,
          from: boxOf(checked.from ?? sender),
          ...(checked.replyTo ? { replyTo: boxOf(checked.replyTo) } : {}),
          to: checked.to.map(boxOf),
          cc: checked.cc.map(boxOf),
          bcc: checked.bcc.map(boxOf),
          subject: message.subject,
          text: message.text,
          ...(message.html === undefined ? {} : { html: message.html }),
          attachments: (message.attachments ?? []).map(({ content, ...rest }) => ({
            ...rest,
            content: typeof content === 'string' ? content : Buffer.from(content),
          })),
          messageId: checked.messageId,
          date: new Date(clock.now()),
          xMailer: false as const,
          headers: { ...message.headers },
        }
        const sent = await transport.sendMail(mail)
        return {
          accepted: sent.accepted,
          rejected: sent.rejected.map((address) => {
            const why = sent.rejectedErrors?.find(({ recipient }) => recipient === address)
            const smtpCode = why?.responseCode
            return { address, smtpCode, temporary: smtpCode !== undefined && smtpCode < 500 }
          }),
          messageId: checked.messageId,
          response: sent.response.slice(0, LONGEST_RESPONSE),
        }
      } catch (cause) {
        if (end.refusal !== undefined) throw end.refusal.cause
        throw mailErrorOf(cause, { isEnded: end.isReached })
      }
    },
    async verify() {
      try {
        await transport.verify()
      } catch (cause) {
        throw mailErrorOf(cause)
      }
    },
    async close() {
      isClosed = true
      transport.close()
    },
  }
}

/** Lets a mail through as it is, and holds back its end until that has been written down. */
function gateOf(beforeEnd: SendOptions['beforeEnd']) {
  const state: {
    gate: Transform
    /** The line that ends the mail may have been sent. */
    isReached: boolean
    refusal: { readonly cause: unknown } | undefined
  } = {
    gate: new Transform({
      // It takes no more than is asked for: its end is reached when the server has read all of the mail.
      readableHighWaterMark: 1,
      transform: (chunk, _encoding, done) => done(null, chunk),
      flush: callbackify(async () => {
        try {
          await beforeEnd?.()
          state.isReached = true
        } catch (cause) {
          state.refusal = { cause }
          throw cause
        }
      }),
    }),
    isReached: false,
    refusal: undefined,
  }
  return state
}

function boxOf({ name, address }: Mailbox): Mailbox {
  return { name, address }
}

/** Where to connect, and whether the connection must be encrypted. */
function serverOf({ url, allowPlaintext = false }: MailerOptions) {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !/^smtps?:$/.test(parsed.protocol) || parsed.hostname === '') {
    throw new OrderlyError(
      'ORDERLY_SETTING_INVALID',
      'ORDERLY_SMTP_URL must be of the form smtp://user:password@host:port or smtps://…; special characters in a password must be percent-encoded',
    )
  }
  const secure = parsed.protocol === 'smtps:'
  const isLocal = LOOPBACK.test(parsed.hostname)
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? (secure ? 465 : 587) : Number(parsed.port),
    secure,
    requireTLS: !secure && !isLocal && !allowPlaintext,
    // A relay on this machine usually has a certificate that nobody signed, and nothing on the way to protect.
    ignoreTLS: !secure && isLocal,
    ...(parsed.username === ''
      ? {}
      : {
          auth: {
            user: decodeURIComponent(parsed.username),
            pass: decodeURIComponent(parsed.password),
          },
        }),
  }
}
