/** Owns the event stream of a queue: appending, reading from a cursor, trimming. */
import type { QueueState } from './queue-state.ts'
import type { Statements } from './statements.ts'
import type { Transaction } from './transaction.ts'

const INSERT_EVENTS = 'INSERT INTO bullmq_event (queue, pos, count, body) VALUES (?, ?, ?, ?)'
const SELECT_EVENTS = `
  SELECT body FROM bullmq_event WHERE queue = ? AND pos > ? ORDER BY pos LIMIT 64`
const SELECT_OLDEST = 'SELECT pos, count FROM bullmq_event WHERE queue = ? ORDER BY pos LIMIT 1'
const DELETE_ROW = 'DELETE FROM bullmq_event WHERE queue = ? AND pos = ?'

const DEFAULT_MAX_EVENTS = 10_000
// A position is a millisecond and a place in it, as in a Redis stream id, packed into one integer.
const PLACES_PER_MS = 1024
// As Redis trims whole nodes, a stream may be longer than asked: by a node, or a tenth.
const TRIM_SLACK = 100
const TRIM_SLACK_SHARE = 0.1
// Longer tails would make small commits heavy, shorter ones would make more rows.
const LONGEST_TAIL = 2000
const MAX_ROWS = 64

type Field = string | number
/**
 * An event as it is stored. Nearly all say `event`, what happened, `jobId` and which job; these
 * leave out the two labels. The others begin with null.
 */
export type StoredEvent = (Field | null)[]
/** The oldest row of events; without a position if there is none. */
export interface OldestEvents {
  pos: number | undefined
  count: number
}
/** The events of one commit: the position of the first, then all of them. */
type Group = [first: number, ...events: StoredEvent[]]

/** Appends an event to the running transaction; returns the position it will have. */
export function emit(tx: Transaction, queue: QueueState, ...fields: Field[]): number {
  if (queue.events.length === 0) {
    queue.firstEventPos = Math.max(queue.eventPos + 1, tx.now * PLACES_PER_MS)
  }
  queue.dirty = true
  return queue.firstEventPos + queue.events.push(toStored(fields)) - 1
}

function toStored(fields: Field[]): StoredEvent {
  if (fields[0] !== 'event' || fields[2] !== 'jobId') return [null, ...fields]
  const stored: StoredEvent = [fields[1]!, fields[3]!]
  for (let at = 4; at < fields.length; at++) stored.push(fields[at]!)
  return stored
}

function fromStored([what, id, ...rest]: StoredEvent): string[] {
  return (what === null ? [id, ...rest] : ['event', what, 'jobId', id, ...rest]).map(String)
}

/** How many events the queue wants to keep. Written down on first use, as BullMQ's own getters show it. */
export function maxEvents(queue: QueueState): number {
  const stored = queue.meta.get('opts.maxLenEvents')
  if (stored !== undefined) return Number(stored)
  queue.meta.set('opts.maxLenEvents', String(DEFAULT_MAX_EVENTS))
  queue.dirty = true
  return DEFAULT_MAX_EVENTS
}

/** Adds the transaction's events to the tail of the stream, or writes both as one row. */
export function flushEvents(sql: Statements, queue: QueueState): void {
  const count = queue.events.length
  const group = JSON.stringify([queue.firstEventPos, ...queue.events])
  queue.tail = queue.tail === '' ? group : `${queue.tail},${group}`
  queue.tailCount += count
  queue.eventPos = queue.firstEventPos + count - 1
  queue.eventCount += count
  queue.events = []
  if (queue.tail.length > LONGEST_TAIL) {
    sql.run(INSERT_EVENTS, queue.id, queue.eventPos, queue.tailCount, `[${queue.tail}]`)
    if (queue.oldestEvents?.pos === undefined) queue.oldestEvents = undefined
    queue.tail = ''
    queue.tailCount = 0
  }
  const limit = queue.trimTo ?? Number(queue.meta.get('opts.maxLenEvents') ?? DEFAULT_MAX_EVENTS)
  queue.trimTo = undefined
  const slack = Math.max(TRIM_SLACK, limit * TRIM_SLACK_SHARE)
  if (queue.eventCount - limit > slack) trimEvents(sql, queue, limit)
  queue.dirty = true
}

/** Drops whole commits of events while at least `limit` remain; returns how many events went. */
export function trimEvents(sql: Statements, queue: QueueState, limit: number): number {
  const before = queue.eventCount
  while (queue.eventCount > limit) {
    queue.oldestEvents ??= oldestRow(sql, queue)
    const { pos, count } = queue.oldestEvents
    if (pos === undefined) {
      trimTail(queue, limit)
      break
    }
    if (queue.eventCount - count < limit) break
    sql.run(DELETE_ROW, queue.id, pos)
    queue.eventCount -= count
    queue.oldestEvents = undefined
  }
  queue.dirty = true
  return before - queue.eventCount
}

function oldestRow(sql: Statements, queue: QueueState): OldestEvents {
  const [pos, count = 0] = (sql.getRaw(SELECT_OLDEST, queue.id) ?? []) as number[]
  return { pos, count }
}

function trimTail(queue: QueueState, limit: number): void {
  const groups = tailGroups(queue)
  while (groups.length > 0 && queue.eventCount - (groups[0]!.length - 1) >= limit) {
    const gone = groups.shift()!.length - 1
    queue.eventCount -= gone
    queue.tailCount -= gone
  }
  queue.tail = groups.map((group) => JSON.stringify(group)).join(',')
}

function tailGroups(queue: QueueState): Group[] {
  return JSON.parse(`[${queue.tail}]`) as Group[]
}

/** Events after `cursor`, at most some thousands at once; the caller asks again from the last. */
export function eventsAfter(
  tx: Transaction,
  queueName: string,
  cursor: number,
): [string, string[]][] {
  const queue = tx.findQueue(queueName)
  if (!queue || queue.eventPos <= cursor) return []
  const rows = tx.sql.all<{ body: string }>(SELECT_EVENTS, queue.id, cursor)
  const groups = rows.flatMap(({ body }) => JSON.parse(body) as Group[])
  if (rows.length < MAX_ROWS) groups.push(...tailGroups(queue))
  const entries: [string, string[]][] = []
  for (const [first, ...events] of groups) {
    events.forEach((event, index) => {
      if (first + index > cursor) entries.push([formatEventId(first + index), fromStored(event)])
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

/** Writes a position as the id a Redis stream would have given. */
export function formatEventId(pos: number): string {
  return `${Math.floor(pos / PLACES_PER_MS)}-${pos % PLACES_PER_MS}`
}
