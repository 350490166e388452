// Replaces a worker that has gone deaf: it is alive, jobs wait, and it takes none. Connections that die unnoticed do that.
import type { Clock } from '../primitives/clock.ts'
import type { EngineWorker } from './open.ts'

export interface WatchRules {
  readonly clock: Clock
  make(): EngineWorker
  /** Whether its store answers: one that does not is somebody else's business. */
  isReachable(): boolean
  /** Whether it has as many jobs as it may have. */
  isFull(): boolean
  /** Whether handlers run. */
  isBusy(): boolean
  /** How many jobs it could take. */
  countWaiting(): Promise<number>
  onDeaf(): void
}

export interface Watched {
  /** False from when it is found deaf until its successor has taken a job, or none waits. */
  isReady(): boolean
  close(): Promise<void>
}

/** How long an idle worker sleeps at most before it looks for jobs by itself. */
const DRAIN_DELAY_MS = 5_000
const GIVE_UP_MS = 1_000
/** A worker whose handlers have ended needs a moment to say so; what it does not get said is on record. */
const LONGEST_GOODBYE_MS = 15_000
const DEAF_AFTER_MS = 3 * DRAIN_DELAY_MS

export function watchWorker(rules: WatchRules): Watched {
  const { clock } = rules
  const retired: Promise<void>[] = []
  let ready = true
  let lastSign = clock.elapsed()
  let closed = false
  let disarm = (): void => undefined

  const make = (): EngineWorker => {
    const worker = rules.make()
    const sign = (): void => {
      lastSign = clock.elapsed()
      ready = true
    }
    return worker.on('active', sign).on('completed', sign).on('failed', sign)
  }
  let worker = make()

  const look = async (): Promise<void> => {
    if (!rules.isReachable() || rules.isFull() || (await rules.countWaiting()) === 0) {
      lastSign = clock.elapsed()
      ready = true
      return
    }
    if (closed || clock.elapsed() - lastSign < DEAF_AFTER_MS) return
    ready = false
    rules.onDeaf()
    // It is not waited for: what it still works on it may end, and its connections may never answer again.
    retired.push(worker.close().catch(() => undefined))
    worker = make()
    lastSign = clock.elapsed()
  }
  const lookLater = (): void => {
    disarm = clock.after(DRAIN_DELAY_MS, () => {
      look()
        .catch(() => undefined)
        .finally(() => {
          if (!closed) lookLater()
        })
    })
  }
  lookLater()
  return {
    isReady: () => ready,
    async close() {
      closed = true
      disarm()
      const ended = Promise.all([worker.close(), ...retired])
      const over = new AbortController()
      const since = clock.elapsed()
      ended.finally(() => over.abort()).catch(() => undefined)
      // A worker waits for the answers of its store. One that is away gives none, and its jobs are on record.
      const givenUp = async (): Promise<void> => {
        while (!over.signal.aborted) {
          await clock.sleep(GIVE_UP_MS, over.signal)
          if (rules.isBusy()) continue
          // One that has gone deaf waits for an answer that never comes, however well its store is.
          if (!rules.isReachable() || clock.elapsed() - since > LONGEST_GOODBYE_MS) return
        }
      }
      await Promise.race([ended, givenUp()])
      if (!over.signal.aborted) abandon(worker)
    },
  }
}

/**
 * Ends what a worker keeps going while it waits for a store that is away: its timers would keep the process alive.
 * BullMQ stops them only once the store has answered.
 */
function abandon(worker: EngineWorker): void {
  const { lockManager } = worker as unknown as { lockManager?: { close(): Promise<void> } }
  lockManager?.close().catch(() => undefined)
  worker.disconnect().catch(() => undefined)
}
