// What the processes of `npm run bench -- runtime` share: work at an even rate, and being told by a message what to do.
import { performance } from 'node:perf_hooks'

const TICK_MS = 10

/** Calls `work` so many times a second, waiting for none of them, until `performance.now()` says so. */
export async function atRate(rate, until, work) {
  let last = performance.now()
  let owed = 0
  while (performance.now() < until) {
    const now = performance.now()
    owed += ((now - last) * rate) / 1_000
    last = now
    for (; owed >= 1; owed--) void work()
    await sleep(TICK_MS)
  }
}

export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Runs what the first message asks for, answers with its result, and ends the process. */
export function answer(run) {
  process.once('message', (task) => {
    run(task).then(
      (result) => process.send({ result }, () => process.exit(0)),
      (error) => process.send({ error: error.stack }, () => process.exit(1)),
    )
  })
}
