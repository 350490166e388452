// Jobs that this process cannot or must not run now: held, counted, never dropped.
import type { JobMarks } from '../job/marks.ts'
import type { Rooms } from './rooms.ts'

export interface Hold {
  readonly reason: 'no handler' | 'needs a newer worker' | 'its kind is paused'
  /** Milliseconds until somebody looks at it again. */
  readonly delay: number
}

/** How long a job that nobody here can run waits before somebody looks at it again. */
const HELD_MS = 60_000
/** Whoever resumes a kind of job wakes those that were put aside; this is for when that was missed. */
const PAUSED_MS = 60_000

/** Why a job of this name is not run here now; undefined when it may be. */
export function holdOf(name: string, marks: JobMarks, rooms: Rooms): Hold | undefined {
  const handler = rooms.registry.handlers.get(name)
  if (!handler) return { reason: 'no handler', delay: HELD_MS }
  // Another version of this program made it and knows what to do with it.
  if ((marks.version ?? 1) > handler.job.version)
    return { reason: 'needs a newer worker', delay: HELD_MS }
  const pause = rooms.pauses.ofJob(name)
  if (!pause) return undefined
  const left = pause.until === null ? PAUSED_MS : pause.until - rooms.clock.now()
  return { reason: 'its kind is paused', delay: Math.max(1, Math.min(left, PAUSED_MS)) }
}
