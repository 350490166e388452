// What the builder holds: a schedule as the fields that people fill in. A field that nobody touches says afterwards what
// it said before, also where the builder has no field for it.
import type { AnswerOf, RequestOf } from '../../api/call.ts'

export type SpecRequest = RequestOf<'schedules.preview'>['body']['spec']
export type StoredSpec = AnswerOf<'schedules.list'>['data'][number]['spec']
type Policy = AnswerOf<'schedules.list'>['data'][number]['policy']

export const MODES = ['daily', 'every', 'cron', 'once'] as const
export const WEEKDAYS = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const
export const OVERLAPS = ['skip', 'buffer-one', 'buffer-all', 'cancel-other', 'allow'] as const

export interface Blackout {
  readonly from: number | null
  readonly to: number | null
  readonly reason: string
}

/** Times are milliseconds since 1970 UTC, null where none is given. */
export interface Draft {
  readonly mode: (typeof MODES)[number]
  /** Times of the day, divided by commas. */
  readonly times: string
  readonly weekdays: readonly (typeof WEEKDAYS)[number][]
  /** One expression a line. */
  readonly cron: string
  readonly zone: string
  readonly every: string
  readonly anchor: number | null
  readonly at: number | null
  readonly start: number | null
  readonly end: number | null
  readonly jitter: string
  readonly blackouts: readonly Blackout[]
  readonly overlap: Policy['overlap']
  readonly catchUp: 'skip' | 'one' | 'all'
  /** Of `all`: so many at most. */
  readonly most: number
}

/** @param zone of a new schedule */
export function draftOf(spec: StoredSpec, policy: Policy | undefined, zone: string): Draft {
  const daily = dailyOf(spec.crons ?? [])
  const catchUp = policy?.catchUp ?? 'one'
  return {
    mode: modeOf(spec, daily),
    times: daily?.times.join(', ') ?? '02:00',
    weekdays: daily?.weekdays ?? [],
    cron: spec.crons?.join('\n') ?? '0 2 * * *',
    zone: spec.zone ?? zone,
    every: spec.every === undefined ? '1h' : spanText(spec.every),
    anchor: spec.anchor ?? null,
    at: spec.at ?? null,
    start: spec.start ?? null,
    end: spec.end ?? null,
    jitter: spec.jitter === undefined ? '' : spanText(spec.jitter),
    blackouts: spec.blackouts ?? [],
    overlap: policy?.overlap ?? 'skip',
    catchUp: typeof catchUp === 'object' ? 'all' : catchUp,
    most: typeof catchUp === 'object' ? catchUp.all : 10,
  }
}

function modeOf(spec: StoredSpec, daily: ReturnType<typeof dailyOf>): Draft['mode'] {
  if (spec.every !== undefined) return 'every'
  if (spec.at !== undefined) return 'once'
  return spec.crons === undefined || daily ? 'daily' : 'cron'
}

export function specRequest(draft: Draft): SpecRequest {
  const { start, end, jitter } = draft
  // A rest that is still being typed has no times yet; the form asks for them before it is saved.
  const blackouts = draft.blackouts.flatMap(({ from, to, reason }) =>
    from === null || to === null ? [] : [{ from: iso(from), to: iso(to), reason }],
  )
  return {
    ...whenRequest(draft),
    ...(start === null ? {} : { start: iso(start) }),
    ...(end === null ? {} : { end: iso(end) }),
    ...(jitter.trim() === '' ? {} : { jitter: jitter.trim() }),
    ...(blackouts.length === 0 ? {} : { blackouts }),
  }
}

function whenRequest({ mode, times, weekdays, cron, zone, every, anchor, at }: Draft): SpecRequest {
  if (mode === 'every')
    return { every: every.trim(), ...(anchor === null ? {} : { anchor: iso(anchor) }) }
  if (mode === 'once') return { at: at === null ? '' : iso(at) }
  if (mode === 'cron') {
    const lines = partsOf(cron, '\n')
    return { cron: lines.length > 1 ? lines : (lines[0] ?? ''), zone }
  }
  return {
    times: partsOf(times, ','),
    ...(weekdays.length === 0
      ? {}
      : { weekdays: WEEKDAYS.filter((day) => weekdays.includes(day)) }),
    zone,
  }
}

export function policyRequest({ overlap, catchUp, most }: Draft): Policy {
  return { overlap, catchUp: catchUp === 'all' ? { all: most } : catchUp }
}

/** Times of the day on certain weekdays, where that is all that the expressions say. */
function dailyOf(
  crons: readonly string[],
): (Pick<Draft, 'weekdays'> & { readonly times: readonly string[] }) | undefined {
  const found = crons.map((cron) => /^(\d{1,2}) (\d{1,2}) \* \* (\S+)$/.exec(cron))
  const [first] = found
  if (!first || found.some((one) => one?.[3] !== first[3])) return undefined
  const named = first[3] === '*' ? [] : first[3]!.split(',')
  const weekdays = WEEKDAYS.filter((day) => named.includes(day))
  if (weekdays.length !== named.length) return undefined
  return {
    weekdays,
    times: found.map((one) => `${one![2]!.padStart(2, '0')}:${one![1]!.padStart(2, '0')}`),
  }
}

const UNITS = [
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const

/** As the API takes a span: in the largest unit that leaves no rest. */
export function spanText(ms: number): string {
  const [unit, length] = UNITS.find(([, each]) => ms >= each && ms % each === 0) ?? ['ms', 1]
  return `${ms / length}${unit}`
}

function partsOf(text: string, divider: string): string[] {
  return text
    .split(divider)
    .map((part) => part.trim())
    .filter(Boolean)
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
