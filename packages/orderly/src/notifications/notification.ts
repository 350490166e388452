// What people can be told, and what is refused before anybody is.
import { milliseconds, spanOf, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { isText, namesOf, refuseUnknown } from '../primitives/known-names.ts'

export type NotificationPriority = 'low' | 'medium' | 'high' | 'urgent'

export const PRIORITIES: readonly NotificationPriority[] = ['low', 'medium', 'high', 'urgent']

export interface NotificationRequest {
  /** Users' ids, or topics: `#everyone`, `#role/operator`, or one that users choose, such as `#lab`. */
  readonly to: string | readonly string[]
  /** What it is about: told again under one key, a recipient is told once. */
  readonly key: string
  /** What kind it is, such as `order-shipped`; users can mute it. */
  readonly kind: string
  /** Shown on lists, in mails and on lock screens: without PHI. */
  readonly title: string
  /** Without PHI. */
  readonly body?: string
  /** `medium` unless told. `urgent` is mailed in quiet hours too. */
  readonly priority?: NotificationPriority
  /** Where it leads: a path such as `/orders/17`, or an https URL. Without PHI. */
  readonly link?: string
  /** JSON that only its recipients see, and that may hold PHI: stored sealed. 16 KiB at most. */
  readonly detail?: unknown
  /** How long it is kept. 90 days unless told, a year at most. */
  readonly expiresIn?: Duration
  readonly tenant?: string
}

/** A notification as its reader sees it on a list. Times are milliseconds since 1970 UTC. */
export interface Notification {
  readonly id: string
  readonly to: string
  readonly kind: string
  readonly priority: NotificationPriority
  readonly title: string
  readonly body: string
  readonly link: string | null
  /** Whether there is more to it that is opened one by one. */
  readonly hasDetail: boolean
  readonly createdAt: number
  readonly expiresAt: number
  readonly readAt: number | null
}

export interface CheckedNotification {
  readonly recipients: readonly string[]
  readonly key: string
  readonly kind: string
  readonly priority: NotificationPriority
  readonly title: string
  readonly body: string
  readonly link: string | null
  readonly detail: string | null
  /** Milliseconds. */
  readonly lifetime: number
  readonly tenant: string
}

const REQUEST = namesOf<NotificationRequest>({
  to: true,
  key: true,
  kind: true,
  title: true,
  body: true,
  priority: true,
  link: true,
  detail: true,
  expiresIn: true,
  tenant: true,
})
const RECIPIENT = /^#?[A-Za-z0-9][\w.:/-]{0,127}$/
const KEY = /^[\w.:/#-]{1,200}$/
const KIND = /^[a-z0-9][a-z0-9.-]{0,63}$/
const MOST_RECIPIENTS = 1_000
const LONGEST_TITLE = 200
const LONGEST_BODY = 1_000
const LONGEST_LINK = 500
const MOST_DETAIL_BYTES = 16_384
const LONGEST_LIFE_MS = milliseconds('366d')

/** Shapes that a text in the clear must not have. */
const SPEAKING = [/[^\s@]+@[^\s@]+\.[a-z]{2,}/i, /\b\d{3}-\d{2}-\d{4}\b/]

/** @throws OrderlyError `ORDERLY_INPUT_INVALID`, `ORDERLY_ID_LOOKS_LIKE_PHI`; neither repeats a value */
export function checkNotification(request: NotificationRequest): CheckedNotification {
  refuseUnknown('a notification', request ?? null, REQUEST)
  const { title, body = '', link, key, kind, priority = 'medium' } = request
  const to: readonly string[] = typeof request.to === 'string' ? [request.to] : request.to
  if (!Array.isArray(to)) throw invalid('to must be a recipient, or a list of them')
  const recipients = [...new Set(to)]
  if (recipients.length === 0 || recipients.length > MOST_RECIPIENTS)
    throw invalid(`to must name between 1 and ${MOST_RECIPIENTS} recipients`)
  if (!recipients.every((recipient) => isText(recipient, RECIPIENT)))
    throw invalid('to must be ids of users, or topics such as #lab; not addresses or names')
  if (!isText(key, KEY)) throw invalid('key must be 1 to 200 of letters, digits and . : / # _ -')
  if (!isText(kind, KIND)) throw invalid('kind must be a word such as order-shipped')
  if (!PRIORITIES.includes(priority)) throw invalid(`priority must be ${PRIORITIES.join(', ')}`)
  if (typeof title !== 'string' || title === '' || title.length > LONGEST_TITLE)
    throw invalid(`title must be 1 to ${LONGEST_TITLE} characters`)
  if (typeof body !== 'string' || body.length > LONGEST_BODY)
    throw invalid(`body must be at most ${LONGEST_BODY} characters`)
  if (link !== undefined && !isLink(link))
    throw invalid('link must be a path that begins with / or an https URL')
  if ([title, body, link ?? '', key].some((text) => SPEAKING.some((shape) => shape.test(text))))
    throw new OrderlyError(
      'ORDERLY_ID_LOOKS_LIKE_PHI',
      'title, body, link or key of a notification has the shape of an e-mail address or a social security number; they are stored in the clear, so put it in detail',
    )
  const detail = request.detail === undefined ? null : JSON.stringify(request.detail)
  if (detail !== null && Buffer.byteLength(detail) > MOST_DETAIL_BYTES)
    throw new OrderlyError(
      'ORDERLY_PAYLOAD_TOO_LARGE',
      `detail may have ${MOST_DETAIL_BYTES} bytes; link to what it is about`,
    )
  const lifetime = spanOf('"expiresIn"', request.expiresIn ?? '90d', 'ORDERLY_INPUT_INVALID')
  return {
    recipients,
    key,
    kind,
    priority,
    title,
    body,
    link: link ?? null,
    detail,
    lifetime: Math.min(lifetime, LONGEST_LIFE_MS),
    tenant: request.tenant ?? 'default',
  }
}

function isLink(link: string): boolean {
  if (typeof link !== 'string' || link.length > LONGEST_LINK || /[\s\\\p{Cc}]/u.test(link))
    return false
  if (link.startsWith('/')) return !link.startsWith('//')
  return URL.canParse(link) && new URL(link).protocol === 'https:'
}

function invalid(message: string): OrderlyError {
  return new OrderlyError('ORDERLY_INPUT_INVALID', `a notification was refused: ${message}`)
}
