/** Owns time: every other file asks here what time it is. */

/** Where the backend takes the time from. Hand in your own to test without waiting. */
export interface Clock {
  /** Wall-clock milliseconds: timestamps, delays, rate limits, schedules. */
  now(): number
  /**
   * Milliseconds that never jump, shared by all processes of one boot: locks are measured with it,
   * so that setting the machine's clock neither frees nor prolongs a lock. Defaults to `now`.
   */
  monotonic?(): number
}

// Taken once, so that fake timers installed later cannot restart it from zero under living locks.
const hrtime = process.hrtime.bind(process)

/** The machine's own clock. Only Linux promises one monotonic clock to all its processes. */
export const systemClock: Clock =
  process.platform === 'linux' ? { now: () => Date.now(), monotonic } : { now: () => Date.now() }

function monotonic(): number {
  const [seconds, nanoseconds] = hrtime()
  return seconds * 1000 + Math.floor(nanoseconds / 1_000_000)
}

/** Reads the clock that locks are measured with. */
export function monotonicNow(clock: Clock): number {
  return clock.monotonic ? clock.monotonic() : clock.now()
}

/**
 * The machine's timers, taken once for the same reason: a commit must happen, and a poll go on,
 * while a test's fake timers stand still.
 */
export const timers: {
  setTimeout: typeof setTimeout
  clearTimeout: typeof clearTimeout
  setInterval: typeof setInterval
  clearInterval: typeof clearInterval
  setImmediate: typeof setImmediate
} = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate }

/** Milliseconds that never jump, for measuring how long something took in this process. */
export const elapsed: () => number = performance.now.bind(performance)
