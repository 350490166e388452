// The clocks that run against an attempt: its timeout, the deadline of its job, and the heartbeat it must show.
import { OrderlyError } from '../primitives/errors.ts'
import type { Attempt } from './attempt.ts'
import type { Rooms } from './rooms.ts'

export interface Timers {
  /** Winds the heartbeat's clock up again. */
  alive(): void
  disarm(): void
}

export function armTimers(attempt: Pick<Attempt, 'job' | 'marks' | 'stop'>, rooms: Rooms): Timers {
  const { job, marks, stop } = attempt
  const { clock } = rooms
  const { timeout, heartbeat } = job.options
  const disarms = [
    clock.after(timeout, () =>
      stop.abort(
        new OrderlyError(
          'ORDERLY_TIMEOUT',
          `job "${job.name}" ran longer than ${timeout} ms; raise its timeout or make it stop on ctx.signal`,
        ),
      ),
    ),
  ]
  if (marks.endBy !== undefined)
    disarms.push(clock.after(marks.endBy - clock.now(), () => stop.abort(deadlineOf(job.name))))
  let disarmHeart = (): void => {}
  const alive = (): void => {
    disarmHeart()
    if (heartbeat === undefined) return
    disarmHeart = clock.after(heartbeat, () =>
      stop.abort(
        new OrderlyError(
          'ORDERLY_HEARTBEAT_MISSED',
          `job "${job.name}" showed no sign of life for ${heartbeat} ms; call ctx.heartbeat() more often or raise its heartbeat`,
        ),
      ),
    )
  }
  alive()
  return {
    alive,
    disarm() {
      disarmHeart()
      for (const disarm of disarms) disarm()
    },
  }
}

export function deadlineOf(job: string): OrderlyError {
  return new OrderlyError(
    'ORDERLY_DEADLINE',
    `job "${job}" did not end in the time it had for all its attempts; raise its deadline or look why it took so long`,
  )
}
