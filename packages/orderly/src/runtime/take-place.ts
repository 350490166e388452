// What a worker does with a claimed job of a kind that takes turns: takes its place, or lets it wait its turn again.
import type { EngineJob } from '../engine/open.ts'
import type { JobMarks } from '../job/marks.ts'
import { enter, type Place } from './lanes.ts'
import type { Rooms } from './rooms.ts'

/** `unbounded`: its kind takes no turns. `full`: no place is free, and it must not run. */
export type Taken = Place | 'unbounded' | 'full'

const LOOK_AGAIN_MS = 250

/** Takes the place of a claimed job. */
export async function takePlace(job: EngineJob, { lane }: JobMarks, rooms: Rooms): Promise<Taken> {
  if (!lane) return 'unbounded'
  const { clock, log } = rooms
  const { name, queueName: queue } = job
  const claimed = { id: job.id!, queue, name, priority: job.priority }
  try {
    return (await enter(rooms, claimed, lane)) ?? 'full'
  } catch (error) {
    // Without an answer nobody knows whether a place is free.
    log.warn({ jobId: job.id, error: (error as Error).message }, 'a job found no place to run in')
    await clock.sleep(LOOK_AGAIN_MS)
    return 'full'
  }
}
