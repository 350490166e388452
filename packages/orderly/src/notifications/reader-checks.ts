// Who reads notifications and which ones, and what is refused before any are shown.
import { OrderlyError } from '../primitives/errors.ts'
import { namesOf, refuseUnknown } from '../primitives/known-names.ts'
import type { NotificationFilter, NotificationReader } from './notifications.ts'

const FILTER = namesOf<NotificationFilter>({
  unreadOnly: true,
  kind: true,
  limit: true,
  before: true,
})
const READER = namesOf<NotificationReader>({ user: true, topics: true, tenant: true })

/** @throws OrderlyError `ORDERLY_INPUT_INVALID` */
export function checkFilter(filter: NotificationFilter): void {
  refuseUnknown('notifications.list', filter, FILTER)
}

/** A misspelt tenant or list of topics would show other things than were asked for. */
export function checkReader(reader: NotificationReader): void {
  refuseUnknown('the reader', reader ?? null, READER)
  if (typeof reader.user !== 'string' || reader.user === '')
    throw new OrderlyError('ORDERLY_INPUT_INVALID', 'the reader names its user')
}
