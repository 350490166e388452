/** Owns waking: who waits for a queue, and how a change reaches it from this process or another. */
import type { Clock } from './clock.ts'
import { elapsed, timers } from './clock.ts'

/** A wait for something to show up in a queue. */
export interface Wait<T> {
  queue: string
  /** Looks whether it is there; undefined means it is not. */
  probe: () => T | undefined
  /** When it will be there without anybody writing, if that is known. */
  dueAt?: () => number | undefined
  /** How long to wait, in milliseconds; Infinity for ever. */
  timeoutMs: number
  /** Whoever waits will take a job. */
  takes?: boolean
}

/** A wait that has begun. */
export interface Waiting<T> {
  result: Promise<T | null>
  /** Ends it now with null. */
  end: () => void
}

interface Sleeper {
  queue: string
  takes: boolean
  dueAt: number | undefined
  /** Looks again, and ends the wait if there is something. */
  look: () => void
  /** Ends the wait with nothing. */
  end: () => void
}

// setTimeout fires at once when asked for more.
const LONGEST_TIMER_MS = 2 ** 31 - 1
const QUIET_AFTER_MS = 1000
const ASLEEP_AFTER_MS = 10_000

/**
 * Sleepers are woken by commits of this process at once, and by other processes through the bell, or
 * else a poll of the file's version. It wakes too often rather than too rarely: whoever is
 * woken looks for itself, and has looked once before it slept, so no change is missed.
 */
export class Wake {
  readonly #clock: Clock
  /** Looks whether another process wrote, and lets `foreignChange` know. */
  readonly #poll: () => void
  /** Whether other processes tell us when they write, so that the poll is only a safeguard. */
  readonly #hasBell: () => boolean
  readonly #sleepers = new Set<Sleeper>()
  #timer: NodeJS.Timeout | undefined
  #lastActivity = 0
  #foreign = false
  #closed = false

  constructor(clock: Clock, poll: () => void, hasBell: () => boolean) {
    this.#clock = clock
    this.#poll = poll
    this.#hasBell = hasBell
  }

  /** Whether anybody waits for anything. */
  get sleeping(): boolean {
    return this.#sleepers.size > 0
  }

  /** Begins to wait. What is there already is found without sleeping. */
  wait<T>({ queue, probe, dueAt, timeoutMs, takes = false }: Wait<T>): Waiting<T> {
    const { promise, resolve } = withResolvers<T | null>()
    const deadline = elapsed() + timeoutMs
    let deadlineTimer: NodeJS.Timeout | undefined
    let dueTimer: NodeJS.Timeout | undefined

    const end = (value: T | null): void => {
      this.#sleepers.delete(sleeper)
      timers.clearTimeout(deadlineTimer)
      timers.clearTimeout(dueTimer)
      if (this.#sleepers.size === 0) this.#stopPolling()
      resolve(value)
    }
    const sleeper: Sleeper = {
      queue,
      takes,
      dueAt: undefined,
      end: () => end(null),
      look: () => {
        const found = probe()
        if (found !== undefined) {
          this.#lastActivity = elapsed()
          end(found)
          return
        }
        sleeper.dueAt = dueAt?.()
        timers.clearTimeout(dueTimer)
        if (sleeper.dueAt !== undefined) {
          const delay = Math.max(sleeper.dueAt - this.#clock.now(), 1)
          dueTimer = timers.setTimeout(sleeper.look, Math.min(delay, LONGEST_TIMER_MS))
        }
      },
    }
    const untilDeadline = (): void => {
      const left = deadline - elapsed()
      if (left <= 0) end(null)
      else deadlineTimer = timers.setTimeout(untilDeadline, Math.min(left, LONGEST_TIMER_MS))
    }

    if (this.#closed) {
      resolve(null)
      return { result: promise, end: () => undefined }
    }
    this.#sleepers.add(sleeper)
    sleeper.look()
    if (this.#sleepers.has(sleeper)) {
      untilDeadline()
      this.#keepPolling()
    }
    return { result: promise, end: () => end(null) }
  }

  /** Whether somebody here sleeps until there is a job in that queue. */
  awaited(queue: string): boolean {
    for (const sleeper of this.#sleepers) if (sleeper.takes && sleeper.queue === queue) return true
    return false
  }

  /** This process changed these queues. */
  changed(queues: string[]): void {
    if (this.#sleepers.size === 0) return
    for (const sleeper of this.#sleepers) {
      if (queues.includes(sleeper.queue)) sleeper.look()
    }
  }

  /** Ends every wait: whoever looked again would find a file that is closed. */
  close(): void {
    this.#closed = true
    this.#stopPolling()
    for (const sleeper of this.#sleepers) sleeper.end()
  }

  /** Another process changed something. Sleepers look once the running transaction is over. */
  foreignChange(): void {
    if (this.#foreign || this.#sleepers.size === 0) return
    this.#foreign = true
    this.#lastActivity = elapsed()
    timers.setImmediate(() => {
      this.#foreign = false
      for (const sleeper of this.#sleepers) sleeper.look()
    })
  }

  #keepPolling(): void {
    if (this.#timer) return
    this.#timer = timers.setTimeout(() => {
      this.#timer = undefined
      this.#poll()
      const now = this.#clock.now()
      for (const sleeper of this.#sleepers) {
        // A clock that was set forward makes jobs due earlier than their timer says.
        if (sleeper.dueAt !== undefined && sleeper.dueAt <= now) sleeper.look()
      }
      if (this.#sleepers.size > 0) this.#keepPolling()
    }, this.#pollPeriod())
  }

  #pollPeriod(): number {
    const quietFor = elapsed() - this.#lastActivity
    if (this.#hasBell()) return quietFor < QUIET_AFTER_MS ? 25 : 100
    if (quietFor < QUIET_AFTER_MS) return 5
    return quietFor < ASLEEP_AFTER_MS ? 25 : 100
  }

  #stopPolling(): void {
    timers.clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

// Promise.withResolvers is not in Node 20.
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
