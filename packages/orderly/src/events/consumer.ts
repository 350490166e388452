// Gives one consumer its events: in order, at least once, by one process at a time, from where it was.
import { dropLease, takeLease } from '../history/lease.ts'
import type { HistoryDatabase } from '../history/record.ts'
import type { Logger } from '../job/logger.ts'
import type { Clock } from '../primitives/clock.ts'
import type { EventConsumerRow } from '../state/event-tables.ts'
import type { StateDatabase } from '../state/tables.ts'
import { fits, type EventFilter, type OrderlyEvent } from './event.ts'
import type { EventLog } from './event-log.ts'

export interface ConsumerParts {
  readonly history: HistoryDatabase
  readonly state: StateDatabase
  readonly clock: Clock
  readonly log: Logger
  readonly eventLog: EventLog
}

export interface ConsumerSpec {
  /** Under this name it is remembered how far it is. */
  readonly name: string
  readonly filter: EventFilter
  /** Where it begins when it is new. `now` unless told. */
  readonly from?: 'start' | 'now'
  /** Told of events in their order; what it throws makes it be told again. */
  handle(events: readonly OrderlyEvent[]): Promise<void>
  /** How many it is told of at a time. 1 unless told. */
  readonly batch?: number
  /** Never leaves out an event: what fails is not the event but the place it goes to, which comes back. */
  readonly isPatient?: boolean
}

const READ_AT_ONCE = 500
const LEASE_MS = 15_000
const SHORTEST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 60_000
/** An event that fails as often is left out and counted, for it would hold up all that follow; or it is told of again. */
const MOST_FAILURES = 12

/** Begins a consumer where there is none of the name, and leaves one that is there as it is. */
export async function ensureConsumer(
  { state, clock, eventLog }: ConsumerParts,
  { name, from = 'now' }: Pick<ConsumerSpec, 'name' | 'from'>,
): Promise<void> {
  await state.query
    .insertInto('orderly_event_consumers')
    .values({
      name,
      cursor: from === 'now' ? await eventLog.last() : 0,
      replay_after: null,
      replay_to: null,
      failures: 0,
      skipped: 0,
      error_code: null,
      updated_at: clock.now(),
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
}

/** One consumer at work in this process. */
export interface RunningConsumer {
  /**
   * Gives it what there is for it, if this process holds its lease.
   *
   * @returns whether there may be more at once
   */
  turn(holder: string, signal: AbortSignal): Promise<boolean>
  /** Gives its lease back. */
  release(holder: string): Promise<void>
}

export function runConsumer(parts: ConsumerParts, spec: ConsumerSpec): RunningConsumer {
  const { clock, history, state, eventLog, log } = parts
  const lease = `events/${spec.name}`
  let heldUntil = 0
  let retryAt = 0
  let isKnown = false

  const save = async (change: Partial<EventConsumerRow>): Promise<void> => {
    await state.query
      .updateTable('orderly_event_consumers')
      .set({ ...change, updated_at: clock.now() })
      .where('name', '=', spec.name)
      .execute()
  }

  /** Takes the lease, or holds it on. Half of it is left for those who come late. */
  const hold = async (holder: string): Promise<boolean> => {
    const now = clock.now()
    if (heldUntil - now <= LEASE_MS / 2)
      heldUntil = (await takeLease(history, lease, holder, now, LEASE_MS)) ? now + LEASE_MS : 0
    return heldUntil > 0
  }

  /** @returns the last event that is done with, and whether all were */
  const give = async (
    events: readonly OrderlyEvent[],
    row: EventConsumerRow,
    holder: string,
    signal: AbortSignal,
  ): Promise<{ done: number | undefined; complete: boolean }> => {
    let done: number | undefined
    const wanted = events.filter((event) => fits(spec.filter, event))
    const size = spec.batch ?? 1
    for (let at = 0; at < wanted.length; at += size) {
      if (signal.aborted || !(await hold(holder))) return { done, complete: false }
      const part = wanted.slice(at, at + size)
      try {
        await spec.handle(part)
      } catch (error) {
        const failures = done === undefined ? row.failures + 1 : 1
        const code = (error as { code?: unknown }).code
        const error_code = typeof code === 'string' ? code.slice(0, 64) : 'ORDERLY_HANDLER_FAILED'
        const isTooOften = failures % MOST_FAILURES === 0
        if (isTooOften && spec.isPatient)
          log.error(
            { consumer: spec.name, failures, code: error_code },
            'events cannot be handed on; they are kept, and it is tried again',
          )
        if (!isTooOften || spec.isPatient) {
          retryAt =
            clock.now() + Math.min(SHORTEST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS)
          await save({ failures, error_code })
          return { done, complete: false }
        }
        log.error(
          { consumer: spec.name, event: part[0]!.id, type: part[0]!.type, code: error_code },
          'a consumer failed too often on an event, which it is not told of any more',
        )
        await save({ failures: 0, skipped: row.skipped + part.length, error_code })
      }
      done = part.at(-1)!.sequence
    }
    return { done: events.at(-1)?.sequence, complete: true }
  }

  return {
    async turn(holder, signal) {
      if (clock.now() < retryAt) return false
      if (!isKnown) {
        await ensureConsumer(parts, spec)
        isKnown = true
      }
      if (!(await hold(holder))) return false
      const row = await findConsumer(state, spec.name)
      if (!row) {
        isKnown = false
        return true
      }
      const isReplay = row.replay_after !== null
      const from = isReplay ? row.replay_after! : row.cursor
      const events = await eventLog.after(from, READ_AT_ONCE, isReplay ? row.replay_to! : undefined)
      if (events.length === 0) {
        if (isReplay) await save({ replay_after: null, replay_to: null })
        return isReplay
      }
      const { done, complete } = await give(events, row, holder, signal)
      if (done !== undefined) {
        const failures = complete ? { failures: 0 } : {}
        await save(isReplay ? { replay_after: done, ...failures } : { cursor: done, ...failures })
      }
      return complete
    },
    async release(holder) {
      if (heldUntil > 0) await dropLease(history, lease, holder)
      heldUntil = 0
    },
  }
}

export async function findConsumer(
  { query }: StateDatabase,
  name: string,
): Promise<EventConsumerRow | undefined> {
  return query
    .selectFrom('orderly_event_consumers')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirst()
}
