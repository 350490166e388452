// What a job belongs to: its parent and children, the set it was enqueued with, the workflow run it is a step of.
import { findChildren, findFound } from '../history/family.ts'
import { findJob, type FoundJob } from '../history/find.ts'
import { marksOf } from '../job/marks.ts'
import { queueIdOf } from '../job/record-id.ts'
import { findNodeOfJob } from '../state/run-of-job.ts'
import { findRun } from '../state/runs.ts'
import { findMembers, measureSet, type SetProgress } from '../state/sets.ts'
import type { Rooms } from './rooms.ts'

export interface Family {
  readonly parent: FoundJob | null
  /** The newest 200. */
  readonly children: readonly FoundJob[]
  readonly set: (SetProgress & { readonly id: string; readonly jobs: readonly FoundJob[] }) | null
  readonly run: {
    readonly id: string
    readonly workflow: string
    readonly version: number
    readonly state: string
    readonly node: string | null
    /** Its place in the list of a for-each. */
    readonly item: number | null
  } | null
  /** The job it repeats. */
  readonly replayOf: FoundJob | null
}

const MOST = 200

/** The family of a job. Undefined when the record does not know it. */
export async function readFamily(rooms: Rooms, id: string): Promise<Family | undefined> {
  const { history } = rooms
  await rooms.recorder.flush()
  const row = await findJob(history, id)
  if (!row) return undefined
  const { set, run, replayOf } = marksOf(JSON.parse(row.opts))
  const parentId = row.parent?.split(':').slice(2).join(':')
  const own = queueIdOf(row.queue, id)
  const [children, above] = await Promise.all([
    findChildren(history, [`bull:${row.queue}:${own}`, `${row.queue}:${own}`], MOST),
    findFound(
      history,
      [parentId, replayOf].filter((each) => each !== undefined),
    ),
  ])
  return {
    parent: above.find((job) => job.id === parentId) ?? null,
    children,
    set: set === undefined ? null : await readSetOf(rooms, set),
    run: run === undefined ? null : await readRunOf(rooms, run, id),
    replayOf: above.find((job) => job.id === replayOf) ?? null,
  }
}

async function readSetOf(rooms: Rooms, id: string): Promise<Family['set']> {
  const progress = await measureSet(rooms.state, id)
  if (!progress) return null
  const jobs = await findFound(rooms.history, await findMembers(rooms.state, id, MOST))
  return { id, ...progress, jobs: jobs.toSorted((a, b) => (a.id < b.id ? -1 : 1)) }
}

async function readRunOf(rooms: Rooms, id: string, jobId: string): Promise<Family['run']> {
  const [run, node] = await Promise.all([
    findRun(rooms.state, id),
    findNodeOfJob(rooms.state, id, jobId),
  ])
  if (!run) return null
  const { workflow, version, state } = run
  const item = node && node.item >= 0 ? node.item : null
  return { id, workflow, version, state, node: node?.node ?? null, item }
}
