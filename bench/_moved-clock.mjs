// A clock that shows another time than it is, and goes on from there.
/** @returns a clock with `set`, which takes milliseconds since 1970 UTC */
export function movedClock() {
  let offset = 0
  return {
    now: () => Date.now() + offset,
    elapsed: () => performance.now(),
    after(ms, fn) {
      const timer = setTimeout(() => fn(), Math.min(ms, 2 ** 31 - 1)).unref()
      return () => clearTimeout(timer)
    },
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const timer = setTimeout(done, ms)
        function done() {
          clearTimeout(timer)
          signal?.removeEventListener('abort', done)
          resolve()
        }
        signal?.addEventListener('abort', done, { once: true })
      }),
    turn: () => new Promise((resolve) => setImmediate(resolve)),
    set: (at) => (offset = at - Date.now()),
  }
}
