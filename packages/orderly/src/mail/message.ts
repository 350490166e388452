// What a mail is made of, and what is refused before a server hears of it.
import { OrderlyError } from '../primitives/errors.ts'
import { namesOf, refuseUnknown } from '../primitives/known-names.ts'

export interface MailAttachment {
  readonly filename: string
  readonly contentType: string
  readonly content: Uint8Array | string
  /** Names it for `cid:` links in the HTML. */
  readonly cid?: string
}

export interface MailMessage {
  /** `jane@example.org` or `Jane Roe <jane@example.org>`. */
  readonly to: string | readonly string[]
  readonly cc?: string | readonly string[]
  readonly bcc?: string | readonly string[]
  readonly replyTo?: string
  /** The mailer's own sender unless told. */
  readonly from?: string
  readonly subject: string
  readonly text: string
  readonly html?: string
  readonly attachments?: readonly MailAttachment[]
  /**
   * `<local>@<domain>`, with or without angle brackets. The caller derives it from what the mail is about, so that the
   * same mail sent again has the same id, and whoever receives both sees one.
   */
  readonly messageId: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Mailbox {
  readonly name: string
  readonly address: string
}

const MESSAGE = namesOf<MailMessage>({
  to: true,
  cc: true,
  bcc: true,
  replyTo: true,
  from: true,
  subject: true,
  text: true,
  html: true,
  attachments: true,
  messageId: true,
  headers: true,
})
const ATTACHMENT = namesOf<MailAttachment>({
  filename: true,
  contentType: true,
  content: true,
  cid: true,
})
const MOST_RECIPIENTS = 100
const LONGEST_ADDRESS = 320
const LONGEST_SUBJECT = 998
const LONGEST_HEADER = 4_000
const MOST_HEADERS = 50
const MOST_ATTACHMENTS = 50
const MOST_BYTES = 25 * 1024 * 1024

const MAILBOX = /^(?:(?<name>[^<>]*?)\s*<(?<inner>[^<>]+)>|(?<bare>[^<>\s]+))$/
/** A dot-atom (RFC 5322, 3.2.3), letters of other scripts included, at a domain. Quoted local parts are not taken. */
const ADDRESS =
  /^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?$/u
const MESSAGE_ID = /^<?([!#$%&'*+/=?^_`{|}~.\w-]+@[\w.-]+)>?$/
const HEADER_NAME = /^[A-Za-z][A-Za-z0-9-]{0,75}$/
/** Characters that could end a header and begin another. */
const CONTROL = /\p{Cc}/u
/** Headers that the mailer writes itself. */
const OWN = /^(from|to|cc|bcc|sender|reply-to|subject|date|message-id|mime-version|content-.*)$/i

/** @throws OrderlyError `ORDERLY_INPUT_INVALID` naming the field, never its value */
export function mailboxOf(text: string, field: string): Mailbox {
  const match =
    text.length <= LONGEST_ADDRESS && !CONTROL.test(text) ? MAILBOX.exec(text.trim()) : null
  const address = match?.groups?.['inner']?.trim() ?? match?.groups?.['bare'] ?? ''
  if (!ADDRESS.test(address)) {
    throw invalid(
      `${field} holds no mail address; write it as name@example.org or Name <name@example.org>`,
    )
  }
  return { name: (match?.groups?.['name'] ?? '').replace(/^"(.*)"$/, '$1'), address }
}

export interface CheckedMessage {
  readonly from: Mailbox | undefined
  readonly replyTo: Mailbox | undefined
  readonly to: readonly Mailbox[]
  readonly cc: readonly Mailbox[]
  readonly bcc: readonly Mailbox[]
  /** In angle brackets. */
  readonly messageId: string
}

/**
 * Reads addresses and id of a message, and refuses what could smuggle a header in or is out of bounds.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` naming the field, never its value
 */
export function checkMessage(message: MailMessage): CheckedMessage {
  refuseUnknown('a mail', message ?? null, MESSAGE)
  for (const attachment of message.attachments ?? [])
    refuseUnknown('a mail: an attachment', attachment ?? null, ATTACHMENT)
  const { subject, text, html = '', messageId } = message
  for (const [field, given] of Object.entries({ subject, text, html, messageId }))
    if (typeof given !== 'string') throw invalid(`${field} is a text`)
  const [to, cc, bcc] = (['to', 'cc', 'bcc'] as const).map((field) =>
    listOf(field, message[field]).map((given) => mailboxOf(given, field)),
  ) as [Mailbox[], Mailbox[], Mailbox[]]
  const recipients = to.length + cc.length + bcc.length
  if (recipients === 0) throw invalid('the mail has no recipient; give at least one in to')
  if (recipients > MOST_RECIPIENTS)
    throw invalid(`the mail has more than ${MOST_RECIPIENTS} recipients; send it in parts`)
  if (CONTROL.test(subject) || subject.length > LONGEST_SUBJECT)
    throw invalid(`subject must be one line of at most ${LONGEST_SUBJECT} characters`)
  const id = MESSAGE_ID.exec(messageId)?.[1]
  if (id === undefined || id.length > LONGEST_SUBJECT - 2)
    throw invalid('messageId must be of the form local@domain')
  checkHeaders(message.headers ?? {})
  checkSize(message)
  return {
    from: message.from === undefined ? undefined : mailboxOf(message.from, 'from'),
    replyTo: message.replyTo === undefined ? undefined : mailboxOf(message.replyTo, 'replyTo'),
    to,
    cc,
    bcc,
    messageId: `<${id}>`,
  }
}

function checkHeaders(headers: Readonly<Record<string, string>>): void {
  const entries = Object.entries(headers)
  if (entries.length > MOST_HEADERS) throw invalid(`headers must be at most ${MOST_HEADERS}`)
  for (const [name, value] of entries) {
    if (!HEADER_NAME.test(name)) throw invalid('headers has a name that is none')
    if (OWN.test(name)) throw invalid(`headers sets "${name}", which has a field of its own`)
    if (CONTROL.test(value) || value.length > LONGEST_HEADER)
      throw invalid(`headers: "${name}" must be one line of at most ${LONGEST_HEADER} characters`)
  }
}

function checkSize({ text, html = '', attachments = [] }: MailMessage): void {
  if (attachments.length > MOST_ATTACHMENTS)
    throw invalid(`attachments must be at most ${MOST_ATTACHMENTS}`)
  for (const { filename, contentType, cid = '' } of attachments)
    if (CONTROL.test(filename + contentType + cid))
      throw invalid('attachments: filename, contentType and cid must be one line each')
  const bytes = [text, html, ...attachments.map(({ content }) => content)].reduce(
    (sum, part) => sum + Buffer.byteLength(part),
    0,
  )
  if (bytes > MOST_BYTES)
    throw new OrderlyError(
      'ORDERLY_PAYLOAD_TOO_LARGE',
      `the mail is larger than ${MOST_BYTES} bytes; send a link to what it carries`,
    )
}

function listOf(field: string, value: string | readonly string[] | undefined): readonly string[] {
  const list: readonly string[] | undefined = typeof value === 'string' ? [value] : value
  if (list === undefined) return []
  if (Array.isArray(list) && list.every((one) => typeof one === 'string')) return list
  throw invalid(`${field} is a mail address, or a list of them`)
}

function invalid(message: string): OrderlyError {
  return new OrderlyError('ORDERLY_INPUT_INVALID', message)
}
