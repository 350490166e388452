// What a schedule is: when it fires, and what becomes of slots that were missed or that overlap.
import { createHash } from 'node:crypto'
import { milliseconds, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { namesOf, refuseUnknown } from '../primitives/known-names.ts'
import { parseCron } from './cron.ts'
import { cronSlots, type Slot } from './slots.ts'
import { zoneOf } from './zone.ts'

/** One of the four ways to say when. Times of the wall are in `zone`, an IANA name; UTC unless told. */
export type When =
  /** Several expressions fire when any of them does, once an instant. */
  | { readonly cron: string | readonly string[]; readonly zone?: string }
  /** Every so long, counted from `anchor` (the start of 1970 unless told), whatever the clocks do. */
  | { readonly every: Duration; readonly anchor?: Date }
  /** At times of the day, `HH:MM`, on certain days. What is left out does not restrict. */
  | {
      readonly times: readonly string[]
      readonly weekdays?: readonly Weekday[]
      readonly days?: readonly number[]
      readonly months?: readonly number[]
      readonly zone?: string
    }
  /** Once. */
  | { readonly at: Date }

export type Weekday = 'MON' | 'TUE' | 'WED' | 'THU' | 'FRI' | 'SAT' | 'SUN'

export interface Blackout {
  readonly from: Date
  readonly to: Date
  readonly reason: string
}

export type ScheduleSpec = When & {
  readonly start?: Date
  readonly end?: Date
  /** Slots in these times are left out, and that is recorded. */
  readonly blackouts?: readonly Blackout[]
  /** Spreads the jobs of many schedules: each slot is late by a share of this that is its own, always the same. */
  readonly jitter?: Duration
}

/** What happens at a slot while the job of an earlier one has not ended. */
export type Overlap = 'skip' | 'buffer-one' | 'buffer-all' | 'cancel-other' | 'allow'

/** What happens to slots that came while nobody could fire them: none, the latest, or the latest so many. */
export type CatchUp = 'skip' | 'one' | { readonly all: number }

export interface SchedulePolicy {
  readonly overlap: Overlap
  readonly catchUp: CatchUp
}

export const DEFAULT_POLICY: SchedulePolicy = { overlap: 'skip', catchUp: 'one' }

/** As it is stored: times in milliseconds since 1970 UTC, spans in milliseconds. */
export interface StoredSpec {
  readonly crons?: readonly string[]
  readonly zone?: string
  readonly every?: number
  readonly anchor?: number
  readonly at?: number
  readonly start?: number
  readonly end?: number
  readonly blackouts?: readonly {
    readonly from: number
    readonly to: number
    readonly reason: string
  }[]
  readonly jitter?: number
}

const SPEC = namesOf<ScheduleSpec>({
  cron: true,
  zone: true,
  every: true,
  anchor: true,
  times: true,
  weekdays: true,
  days: true,
  months: true,
  at: true,
  start: true,
  end: true,
  blackouts: true,
  jitter: true,
})
const POLICY = namesOf<SchedulePolicy>({ overlap: true, catchUp: true })
const BLACKOUT = namesOf<Blackout>({ from: true, to: true, reason: true })
const NO_WAY = 'it says when by "cron", "every", "times" or "at"'
const WAYS = ['cron', 'every', 'times', 'at'] as const

const SHORTEST_MS = 1_000
const MOST_CAUGHT_UP = 10_000
const MOST_TIMES = 96

/**
 * Checks a schedule and writes it as it is stored.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`
 */
export function storeSpec(spec: ScheduleSpec): StoredSpec {
  refuseUnknown('schedule: spec', spec ?? null, SPEC, 'ORDERLY_DEFINITION_INVALID')
  const given: Partial<Record<(typeof WAYS)[number], unknown>> = spec
  if (WAYS.filter((way) => given[way] !== undefined).length !== 1) throw invalid(NO_WAY)
  for (const blackout of listOf('blackouts', spec.blackouts ?? []))
    refuseUnknown('schedule: blackout', blackout, BLACKOUT, 'ORDERLY_DEFINITION_INVALID')
  const stored: StoredSpec = {
    ...storeWhen(spec),
    ...(spec.start ? { start: timeOf('start', spec.start) } : {}),
    ...(spec.end ? { end: timeOf('end', spec.end) } : {}),
    ...(spec.jitter ? { jitter: milliseconds(spec.jitter) } : {}),
    ...(spec.blackouts?.length
      ? {
          blackouts: spec.blackouts.map(({ from, to, reason }) => {
            const window = { from: timeOf('blackout', from), to: timeOf('blackout', to), reason }
            if (window.from >= window.to) throw invalid('a blackout ends after it begins')
            return window
          }),
        }
      : {}),
  }
  if (stored.start !== undefined && stored.end !== undefined && stored.start >= stored.end)
    throw invalid('it ends after it starts')
  return stored
}

function storeWhen(when: When): StoredSpec {
  if ('cron' in when && when.cron !== undefined) {
    const crons = typeof when.cron === 'string' ? [when.cron] : textsOf('cron', when.cron)
    if (crons.length === 0 || crons.length > MOST_TIMES)
      throw invalid(`it has 1 to ${MOST_TIMES} cron expressions`)
    return { crons: crons.map((cron) => parseCron(cron).text), ...inZone(when.zone) }
  }
  if ('every' in when && when.every !== undefined) {
    const every = milliseconds(when.every)
    if (every < SHORTEST_MS) throw invalid('it fires once a second at most')
    return { every, anchor: when.anchor ? timeOf('anchor', when.anchor) : 0 }
  }
  if ('times' in when && when.times !== undefined) {
    if (!(when.times.length > 0 && when.times.length <= MOST_TIMES))
      throw invalid(`it has 1 to ${MOST_TIMES} times of the day`)
    const days = list(when.days)
    const weekdays = list(when.weekdays)
    if (days !== '*' && weekdays !== '*')
      throw invalid('give days of the month or days of the week, not both')
    const crons = textsOf('times', when.times).map((time) => {
      const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time)
      if (!match) throw invalid('a time of the day is written HH:MM')
      const cron = `${Number(match[2])} ${Number(match[1])} ${days} ${list(when.months)} ${weekdays}`
      return parseCron(cron).text
    })
    return { crons, ...inZone(when.zone) }
  }
  if ('at' in when) return { at: timeOf('at', when.at) }
  throw invalid(NO_WAY)
}

function inZone(zone = 'UTC'): { zone: string } {
  return { zone: zoneOf(zone).name }
}

function listOf<T>(what: string, values: readonly T[]): readonly T[] {
  if (Array.isArray(values)) return values
  throw invalid(`"${what}" is a list`)
}

function textsOf(what: string, values: readonly string[]): readonly string[] {
  if (listOf(what, values).every((value) => typeof value === 'string')) return values
  throw invalid(`"${what}" holds texts`)
}

function list(values: readonly (string | number)[] | undefined): string {
  return values === undefined || values.length === 0 ? '*' : listOf('days', values).join(',')
}

/** @throws OrderlyError `ORDERLY_DEFINITION_INVALID` */
export function checkPolicy(policy: Partial<SchedulePolicy> = {}): SchedulePolicy {
  refuseUnknown('schedule: policy', policy, POLICY, 'ORDERLY_DEFINITION_INVALID')
  const { overlap, catchUp } = { ...DEFAULT_POLICY, ...policy }
  if (!['skip', 'buffer-one', 'buffer-all', 'cancel-other', 'allow'].includes(overlap))
    throw invalid('overlap is skip, buffer-one, buffer-all, cancel-other or allow')
  const isCount = typeof catchUp === 'object' && catchUp !== null
  if (!isCount && catchUp !== 'skip' && catchUp !== 'one')
    throw invalid('catchUp is skip, one, or { all: the most slots to catch up with }')
  if (
    isCount &&
    !(Number.isInteger(catchUp.all) && catchUp.all >= 1 && catchUp.all <= MOST_CAUGHT_UP)
  )
    throw invalid(`catchUp.all is a whole number from 1 to ${MOST_CAUGHT_UP}`)
  return { overlap, catchUp }
}

/** The slots of a schedule after `after` (exclusive), in order. Those in blackouts are among them. */
export function* slotsAfter(spec: StoredSpec, after: number): Generator<Slot> {
  const from = spec.start === undefined ? after : Math.max(after, spec.start - 1)
  for (const slot of allAfter(spec, from)) {
    if (spec.end !== undefined && slot.at >= spec.end) return
    yield slot
  }
}

function* allAfter(spec: StoredSpec, from: number): Generator<Slot> {
  if (spec.at !== undefined) {
    if (spec.at > from) yield { at: spec.at, wall: spec.at }
    return
  }
  if (spec.every !== undefined) {
    const anchor = spec.anchor ?? 0
    let at = anchor + (Math.floor((from - anchor) / spec.every) + 1) * spec.every
    for (;;) {
      yield { at, wall: at }
      at += spec.every
    }
  }
  yield* merged(
    (spec.crons ?? []).map((cron) => cronSlots(parseCron(cron), zoneOf(spec.zone!), from)),
  )
}

/** Several sequences as one, in order; what comes at one instant comes once. */
function* merged(sequences: readonly Generator<Slot>[]): Generator<Slot> {
  const heads = sequences.map((sequence) => sequence.next())
  for (;;) {
    let first: Slot | undefined
    for (const { value, done } of heads) if (!done && (!first || value.at < first.at)) first = value
    if (!first) return
    yield first
    for (const [index, head] of heads.entries())
      if (!head.done && head.value.at === first.at) heads[index] = sequences[index]!.next()
  }
}

/** The blackout that a time falls into. */
export function blackoutOf(spec: StoredSpec, at: number): string | undefined {
  return spec.blackouts?.find(({ from, to }) => at >= from && at < to)?.reason
}

/** Milliseconds that the job of a slot is late by its schedule's jitter: the same whoever asks, whenever. */
export function jitterOf(spec: StoredSpec, schedule: string, at: number): number {
  if (!spec.jitter) return 0
  const digest = createHash('sha256').update(`${schedule}/${at}`).digest()
  return Math.floor((digest.readUInt32BE(0) / 2 ** 32) * spec.jitter)
}

function timeOf(what: string, date: Date): number {
  // A caller without types gives a text or a number.
  const time: unknown = typeof date?.getTime === 'function' ? date.getTime() : undefined
  if (typeof time !== 'number' || Number.isNaN(time)) throw invalid(`"${what}" is no valid date`)
  return time
}

function invalid(rule: string): OrderlyError {
  return new OrderlyError('ORDERLY_DEFINITION_INVALID', `this schedule cannot be used: ${rule}`)
}
