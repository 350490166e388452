/** Owns what a verb is handed while it runs: the time, the statements and the queues. */
import type { Clock } from './clock.ts'
import { monotonicNow } from './clock.ts'
import { flushEvents } from './events.ts'
import { QueueState, createQueue, emptyQueue, loadQueue, loadQueueById } from './queue-state.ts'
import type { Statements } from './statements.ts'

/** One view of the file. Verbs read and write through it and never begin or commit. */
export class Transaction {
  readonly sql: Statements
  readonly ownerId: () => number
  /** Wall-clock time of the operation that runs. */
  now = 0
  /** The same moment on the clock that locks are measured with. */
  lockNow = 0
  readonly #clock: Clock
  readonly #queues = new Map<string, QueueState | null>()
  readonly #queuesById = new Map<number, QueueState>()

  constructor(sql: Statements, clock: Clock, ownerId: () => number) {
    this.sql = sql
    this.#clock = clock
    this.ownerId = ownerId
  }

  /** Takes the time once for an operation, so that all it writes agrees. */
  tick(): void {
    this.now = this.#clock.now()
    this.lockNow = monotonicNow(this.#clock)
  }

  /** The queue of that name, made if it is new. */
  queue(name: string): QueueState {
    return this.findQueue(name) ?? this.#remember(createQueue(this.sql, name))
  }

  /** The queue of that name, if anything was ever written to it. */
  findQueue(name: string): QueueState | undefined {
    const known = this.#queues.get(name)
    if (known !== undefined) return known ?? undefined
    const loaded = loadQueue(this.sql, name)
    if (loaded) return this.#remember(loaded)
    this.#queues.set(name, null)
    return undefined
  }

  /** The queue of that name for reading only; empty if nothing was ever written to it. */
  peekQueue(name: string): QueueState {
    return this.findQueue(name) ?? emptyQueue(name)
  }

  queueById(id: number): QueueState | undefined {
    const known = this.#queuesById.get(id)
    if (known) return known
    const loaded = loadQueueById(this.sql, id)
    return loaded && this.#remember(loaded)
  }

  /** Writes what was only remembered; returns the names of the queues that changed. */
  flush(): string[] {
    const changed: string[] = []
    for (const queue of this.#queuesById.values()) {
      if (queue.events.length > 0) flushEvents(this.sql, queue)
      if (!queue.dirty) continue
      queue.save(this.sql)
      changed.push(queue.name)
    }
    return changed
  }

  /** Forgets every queue: another process wrote, or our own writes were rolled back. */
  forget(): void {
    this.#queues.clear()
    this.#queuesById.clear()
  }

  #remember(queue: QueueState): QueueState {
    this.#queues.set(queue.name, queue)
    this.#queuesById.set(queue.id, queue)
    return queue
  }
}
