/** Owns what is remembered of a queue between statements: counters, settings, pending events. */
import type { OldestEvents, StoredEvent } from './events.ts'
import type { Statements } from './statements.ts'
import { State } from './schema.ts'

interface QueueRow {
  id: number
  name: string
  last_id: number
  wait_front: number
  wait_back: number
  active_back: number
  priority_count: number
  event_pos: number
  event_count: number
  waiting: number
  prioritized: number
  delayed: number
  active: number
  waiting_children: number
  completed: number
  failed: number
  limiter_count: number
  limiter_until: number | null
  stalled_check_until: number
  max_stalled: number
  meta: string
  tail: string
  tail_count: number
}

const SELECT_QUEUE = 'SELECT * FROM bullmq_queue WHERE name = ?'
const SELECT_QUEUE_BY_ID = 'SELECT * FROM bullmq_queue WHERE id = ?'
const INSERT_QUEUE = 'INSERT INTO bullmq_queue (name) VALUES (?) RETURNING *'
const UPDATE_QUEUE = `
  UPDATE bullmq_queue SET
    last_id = ?, wait_front = ?, wait_back = ?, active_back = ?, priority_count = ?,
    event_pos = ?, event_count = ?,
    waiting = ?, prioritized = ?, delayed = ?, active = ?, waiting_children = ?,
    completed = ?, failed = ?,
    limiter_count = ?, limiter_until = ?, stalled_check_until = ?, max_stalled = ?, meta = ?,
    tail = ?, tail_count = ?
  WHERE id = ?`
const COUNT_STATES = 'SELECT state, count(*) AS n FROM bullmq_job WHERE queue = ? GROUP BY state'

/**
 * A queue's row held in memory while no other process has written. Verbs change it freely inside a
 * transaction; it is written back once per commit, however many jobs moved.
 */
export class QueueState {
  readonly id: number
  readonly name: string
  lastId: number
  waitFront: number
  waitBack: number
  activeBack: number
  priorityCount: number
  eventPos: number
  eventCount: number
  limiterCount: number
  limiterUntil: number | null
  stalledCheckUntil: number
  maxStalled: number
  /** How many jobs are in each {@link State}. */
  readonly counts: number[]
  readonly meta: Map<string, string>
  /** The rank of the next delayed job; undefined when it must be looked up. */
  nextDelayedRank: number | undefined = undefined
  /** Events of the running transaction, and the position the first of them will have. */
  events: StoredEvent[] = []
  firstEventPos = 0
  trimTo: number | undefined = undefined
  /** Events not yet in a row of their own, as the items of a JSON array, and how many they are. */
  tail: string
  tailCount: number
  /** The next row of events to trim; undefined when it must be looked up. */
  oldestEvents: OldestEvents | undefined = undefined
  dirty = false

  constructor(row: QueueRow) {
    this.id = row.id
    this.name = row.name
    this.lastId = row.last_id
    this.waitFront = row.wait_front
    this.waitBack = row.wait_back
    this.activeBack = row.active_back
    this.priorityCount = row.priority_count
    this.eventPos = row.event_pos
    this.eventCount = row.event_count
    this.limiterCount = row.limiter_count
    this.limiterUntil = row.limiter_until
    this.stalledCheckUntil = row.stalled_check_until
    this.maxStalled = row.max_stalled
    this.counts = [
      row.waiting,
      row.prioritized,
      row.delayed,
      row.active,
      row.waiting_children,
      row.completed,
      row.failed,
    ]
    this.tail = row.tail
    this.tailCount = row.tail_count
    this.meta = new Map(Object.entries(JSON.parse(row.meta) as Record<string, string>))
  }

  count(state: State): number {
    return this.counts[state] ?? 0
  }

  /** Counts a job that left `from` for `to`; null stands for outside the queue. */
  moved(from: State | null, to: State | null): void {
    if (from !== null) this.counts[from] = this.count(from) - 1
    if (to !== null) this.counts[to] = this.count(to) + 1
    if (from === State.delayed) this.nextDelayedRank = undefined
    this.dirty = true
  }

  /** A rank before every waiting job. */
  frontRank(): number {
    this.dirty = true
    return --this.waitFront
  }

  /** A rank behind every waiting job. */
  backRank(): number {
    this.dirty = true
    return ++this.waitBack
  }

  get paused(): boolean {
    return this.meta.has('paused')
  }

  get maxed(): boolean {
    const concurrency = this.meta.get('concurrency')
    return concurrency !== undefined && this.count(State.active) >= Number(concurrency)
  }

  get pausedOrMaxed(): boolean {
    return this.paused || this.maxed
  }

  save(sql: Statements): void {
    sql.run(
      UPDATE_QUEUE,
      this.lastId,
      this.waitFront,
      this.waitBack,
      this.activeBack,
      this.priorityCount,
      this.eventPos,
      this.eventCount,
      ...this.counts,
      this.limiterCount,
      this.limiterUntil,
      this.stalledCheckUntil,
      this.maxStalled,
      JSON.stringify(Object.fromEntries(this.meta)),
      this.tail,
      this.tailCount,
      this.id,
    )
    this.dirty = false
  }

  /** Counts the rows themselves: a counter that lies would make workers spin. */
  recount(sql: Statements): void {
    this.counts.fill(0)
    for (const { state, n } of sql.all<{ state: State; n: number }>(COUNT_STATES, this.id)) {
      this.counts[state] = n
    }
    this.nextDelayedRank = undefined
    this.dirty = true
  }
}

/** Reads a queue by its qualified name. */
export function loadQueue(sql: Statements, name: string): QueueState | undefined {
  const row = sql.get<QueueRow>(SELECT_QUEUE, name)
  return row && new QueueState(row)
}

/** Reads a queue by its number. */
export function loadQueueById(sql: Statements, id: number): QueueState | undefined {
  const row = sql.get<QueueRow>(SELECT_QUEUE_BY_ID, id)
  return row && new QueueState(row)
}

/** Writes a new, empty queue. */
export function createQueue(sql: Statements, name: string): QueueState {
  return new QueueState(sql.get<QueueRow>(INSERT_QUEUE, name)!)
}

/** A queue nobody has written to yet, for reads. */
export function emptyQueue(name: string): QueueState {
  return new QueueState({
    id: 0,
    name,
    last_id: 0,
    wait_front: 1,
    wait_back: 0,
    active_back: 0,
    priority_count: 0,
    event_pos: 0,
    event_count: 0,
    waiting: 0,
    prioritized: 0,
    delayed: 0,
    active: 0,
    waiting_children: 0,
    completed: 0,
    failed: 0,
    limiter_count: 0,
    limiter_until: null,
    stalled_check_until: 0,
    max_stalled: 1,
    meta: '{}',
    tail: '',
    tail_count: 0,
  })
}
