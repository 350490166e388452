// Time, handed in: the only place that reads the wall clock or starts a timer.

/** Node fires a timer at once when its delay does not fit 31 bits, so longer waits are cut into steps. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export interface Clock {
  /** Milliseconds since 1970 UTC. */
  now(): number
  /** Milliseconds that never run backwards; only differences mean something. */
  elapsed(): number
  /** Calls `fn` once after `ms`; the returned function cancels. Pending calls do not keep the process alive. */
  after(ms: number, fn: () => void): () => void
  /** Resolves after `ms`, or at once when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Resolves once everything that is ready in this turn of the event loop has had its turn. */
  turn(): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, fn) {
    let timer: NodeJS.Timeout
    const arm = (left: number): void => {
      const step = Math.min(left, LONGEST_TIMER_MS)
      timer = setTimeout(() => (left > step ? arm(left - step) : fn()), step).unref()
    }
    arm(Math.max(0, ms))
    return () => clearTimeout(timer)
  },
  sleep(ms, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      // Unlike `after`, someone awaits this: the process must live until it ends.
      const timer = setTimeout(done, Math.min(ms, LONGEST_TIMER_MS))
      function done(): void {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      signal?.addEventListener('abort', done, { once: true })
    })
  },
  turn: () => new Promise((resolve) => setImmediate(resolve)),
}
