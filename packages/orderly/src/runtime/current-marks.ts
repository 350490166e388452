// The marks of a job as they hold for this run of it.
import type { EngineJob } from '../engine/open.ts'
import { lastRedriven } from '../history/redriven.ts'
import { marksOf, ownDelay, type JobMarks } from '../job/marks.ts'
import { recordIdOf } from '../job/record-id.ts'
import type { Rooms } from './rooms.ts'

/** A job that somebody put back has the whole of its time before it again. */
export async function currentMarks(job: EngineJob, rooms: Rooms): Promise<JobMarks> {
  const marks = marksOf(job.opts)
  if (marks.endBy === undefined || marks.endBy > rooms.clock.now()) return marks
  await rooms.recorder.flush()
  const redrivenAt = await lastRedriven(rooms.history, recordIdOf(job.queueName, job.id!))
  if (redrivenAt === undefined) return marks
  const dueAt = job.timestamp + ownDelay(job.opts.delay ?? 0, marks)
  return { ...marks, endBy: redrivenAt + marks.endBy - dueAt }
}
