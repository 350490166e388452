// What is done for workflow runs again and again, for times that come and for processes that died.
import { findMovable, findOrphans, MOST_MOVABLE } from '../state/runs.ts'
import { advanceRuns } from './advance-runs.ts'
import { cancelJob } from './cancel.ts'
import { endRun } from './cancel-run.ts'
import type { Rooms } from './rooms.ts'
import { settleEvents } from './run-events.ts'

/** Moves on every run of which something has happened that nobody else has seen to. */
export async function advanceMoved(rooms: Rooms): Promise<void> {
  await rooms.recorder.flush()
  await settleEvents(rooms)
  // Those that cannot be moved on, such as runs of jobs that are not known here, take no place from the others.
  for (let after: string | undefined = ''; after !== undefined;) {
    const ids = await findMovable(rooms.state, rooms.clock.now(), after)
    if (ids.length > 0) await advanceRuns(rooms, ids)
    after = ids.length < MOST_MOVABLE ? undefined : ids.at(-1)
  }
}

const ORPHANED_FOR_MS = 7 * 86_400_000

/** Brings jobs and sub-workflows to an end whose nodes were cancelled by a process that died before it could. */
export async function endOrphans(rooms: Rooms): Promise<void> {
  const { jobs, runs } = await findOrphans(rooms.state, rooms.clock.now() - ORPHANED_FOR_MS)
  for (const id of jobs)
    await cancelJob(rooms, id, { reason: 'its run goes on without it', by: 'workflow', wait: 0 })
  for (const id of runs) await endRun(rooms, id, 'workflow')
}
