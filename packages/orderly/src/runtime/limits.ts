// Limits while the program runs: what code says, and what a person has put in its place for a time.
import type { LimitRow } from '../state/limit-tables.ts'
import { dropLimit, findLimits, putLimit, type LimitKey } from '../state/limits.ts'
import { wakeLines } from '../state/lane-ends.ts'
import { milliseconds, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { kick } from './lanes.ts'
import { writeQueueLimits } from './queue-limits.ts'
import { reasonOf } from './reason.ts'
import type { Rooms } from './rooms.ts'

/**
 * A limit of a queue (jobs of all processes at once; jobs that begin in a span) or of a kind of job (jobs of one key at
 * once; units of one key in a span).
 */
export type LimitTarget = ({ readonly queue: string } | { readonly job: string }) & {
  readonly limit: 'concurrency' | 'rate'
}

export interface OverrideOptions {
  /** The new limit. That of a rate is for the span its code declares. */
  readonly value: number
  /** The code's limit holds again by itself after this long. */
  readonly for?: Duration
  /** Why, for everybody to read. It is stored in the clear and holds nothing of a patient. */
  readonly reason: string
  readonly by?: string
}

export interface Limit {
  readonly kind: 'queue' | 'job'
  readonly name: string
  readonly limit: 'concurrency' | 'rate'
  /** What is in force. */
  readonly value: number
  /** What code says; null where it sets no limit. */
  readonly code: number | null
  /** The span of a rate, in milliseconds. */
  readonly per: number | null
  /** What a person has put in the place of the code's. Times are milliseconds since 1970 UTC. */
  readonly override: {
    readonly value: number
    readonly until: number | null
    readonly reason: string
    readonly who: string
    readonly at: number
  } | null
}

const HIGHEST = 100_000_000

/**
 * Puts another limit in the place of the one in code.
 *
 * @throws OrderlyError `ORDERLY_JOB_UNKNOWN`, `ORDERLY_INPUT_INVALID`
 */
export async function overrideLimit(
  rooms: Rooms,
  target: LimitTarget,
  { value, reason: given, by = '', for: span }: OverrideOptions,
): Promise<Limit> {
  const key = keyOf(rooms, target)
  checkBounded(rooms, key)
  const reason = reasonOf({ reason: given }, 'the limit is changed')
  if (!Number.isInteger(value) || value < 1 || value > HIGHEST)
    throw invalid(`a limit is a whole number from 1 to ${HIGHEST}; to let nothing run, pause it`)
  const at = rooms.clock.now()
  const until = span === undefined ? null : at + milliseconds(span, 'ORDERLY_INPUT_INVALID')
  const row = { ...key, value, reason, who: by, at, until }
  await putLimit(rooms.state, row)
  await takeEffect(rooms, key)
  return show(rooms, key, row)
}

/**
 * Lets the limit in code hold again.
 *
 * @returns whether another one was set
 */
export async function resetLimit(rooms: Rooms, target: LimitTarget): Promise<boolean> {
  const key = keyOf(rooms, target)
  const was = await dropLimit(rooms.state, key)
  await takeEffect(rooms, key)
  return was
}

/** Every limit that code declares or a person has set. */
export async function readLimits(rooms: Rooms): Promise<Limit[]> {
  const now = rooms.clock.now()
  const set = (await findLimits(rooms.state)).filter(({ until }) => until === null || until > now)
  const keys = new Map<string, LimitKey>()
  const add = ({ kind, name, what }: LimitKey): void =>
    void keys.set(`${kind}/${name}/${what}`, { kind, name, what })
  for (const kind of ['queue', 'job'] as const)
    for (const name of (kind === 'queue' ? rooms.registry.queues : rooms.registry.jobs).keys())
      for (const what of ['concurrency', 'rate'] as const)
        if (codeOf(rooms, { kind, name, what }) !== undefined) add({ kind, name, what })
  for (const row of set) add(row)
  return [...keys.values()].map((key) =>
    show(
      rooms,
      key,
      set.find((row) => isOf(row, key)),
    ),
  )
}

/** Lets limits go whose time is over, and brings the others to the queues: each process does, within a second. */
export async function keepLimits(rooms: Rooms): Promise<void> {
  const rows = await findLimits(rooms.state)
  const now = rooms.clock.now()
  for (const row of rows) {
    if (row.until === null || row.until > now) continue
    // Of several processes one finds it there; one that was set anew meanwhile stays.
    if (!(await dropLimit(rooms.state, row, now))) continue
    rooms.log.info(
      { kind: row.kind, name: row.name, limit: row.what, value: row.value },
      'the time of a limit is over; the one in code holds again',
    )
    await wake(rooms, row)
  }
  await writeQueueLimits(rooms, rows)
}

async function takeEffect(rooms: Rooms, key: LimitKey): Promise<void> {
  await writeQueueLimits(rooms, await findLimits(rooms.state))
  await wake(rooms, key)
}

async function wake(rooms: Rooms, { kind, name }: LimitKey): Promise<void> {
  if (kind !== 'job') return
  await wakeLines(rooms.state, name)
  kick(rooms, name)
}

function show(rooms: Rooms, key: LimitKey, set: LimitRow | undefined): Limit {
  const code = codeOf(rooms, key)
  return {
    kind: key.kind,
    name: key.name,
    limit: key.what,
    value: set?.value ?? code!.limit,
    code: code?.limit ?? null,
    per: code?.per ?? null,
    override: set
      ? { value: set.value, until: set.until, reason: set.reason, who: set.who, at: set.at }
      : null,
  }
}

function codeOf(
  { registry }: Rooms,
  { kind, name, what }: LimitKey,
): { limit: number; per?: number } | undefined {
  if (kind === 'job') {
    const options = registry.jobs.get(name)?.options
    return what === 'rate'
      ? options?.rateLimit
      : options?.concurrency && { limit: options.concurrency.limit }
  }
  const queue = registry.queues.get(name)
  if (what === 'rate') return queue?.rateLimit
  return queue?.globalConcurrency === undefined ? undefined : { limit: queue.globalConcurrency }
}

/** What a kind is bounded by decides how its jobs wait from their first moment, so that much must stand in code. */
function checkBounded(rooms: Rooms, key: LimitKey): void {
  if (codeOf(rooms, key) || (key.kind === 'queue' && key.what === 'concurrency')) return
  throw invalid(
    `"${key.name}" declares no ${key.what === 'rate' ? 'rateLimit' : 'concurrency'}; give its definition one, high if need be, to change it while the program runs`,
  )
}

function keyOf({ registry }: Rooms, target: LimitTarget): LimitKey {
  const [kind, name, known] =
    'queue' in target
      ? (['queue', target.queue, registry.queues] as const)
      : (['job', target.job, registry.jobs] as const)
  if (known.has(name)) return { kind, name, what: target.limit }
  throw new OrderlyError('ORDERLY_JOB_UNKNOWN', `no ${kind} of this name is registered here`)
}

function isOf(row: LimitRow, { kind, name, what }: LimitKey): boolean {
  return row.kind === kind && row.name === name && row.what === what
}

function invalid(message: string): OrderlyError {
  return new OrderlyError('ORDERLY_INPUT_INVALID', message)
}
