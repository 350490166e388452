/** Owns the event stream of a queue: appending, reading from a cursor, trimming. */
import type { QueueState } from './queue-state.ts'
import type { Statements } from './statements.ts'
import type { Transaction } from './transaction.ts'

const INSERT_EVENTS = 'INSERT INTO bullmq_event (queue, pos, count, body) VALUES (?, ?, ?, ?)'
const SELECT_EVENTS =
  'SELECT pos, count, body FROM bullmq_event WHERE queue = ? AND pos > ? ORDER BY pos LIMIT 64'
const SELECT_OLDEST = 'SELECT pos, count FROM bullmq_event WHERE queue = ? ORDER BY pos LIMIT 256'
const DELETE_UP_TO = 'DELETE FROM bullmq_event WHERE queue = ? AND pos <= ?'

const DEFAULT_MAX_EVENTS = 10_000
// A position is a millisecond and a place in it, as in a Redis stream id, packed into one integer.
const PLACES_PER_MS = 1024
// As Redis trims whole nodes of about this size, a stream may be longer than asked by as much.
const TRIM_SLACK = 100

type Field = string | number
interface EventChunk {
  pos: number
  count: number
  body: string
}

/** Appends an event to the running transaction; returns the id it will have. */
export function emit(tx: Transaction, queue: QueueState, ...fields: Field[]): string {
  if (queue.events.length === 0) {
    queue.firstEventPos = Math.max(queue.eventPos + 1, tx.now * PLACES_PER_MS)
  }
  const length = queue.events.push(fields.map(String))
  queue.dirty = true
  return formatEventId(queue.firstEventPos + length - 1)
}

/** How many events the queue wants to keep. Written down on first use, as BullMQ's own getters show it. */
export function maxEvents(queue: QueueState): number {
  const stored = queue.meta.get('opts.maxLenEvents')
  if (stored !== undefined) return Number(stored)
  queue.meta.set('opts.maxLenEvents', String(DEFAULT_MAX_EVENTS))
  queue.dirty = true
  return DEFAULT_MAX_EVENTS
}

/** Writes the transaction's events of a queue as one row: a commit of fifty jobs costs one insert. */
export function flushEvents(sql: Statements, queue: QueueState): void {
  const count = queue.events.length
  const last = queue.firstEventPos + count - 1
  sql.run(INSERT_EVENTS, queue.id, last, count, JSON.stringify(queue.events))
  queue.eventPos = last
  queue.eventCount += count
  queue.events = []
  const limit = queue.trimTo ?? Number(queue.meta.get('opts.maxLenEvents') ?? DEFAULT_MAX_EVENTS)
  queue.trimTo = undefined
  if (queue.eventCount - limit > TRIM_SLACK) trimEvents(sql, queue, limit)
  queue.dirty = true
}

/** Drops whole rows of events while at least `limit` remain; returns how many events went. */
export function trimEvents(sql: Statements, queue: QueueState, limit: number): number {
  let removed = 0
  for (;;) {
    const oldest = sql.all<{ pos: number; count: number }>(SELECT_OLDEST, queue.id)
    let upTo: number | undefined
    let dropped = 0
    for (const { pos, count } of oldest) {
      if (queue.eventCount - dropped - count < limit) break
      dropped += count
      upTo = pos
    }
    if (upTo === undefined) return removed
    sql.run(DELETE_UP_TO, queue.id, upTo)
    queue.eventCount -= dropped
    queue.dirty = true
    removed += dropped
    if (oldest.at(-1)?.pos !== upTo) return removed
  }
}

/** Events after `cursor`, at most some thousands at once; the caller asks again from the last. */
export function eventsAfter(
  tx: Transaction,
  queueName: string,
  cursor: number,
): [string, string[]][] {
  const queue = tx.findQueue(queueName)
  if (!queue || queue.eventPos <= cursor) return []
  const entries: [string, string[]][] = []
  for (const { pos, count, body } of tx.sql.all<EventChunk>(SELECT_EVENTS, queue.id, cursor)) {
    const first = pos - count + 1
    ;(JSON.parse(body) as string[][]).forEach((fields, index) => {
      if (first + index > cursor) entries.push([formatEventId(first + index), fields])
    })
  }
  return entries
}

/** The position of the newest event, where `$` points. */
export function lastEventPos(tx: Transaction, queueName: string): number {
  return tx.findQueue(queueName)?.eventPos ?? 0
}

/** Reads `<milliseconds>-<place>` or bare milliseconds, the ids a Redis stream takes. */
export function parseEventId(id: string): number {
  const [ms = '0', place = '0'] = id.split('-')
  return Number(ms) * PLACES_PER_MS + Math.min(Number(place), PLACES_PER_MS - 1)
}

function formatEventId(pos: number): string {
  return `${Math.floor(pos / PLACES_PER_MS)}-${pos % PLACES_PER_MS}`
}
