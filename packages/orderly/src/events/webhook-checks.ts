// What a subscription by HTTP may be, and what is refused before it is one.
import { OrderlyError } from '../primitives/errors.ts'
import { isText, namesOf, refuseOther, refuseUnknown } from '../primitives/known-names.ts'
import { EVENT_TYPES, matches } from './event.ts'
import type { WebhookDelivery, WebhookFilter, WebhookRequest, Webhooks } from './webhooks.ts'

/** Types beside those of jobs. */
const OTHER_TYPES = ['alert.fired', 'alert.resolved', 'webhook.test'] as const

const CREATE = namesOf<WebhookRequest>({
  name: true,
  url: true,
  filter: true,
  by: true,
  tenant: true,
})
const FILTER = namesOf<WebhookFilter>({ types: true, jobs: true, queues: true })
const CHANGE = namesOf<Parameters<Webhooks['change']>[1]>({
  name: true,
  url: true,
  filter: true,
  state: true,
})
const WANTED = ['active', 'paused'] as const
const DELIVERIES = namesOf<NonNullable<Parameters<Webhooks['deliveries']>[1]>>({
  state: true,
  limit: true,
  before: true,
})
const DELIVERY_STATES: readonly WebhookDelivery['state'][] = ['due', 'delivered', 'dead']

const LONGEST_URL = 2_000
const GLOB = /^[A-Za-z0-9*][\w.:*-]{0,119}$/
const NAME = /^[^\p{Cc}]{1,100}$/u

/** @throws OrderlyError `ORDERLY_INPUT_INVALID`, as the others here */
export function checkNew(request: WebhookRequest, allowPrivate: boolean): void {
  refuseUnknown('a webhook', request ?? null, CREATE)
  checkRequest(request, allowPrivate)
}

export function checkChange(change: Parameters<Webhooks['change']>[1]): void {
  refuseUnknown('the change of a webhook', change ?? null, CHANGE)
  if (change.state !== undefined) refuseOther('state', change.state, WANTED)
}

export function checkDeliveries(filter: NonNullable<Parameters<Webhooks['deliveries']>[1]>): void {
  refuseUnknown('webhooks.deliveries', filter, DELIVERIES)
  if (filter.state !== undefined)
    refuseOther('webhooks.deliveries: state', filter.state, DELIVERY_STATES)
}

export function checkRequest(
  { name, url, filter }: Pick<WebhookRequest, 'name' | 'url' | 'filter'>,
  allowPrivate: boolean,
): void {
  if (!isText(name, NAME)) throw invalid('name must be one line of 1 to 100 characters')
  checkUrl(url, allowPrivate)
  refuseUnknown('filter', filter ?? null, FILTER)
  const types = [...Object.keys(EVENT_TYPES), ...OTHER_TYPES]
  if (
    !Array.isArray(filter.types) ||
    filter.types.length === 0 ||
    filter.types.length > 50 ||
    !filter.types.every((type) => isText(type, GLOB) && types.some((known) => matches(type, known)))
  )
    throw invalid('filter.types must name types of events, such as job.failed or job.*')
  for (const globs of [filter.jobs ?? [], filter.queues ?? []])
    if (!Array.isArray(globs) || globs.length > 200 || !globs.every((glob) => isText(glob, GLOB)))
      throw invalid('filter.jobs and filter.queues must be names, or names that end in *')
}

/** What can be seen of an address before it is looked up; the rest is looked at when a connection is made. */
export function checkUrl(url: string, allowPrivate: boolean): void {
  const isUrl = typeof url === 'string' && url.length <= LONGEST_URL && URL.canParse(url)
  const parsed = isUrl ? new URL(url) : undefined
  if (
    !parsed ||
    !(parsed.protocol === 'https:' || (allowPrivate && parsed.protocol === 'http:')) ||
    parsed.username !== '' ||
    parsed.password !== '' ||
    parsed.hash !== ''
  )
    throw invalid(
      'url must be an https URL without user, password or fragment; ORDERLY_WEBHOOKS_ALLOW_PRIVATE=1 takes http and addresses within',
    )
}

export function invalid(message: string): OrderlyError {
  return new OrderlyError('ORDERLY_INPUT_INVALID', `the webhook was refused: ${message}`)
}
