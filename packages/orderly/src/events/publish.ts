// Gives events to the outside: a Redis stream, or the channel of a PostgreSQL database.
import { sql } from 'kysely'
import type { HistoryDatabase } from '../history/record.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { EventFilter, OrderlyEvent } from './event.ts'
import type { Events } from './events.ts'

/** Where events are published, and which. */
export type PublishTarget = EventFilter &
  (
    | {
        readonly to: 'redis'
        readonly url: string
        /** `orderly:events` unless told. */
        readonly stream?: string
        /** About how many entries the stream keeps. 100,000 unless told. */
        readonly maxLength?: number
      }
    | {
        /** `NOTIFY` on the instance's own database, which must be PostgreSQL. */
        readonly to: 'postgres'
        /** `orderly_events` unless told. */
        readonly channel?: string
      }
  )

/** A stream that entries are put into. */
export interface EventStream {
  add(entries: readonly OrderlyEvent[]): Promise<void>
  close(): Promise<void>
}

export type OpenStream = (url: string, stream: string, maxLength: number) => Promise<EventStream>

const CHANNEL = /^[a-z_][a-z0-9_]{0,62}$/
const STREAM = /^[\w:.-]{1,200}$/
const AT_ONCE = 100

/**
 * Publishes to each target as a durable consumer: at least once, in order, by one process at a time.
 *
 * @returns how to stop
 * @throws OrderlyError `ORDERLY_SETTING_INVALID`
 */
export function publishEvents(
  events: Events,
  history: HistoryDatabase,
  targets: readonly PublishTarget[],
  openStream: OpenStream,
): () => Promise<void> {
  const stops = targets.map((target) => {
    if (target.to === 'postgres') return notify(events, history, target)
    const { url, stream = 'orderly:events', maxLength = 100_000 } = target
    if (!STREAM.test(stream)) throw invalid('the name of a stream is a word such as orderly:events')
    let opening: Promise<EventStream> | undefined
    const stop = events.consume({
      name: `publish/redis/${stream}`,
      filter: filterOf(target),
      batch: AT_ONCE,
      isPatient: true,
      handle: async (batch) => (await (opening ??= openStream(url, stream, maxLength))).add(batch),
    })
    return async () => {
      await stop()
      await (await opening)?.close()
    }
  })
  return async () => {
    await Promise.all(stops.map((stop) => stop()))
  }
}

function notify(
  events: Events,
  history: HistoryDatabase,
  target: PublishTarget & { to: 'postgres' },
): () => Promise<void> {
  const { channel = 'orderly_events' } = target
  if (!CHANNEL.test(channel))
    throw invalid('the name of a channel is a word such as orderly_events')
  if (history.dialect !== 'postgres')
    throw invalid('events can be published by NOTIFY only where ORDERLY_DATABASE_URL is PostgreSQL')
  return events.consume({
    name: `publish/postgres/${channel}`,
    filter: filterOf(target),
    batch: AT_ONCE,
    isPatient: true,
    async handle(batch) {
      await history.transaction(async ({ query }) => {
        for (const event of batch)
          await sql`select pg_notify(${channel}, ${JSON.stringify(event)})`.execute(query)
      })
    },
  })
}

function filterOf({ types, jobs, queues }: EventFilter): EventFilter {
  return { ...(types ? { types } : {}), ...(jobs ? { jobs } : {}), ...(queues ? { queues } : {}) }
}

function invalid(message: string): OrderlyError {
  return new OrderlyError('ORDERLY_SETTING_INVALID', message)
}
