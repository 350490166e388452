// What happens to jobs, for whoever wants to know: consumers of this process, and ranges told once more.
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import { namesOf, refuseUnknown } from '../primitives/known-names.ts'
import type { EventConsumerRow } from '../state/event-tables.ts'
import {
  ensureConsumer,
  findConsumer,
  runConsumer,
  type ConsumerParts,
  type ConsumerSpec,
  type RunningConsumer,
} from './consumer.ts'
import { EVENT_TYPES, fits, type EventFilter, type EventType, type OrderlyEvent } from './event.ts'
import { openEventLog } from './event-log.ts'

export interface ConsumeOptions extends Omit<EventFilter, 'types'> {
  /**
   * Remembers under this name how far it is: told at least once of every event, in order, by one process at a time,
   * across restarts. Left out, it is told of what happens from now on, in this process alone.
   */
  readonly consumer?: string
  /** Where a named consumer begins when it is new. `now` unless told. */
  readonly from?: 'start' | 'now'
}

const CONSUME = namesOf<ConsumeOptions>({ consumer: true, from: true, jobs: true, queues: true })

export interface Consumer {
  readonly name: string
  /** The number of the last event that is done with, and of the latest there is. */
  readonly cursor: number
  readonly last: number
  readonly replaying: boolean
  readonly failures: number
  readonly skipped: number
  readonly errorCode: string | null
  readonly updatedAt: number
}

/** A part of the record: numbers of events, or times. */
export interface EventRange {
  /** After this number. */
  readonly after?: number
  /** Up to and with this number. */
  readonly upTo?: number
  /** Milliseconds since 1970 UTC, inclusive. */
  readonly since?: number
  /** Exclusive. */
  readonly until?: number
}

export interface Events {
  /**
   * Calls `fn` for events. What `fn` throws makes it be told again, a dozen times at most.
   *
   * @returns how to stop
   */
  on(
    types: EventType | '*' | readonly EventType[],
    options: ConsumeOptions,
    fn: (event: OrderlyEvent) => unknown,
  ): () => Promise<void>
  /** Events after a number, as they are. */
  read(after: number, limit?: number, filter?: EventFilter): Promise<OrderlyEvent[]>
  consumers(): Promise<Consumer[]>
  /**
   * Tells one consumer of a part of the record once more, before it goes on where it was.
   *
   * @throws OrderlyError `ORDERLY_NOT_FOUND` for a consumer that is not known, `ORDERLY_INPUT_INVALID` while another
   *   range is being told
   */
  replay(consumer: string, range: EventRange): Promise<{ after: number; upTo: number }>
  /** Remembers a consumer of this name from now on, though nobody serves it yet. */
  ensure(name: string): Promise<void>
  /** Adds a consumer that is part of the house. @returns how to stop */
  consume(spec: ConsumerSpec): () => Promise<void>
  /** Tells what has happened since, now. */
  wake(): void
  close(): Promise<void>
}

const LOOK_MS = 250
/** A consumer that another process serves is asked for now and then. */
const LOOK_ANYWAY_EVERY = 8
const NAME = /^[\w.:/-]{1,100}$/
const MOST_READ = 1_000

export function openEvents(parts: Omit<ConsumerParts, 'eventLog'>): Events {
  const { state, history, clock, log } = parts
  const eventLog = openEventLog(history)
  const all: ConsumerParts = { ...parts, eventLog }
  const holder = newId(clock.now())
  const closing = new AbortController()
  const running = new Map<RunningConsumer, AbortController>()
  let hurry = new AbortController()
  let loop: Promise<void> | undefined

  /** Those for whom there may be something, and those that are at work. */
  const due = new Set<RunningConsumer>()
  const busy = new Map<RunningConsumer, Promise<void>>()

  /** Gives one consumer all there is for it. */
  const serve = async (consumer: RunningConsumer, signal: AbortSignal): Promise<void> => {
    do {
      due.delete(consumer)
      try {
        if (await consumer.turn(holder, signal)) due.add(consumer)
      } catch (error) {
        due.add(consumer)
        log.warn({ error: (error as Error).message }, 'events could not be read; it is tried again')
        return
      }
      await clock.turn()
    } while (due.has(consumer) && !signal.aborted)
  }

  const work = async (): Promise<void> => {
    let seen = -1
    for (let turns = 0; !closing.signal.aborted && running.size > 0; turns++) {
      try {
        const last = await eventLog.last()
        if (last !== seen || turns % LOOK_ANYWAY_EVERY === 0)
          for (const consumer of running.keys()) due.add(consumer)
        seen = last
      } catch (error) {
        log.warn({ error: (error as Error).message }, 'events could not be read; it is tried again')
      }
      for (const [consumer, { signal }] of running) {
        if (!due.has(consumer) || busy.has(consumer) || signal.aborted) continue
        // Nobody waits for it: one that is slow, or never ends, holds up no other.
        const served = serve(consumer, signal).finally(() => busy.delete(consumer))
        busy.set(consumer, served)
      }
      await clock.sleep(LOOK_MS, hurry.signal)
      if (hurry.signal.aborted && !closing.signal.aborted) hurry = new AbortController()
    }
  }

  const start = (): void => {
    loop ??= work().finally(() => {
      loop = undefined
      if (running.size > 0 && !closing.signal.aborted) start()
    })
  }

  const add = (consumer: RunningConsumer): (() => Promise<void>) => {
    if (closing.signal.aborted)
      throw new OrderlyError('ORDERLY_CLOSED', 'this instance is closed; open a new one')
    const stopping = new AbortController()
    running.set(consumer, stopping)
    start()
    return async () => {
      stopping.abort()
      running.delete(consumer)
      due.delete(consumer)
      await consumer.release(holder)
    }
  }

  return {
    on(types, options, fn) {
      if (typeof fn !== 'function')
        throw invalid('what is told of events is a function: on(types, { … }, (event) => …)')
      refuseUnknown('on', options ?? null, CONSUME)
      const { consumer, from = 'now', jobs, queues } = options
      const wanted = typeof types === 'string' ? [types] : types
      const unknown = wanted.find((type) => type !== '*' && !Object.hasOwn(EVENT_TYPES, type))
      if (unknown !== undefined || wanted.length === 0)
        throw invalid('the types of events are those of the guide on events, or *')
      if (consumer !== undefined && !NAME.test(consumer))
        throw invalid('the name of a consumer is 1 to 100 letters, digits and . : / _ -')
      const filter: EventFilter = {
        types: wanted,
        ...(jobs ? { jobs } : {}),
        ...(queues ? { queues } : {}),
      }
      const handle = async ([event]: readonly OrderlyEvent[]): Promise<void> => {
        await fn(event!)
      }
      if (consumer === undefined) return add(passing(all, filter, handle))
      return add(runConsumer(all, { name: consumer, filter, from, handle }))
    },
    ensure: (name) => ensureConsumer(all, { name }),
    consume: (spec) => add(runConsumer(all, spec)),
    async read(after, limit = 100, filter = {}) {
      const events = await eventLog.after(after, Math.min(Math.max(1, limit), MOST_READ))
      return events.filter((event) => fits(filter, event))
    },
    async consumers() {
      const last = await eventLog.last()
      const rows = await state.query
        .selectFrom('orderly_event_consumers')
        .selectAll()
        .orderBy('name')
        .execute()
      return rows.map((row) => shown(row, last))
    },
    async replay(name, range) {
      const row = await findConsumer(state, name)
      if (!row)
        throw new OrderlyError(
          'ORDERLY_NOT_FOUND',
          'no consumer of this name has ever read here; see the list of consumers',
        )
      const { after, upTo } = await numbersOf(history, range, row.cursor)
      const done = await state.query
        .updateTable('orderly_event_consumers')
        .set({ replay_after: after, replay_to: upTo, updated_at: clock.now() })
        .where('name', '=', name)
        .where('replay_after', 'is', null)
        .executeTakeFirst()
      if (done.numUpdatedRows === 0n)
        throw invalid('this consumer is being told another range; wait until it is done')
      hurry.abort()
      return { after, upTo }
    },
    wake: () => hurry.abort(),
    async close() {
      closing.abort()
      for (const stopping of running.values()) stopping.abort()
      hurry.abort()
      await loop
      const release = async (consumer: RunningConsumer): Promise<void> => {
        await busy.get(consumer)
        await consumer.release(holder).catch(() => undefined)
      }
      await Promise.all([...running.keys()].map(release))
    },
  }
}

/** Tells of what happens from now on, and remembers nothing. */
function passing(
  { eventLog, log }: ConsumerParts,
  filter: EventFilter,
  handle: (events: readonly OrderlyEvent[]) => Promise<void>,
): RunningConsumer {
  // Asked for at once, so that what happens after `on` has returned is told.
  let cursor = eventLog.last()
  cursor.catch(() => undefined)
  return {
    async turn(_holder, signal) {
      const events = await eventLog.after(await cursor, 500)
      for (const event of events) {
        if (signal.aborted) return false
        cursor = Promise.resolve(event.sequence)
        if (!fits(filter, event)) continue
        try {
          await handle([event])
        } catch (error) {
          log.warn({ error: (error as Error).name }, 'a listener of events failed')
        }
      }
      return events.length > 0
    },
    release: () => Promise.resolve(),
  }
}

async function numbersOf(
  { query }: ConsumerParts['history'],
  { after, upTo, since, until }: EventRange,
  cursor: number,
): Promise<{ after: number; upTo: number }> {
  let from = after ?? 0
  let to = Math.min(upTo ?? cursor, cursor)
  if (since !== undefined) {
    const row = await query
      .selectFrom('orderly_events')
      .select(({ fn }) => fn.min('n').as('n'))
      .where('at', '>=', since)
      .executeTakeFirst()
    from = Math.max(from, (row?.n ?? cursor + 1) - 1)
  }
  if (until !== undefined) {
    const row = await query
      .selectFrom('orderly_events')
      .select(({ fn }) => fn.max('n').as('n'))
      .where('at', '<', until)
      .executeTakeFirst()
    to = Math.min(to, row?.n ?? 0)
  }
  return { after: Math.min(from, to), upTo: to }
}

function shown(row: EventConsumerRow, last: number): Consumer {
  return {
    name: row.name,
    cursor: row.cursor,
    last,
    replaying: row.replay_after !== null,
    failures: row.failures,
    skipped: row.skipped,
    errorCode: row.error_code,
    updatedAt: row.updated_at,
  }
}

function invalid(message: string): OrderlyError {
  return new OrderlyError('ORDERLY_INPUT_INVALID', message)
}
