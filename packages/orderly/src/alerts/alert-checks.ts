// What routes, silences and lists of alerts may be, and what is refused before anything is done.
import { mailboxOf } from '../mail/message.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { isText, namesOf, refuseOther, refuseUnknown } from '../primitives/known-names.ts'
import type { AlertRoute, Alerts } from './alerts.ts'
import type { Alert } from './episode-row.ts'

type Listing = NonNullable<Parameters<Alerts['list']>[0]>
type NewSilence = Parameters<Alerts['silence']>[0]

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/
const ROUTE = namesOf<AlertRoute>({ name: true, kind: true, to: true, webhook: true, url: true })
const KINDS: readonly AlertRoute['kind'][] = ['in-app', 'mail', 'webhook', 'slack']
const LIST = namesOf<Listing>({
  state: true,
  limit: true,
  before: true,
})
const STATES: readonly Alert['state'][] = ['pending', 'firing', 'resolved']
const SILENCE = namesOf<NewSilence>({
  rule: true,
  subject: true,
  for: true,
  reason: true,
  by: true,
})

/** @throws OrderlyError `ORDERLY_INPUT_INVALID`, as the others here */
export function checkRoute(route: AlertRoute): void {
  refuseUnknown('an alert route', route ?? null, ROUTE)
  const { name, kind, to } = route
  if (!isText(name, NAME)) throw invalid('name must be a word such as on-call')
  refuseOther('kind', kind, KINDS)
  if (kind !== 'mail' && kind !== 'in-app') return
  if (!Array.isArray(to) || to.length === 0) throw invalid('to must name somebody')
  if (!to.every((one) => typeof one === 'string')) throw invalid('to must hold texts')
  if (kind === 'mail') for (const address of to) mailboxOf(address, 'to')
}

export function checkListing(filter: Listing): void {
  refuseUnknown('alerts.list', filter, LIST)
  if (filter.state !== undefined) refuseOther('alerts.list: state', filter.state, STATES)
}

export function checkSilence(silence: NewSilence): void {
  refuseUnknown('a silence', silence ?? null, SILENCE)
  const { rule, reason } = silence
  if (typeof rule !== 'string' || rule === '') throw invalid('a silence names its rule')
  if (typeof reason !== 'string' || reason.trim() === '') throw invalid('a silence needs a reason')
}

export function invalid(message: string): OrderlyError {
  return new OrderlyError('ORDERLY_INPUT_INVALID', `it was refused: ${message}`)
}
