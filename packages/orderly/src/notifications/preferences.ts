// How a person wants to be told: what not, when not, and whether by mail.
import { OrderlyError } from '../primitives/errors.ts'
import { isText, namesOf, refuseOther, refuseUnknown } from '../primitives/known-names.ts'
import { parseCron } from '../schedule/cron.ts'
import { nextSlots } from '../schedule/slots.ts'
import { zoneOf } from '../schedule/zone.ts'
import type { NotificationPriority } from './notification.ts'

export interface NotificationPreferences {
  /** Kinds that are not shown, counted or mailed. */
  readonly muted: readonly string[]
  /** Topics beside those that come with roles, such as `#lab`. */
  readonly topics: readonly string[]
  /** Which are mailed one by one. */
  readonly mail: 'none' | 'urgent' | 'all'
  /** Where mail goes; stored sealed. */
  readonly address: string | null
  /** IANA time zone of the hours below. */
  readonly zone: string
  /** `HH:MM` each day at which what is unread is mailed in one. */
  readonly digestAt: string | null
  /** From `HH:MM` to `HH:MM` only what is urgent is mailed at once. */
  readonly quiet: { readonly from: string; readonly to: string } | null
}

export const DEFAULT_PREFERENCES: NotificationPreferences = {
  muted: [],
  topics: [],
  mail: 'none',
  address: null,
  zone: 'UTC',
  digestAt: null,
  quiet: null,
}

const HOUR = /^([01]\d|2[0-3]):([0-5]\d)$/
const TOPIC = /^#(?!role\/)[A-Za-z0-9][\w.:/-]{0,127}$/
const KIND = /^[a-z0-9][a-z0-9.-]{0,63}$/
const MOST = 100

const NAMES = namesOf<NotificationPreferences>({
  muted: true,
  topics: true,
  mail: true,
  address: true,
  zone: true,
  digestAt: true,
  quiet: true,
})
const QUIET = namesOf<NonNullable<NotificationPreferences['quiet']>>({ from: true, to: true })
const MAIL: readonly NotificationPreferences['mail'][] = ['none', 'urgent', 'all']

/** @throws OrderlyError `ORDERLY_INPUT_INVALID` for a change that names what is no preference */
export function refuseUnknownPreferences(change: Partial<NotificationPreferences>): void {
  refuseUnknown('preferences', change ?? null, NAMES)
  if (change.quiet !== null) refuseUnknown('preferences: quiet', change.quiet, QUIET)
}

/** @throws OrderlyError `ORDERLY_INPUT_INVALID` */
export function checkPreferences(wanted: NotificationPreferences): NotificationPreferences {
  if (!isListOf(wanted.muted, KIND)) throw invalid('muted must be kinds such as order-shipped')
  refuseOther('preferences: mail', wanted.mail, MAIL)
  if (!isListOf(wanted.topics, TOPIC))
    throw invalid('topics must begin with # and be none of a role')
  const hours = [wanted.digestAt, wanted.quiet?.from, wanted.quiet?.to]
  if (hours.some((hour) => hour !== null && hour !== undefined && !isText(hour, HOUR)))
    throw invalid('digestAt and quiet must be times such as 08:00')
  zoneOf(wanted.zone)
  if ((wanted.mail !== 'none' || wanted.digestAt !== null) && wanted.address === null)
    throw invalid('an address is needed to mail to')
  return wanted
}

function isListOf(given: unknown, shape: RegExp): boolean {
  return Array.isArray(given) && given.length <= MOST && given.every((one) => isText(one, shape))
}

/** The next time the wall of `zone` shows `hour`. */
export function nextTime(hour: string, zone: string, after: number): number {
  const [hours, minutes] = hour.split(':')
  return nextSlots(
    parseCron(`${Number(minutes)} ${Number(hours)} * * *`),
    zoneOf(zone),
    after,
    1,
  )[0]!.at
}

/** When a notification that comes now is to be mailed; null for not at all. */
export function mailTimeOf(
  { mail, muted, quiet, zone }: NotificationPreferences,
  { kind, priority }: { readonly kind: string; readonly priority: NotificationPriority },
  now: number,
): number | null {
  if (muted.includes(kind)) return null
  if (mail === 'none' || (mail === 'urgent' && priority !== 'urgent')) return null
  if (priority === 'urgent' || quiet === null) return now
  // Whichever of the two hours comes first tells on which side of it we are.
  const begins = nextTime(quiet.from, zone, now)
  const ends = nextTime(quiet.to, zone, now)
  return ends < begins ? ends : now
}

function invalid(message: string): OrderlyError {
  return new OrderlyError('ORDERLY_INPUT_INVALID', `the preferences were refused: ${message}`)
}
