// Changes a job where its queue has it.
import { queueIdOf } from '../job/record-id.ts'
import type { Rooms } from './rooms.ts'

/** Lets a delayed job run now. @returns false where it was not there, or not delayed any more */
export function promoteJob(rooms: Rooms, queue: string, id: string): Promise<boolean> {
  return onQueue(rooms, queue, id, (job) => job.promote())
}

/** Takes a job out of its queue; the record keeps its history. @returns false where it was not there, or runs */
export function removeJob(rooms: Rooms, queue: string, id: string): Promise<boolean> {
  return onQueue(rooms, queue, id, (job) => job.remove())
}

interface QueuedJob {
  promote(): Promise<void>
  remove(): Promise<void>
}

async function onQueue(
  rooms: Rooms,
  queue: string,
  id: string,
  act: (job: QueuedJob) => Promise<void>,
): Promise<boolean> {
  for (const { engine } of rooms.engines.reachable()) {
    const job = await engine.queue(queue).getJob(queueIdOf(queue, id))
    if (!job) continue
    try {
      await act(job)
    } catch {
      // Somebody else moved it between two looks.
      return false
    }
    await rooms.recorder.flush()
    return true
  }
  return false
}
