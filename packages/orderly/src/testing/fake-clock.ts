// A clock that stands still until a test moves it.
import type { Clock } from '../primitives/clock.ts'

export interface FakeClock extends Clock {
  /** Moves time on, and lets everything happen that was due by then, in order. */
  advance(ms: number): void
}

interface Timer {
  readonly at: number
  readonly fn: () => void
}

/** @param start milliseconds since 1970 UTC */
export function fakeClock(start: number = Date.UTC(2026, 0, 5, 12)): FakeClock {
  let now = start
  let timers: Timer[] = []
  const after = (ms: number, fn: () => void): (() => void) => {
    const timer = { at: now + ms, fn }
    timers.push(timer)
    return () => {
      timers = timers.filter((other) => other !== timer)
    }
  }
  return {
    now: () => now,
    elapsed: () => now - start,
    after,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const done = (): void => {
          disarm()
          signal?.removeEventListener('abort', done)
          resolve()
        }
        const disarm = after(ms, done)
        signal?.addEventListener('abort', done, { once: true })
      }),
    turn: () => new Promise((resolve) => setImmediate(resolve)),
    advance(ms) {
      const until = now + ms
      for (;;) {
        const next = timers.toSorted((a, b) => a.at - b.at)[0]
        if (!next || next.at > until) break
        timers = timers.filter((timer) => timer !== next)
        now = Math.max(now, next.at)
        next.fn()
      }
      now = until
    },
  }
}
