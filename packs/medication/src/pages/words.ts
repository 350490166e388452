// The words of the pages: states and levels as a pharmacist says them, each with how bad it is.
import type { PageLink, PageMasked, PageTone } from 'orderly'
import type { Severity } from '../interactions/rule.ts'
import { isoDate, zoneOf, type Day } from '../schedule/zone.ts'
import type { Supply } from '../services/ports.ts'
import type { DoseState } from '../store/tables.ts'
import type { Unscheduled } from '../store/unplanned.ts'
import type { SupplyLevel } from '../supply/days-left.ts'
import type { Refill, RefillState } from '../supply/refill.ts'

type Word = readonly [text: string, tone: PageTone]

export const LEVELS: Readonly<Record<SupplyLevel, Word>> = {
  critical: ['critical', 'bad'],
  low: ['low', 'warning'],
  ok: ['enough', 'good'],
  unknown: ['not known', 'neutral'],
}

const REFILLS: Readonly<Record<RefillState, Word>> = {
  'may-refill': ['may be refilled', 'good'],
  'too-soon': ['too soon', 'neutral'],
  'no-repeats-left': ['no repeats left', 'warning'],
  expired: ['prescription expired', 'warning'],
  'not-known': ['not known', 'neutral'],
}

export const SEVERITY_WORDS: Readonly<Record<Severity, Word>> = {
  contraindicated: ['contraindicated', 'bad'],
  major: ['major', 'bad'],
  moderate: ['moderate', 'warning'],
  minor: ['minor', 'neutral'],
}

export const DOSE_WORDS: Readonly<Record<DoseState, Word>> = {
  taken: ['taken', 'good'],
  reminded: ['reminded, not confirmed', 'warning'],
  snoozed: ['snoozed', 'neutral'],
  skipped: ['skipped', 'warning'],
  'missed-window': ['too late to remind', 'bad'],
  suppressed: ['not reminded, by wish', 'neutral'],
  due: ['due', 'neutral'],
  'as-needed': ['taken as needed', 'neutral'],
}

export const UNPLANNED_WORDS: Readonly<Record<Unscheduled['why'], string>> = {
  'as-needed': 'taken as needed',
  unreadable: 'part of it could not be read: enter it anew',
  'no-timing': 'it says no times: ask the prescriber',
  'no-period': 'it does not say how often: ask the prescriber',
  'too-often': 'more often than anybody can take it: ask the prescriber',
  'rhythm-not-known': 'its rhythm has no certain meaning: enter the times',
  'no-end-before-next-step': 'nothing says when the step before it ends',
  'no-dosage': 'the order has no dosage: ask the prescriber',
}

export const UNKNOWN_WORDS: Readonly<Record<NonNullable<Supply['unknown']>, string>> = {
  'no-fill': 'nothing was filled or counted yet',
  'no-schedule': 'no times are known',
  'unit-not-known': 'the unit is not known',
}

export function badge([text, tone]: Word): PageLink {
  return { text, tone }
}

/** A word by its code; the code itself where it is not known. */
export function badgeOf<Code extends string>(
  words: Readonly<Record<Code, Word>>,
  code: string,
): PageLink {
  return badge(Object.hasOwn(words, code) ? words[code as Code] : [code, 'neutral'])
}

/** What may be done, and from when or until when where that says more. */
export function refillBadge({ from, repeatsLeft, state, validTo }: Refill): PageLink {
  const [word, tone] = REFILLS[state]
  if (state === 'too-soon' && from !== undefined)
    return { text: `${word}, from ${isoDate(from)}`, tone }
  if (state === 'expired' && validTo !== undefined)
    return { text: `${word} on ${isoDate(validTo)}`, tone }
  if (state === 'may-refill' && repeatsLeft !== undefined)
    return { text: `${word}, ${repeatsLeft} left`, tone }
  return { text: word, tone }
}

export function patientLink(id: string): PageLink {
  return { text: id.slice(0, 8), page: 'patient', params: { id } }
}

export function maskedMedicine(orderId: string): PageMasked {
  return { masked: '[medicine]', kind: 'medicine', reveal: { record: orderId, field: 'drug' } }
}

/** Which medicines somebody takes tells what they have. */
export function maskedPair(findingId: string): PageMasked {
  return {
    masked: '[two medicines]',
    kind: 'medicine',
    reveal: { record: findingId, field: 'drugs' },
  }
}

export function maskedName(name: string | undefined, id: string): PageMasked {
  const masked = (name ?? '')
    .split(' ')
    .map((part) => `${part.slice(0, 1)}***`)
    .join(' ')
  return { masked, kind: 'name', reveal: { record: id, field: 'name' } }
}

export function maskedDate(date: string | undefined, id: string): PageMasked {
  return {
    masked: date === undefined ? 'not known' : `${date.slice(0, 4)}-**-**`,
    kind: 'date',
    reveal: { record: id, field: 'birthDate' },
  }
}

/** 1970-01-01, the first of days. */
const THURSDAY = 4

/** By the day of the week, Sunday first: each whole, so that it can be said whole in another language. */
const CLOCKS: readonly ((clock: string) => string)[] = [
  (clock) => `Sun ${clock}`,
  (clock) => `Mon ${clock}`,
  (clock) => `Tue ${clock}`,
  (clock) => `Wed ${clock}`,
  (clock) => `Thu ${clock}`,
  (clock) => `Fri ${clock}`,
  (clock) => `Sat ${clock}`,
]

/** The clock on a patient's wall, such as `Mon 08:00`. */
export function wallTime(at: number, zone: string): string {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
  }).format(at)
  return CLOCKS[(zoneOf(zone).dayOf(at) + THURSDAY) % 7]!(clock)
}

/** The days of a chart, the last one today, as the calendar writes them. */
export function isoDays(last: Day, count: number): string[] {
  return Array.from({ length: count }, (_, at) => isoDate(last - count + 1 + at))
}

/** A figure that is good or bad where it is not nothing. */
export function count(label: string, n: number, tone: PageTone) {
  return { label, value: n, tone: n === 0 ? ('neutral' as const) : tone }
}
