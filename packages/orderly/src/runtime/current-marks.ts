// The marks of a job as they hold for this run of it.
import type { EngineJob } from '../engine/open.ts'
import { findBegun } from '../history/redriven.ts'
import { marksOf, ownDelay, type JobMarks } from '../job/marks.ts'
import { recordIdOf } from '../job/record-id.ts'
import type { Rooms } from './rooms.ts'

/**
 * A job that has begun once does not wait for its first attempt any more, also where its queue counts its runs from one
 * again. One that somebody put back has the whole of its time before it again.
 */
export async function currentMarks(job: EngineJob, rooms: Rooms): Promise<JobMarks> {
  const marks = marksOf(job.opts)
  const now = rooms.clock.now()
  const isLate = marks.startBy !== undefined && marks.startBy < now && job.attemptsStarted === 1
  const { endBy } = marks
  const isOver = endBy !== undefined && endBy <= now
  if (!isLate && !isOver) return marks
  await rooms.recorder.flush()
  const { starts, redrivenAt } = await findBegun(rooms.history, recordIdOf(job.queueName, job.id!))
  const { startBy: _over, ...begun } = marks
  const current = starts > 1 || redrivenAt !== undefined ? begun : marks
  if (!isOver || redrivenAt === undefined) return current
  const dueAt = job.timestamp + ownDelay(job.opts.delay ?? 0, marks)
  return { ...current, endBy: redrivenAt + endBy - dueAt }
}
