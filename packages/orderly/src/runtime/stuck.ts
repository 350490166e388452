// Handlers that go on although their attempt is over: their slot is free, but what they hold is not.
import type { Attempt } from './attempt.ts'
import type { Rooms } from './rooms.ts'

/** As long as a handler may take to hear its signal. */
const STUCK_AFTER_MS = 1_000

/** Counts the handler of an aborted attempt as stuck until `running` settles, and says so once. */
export function noteStuck(running: Promise<unknown>, attempt: Attempt, rooms: Rooms): void {
  let end = rooms.clock.after(STUCK_AFTER_MS, () => {
    end = rooms.running.stick()
    rooms.log.warn(
      { job: attempt.job.name, jobId: attempt.id, attempt: attempt.number },
      'a handler goes on although its attempt is over; make it stop on ctx.signal, or run it with isolation',
    )
  })
  const ended = (): void => end()
  running.then(ended, ended)
}
