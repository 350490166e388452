// Changes workflow runs in one transition, and ends them.
import { OrderlyError } from '../primitives/errors.ts'
import type { RunNodeRow, RunRow } from '../state/run-tables.ts'
import { moveRun, type LogEntry, type Transition } from '../state/move-runs.ts'
import { findRun, findRunDocument, findRunNodes } from '../state/runs.ts'
import { reopenSlotOf } from '../state/schedules.ts'
import type { WorkflowDocument } from '../workflow/document.ts'
import { planOf, type Plan } from '../workflow/plan.ts'
import { cancelJob } from './cancel.ts'
import type { Rooms } from './rooms.ts'
import { NODE_ITSELF } from './run-values.ts'

type Change = Partial<Pick<Transition, 'nodes' | 'to' | 'look'>> & {
  readonly log: readonly LogEntry[]
}

/**
 * Changes a run in one transition, worked out anew when somebody else is faster.
 *
 * @throws OrderlyError `ORDERLY_NOT_FOUND`, and what `work` throws
 */
export async function changeRun(
  rooms: Rooms,
  id: string,
  work: (run: RunRow, rows: readonly RunNodeRow[]) => Promise<Change> | Change,
): Promise<void> {
  for (;;) {
    const run = await findRun(rooms.state, id)
    if (!run) throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no run of this id')
    const change = await work(run, await findRunNodes(rooms.state, id))
    const transition = { nodes: [], jobs: [], children: [], ...change }
    // Later slots of its schedule wait for it again.
    if (run.finished_at !== null) await reopenSlotOf(rooms.state, run)
    if (await moveRun(rooms.state, run, transition, rooms.clock.now())) return
  }
}

export async function planOfRun(rooms: Rooms, run: RunRow): Promise<Plan> {
  return planOf(JSON.parse(await findRunDocument(rooms.state, run)) as WorkflowDocument)
}

/** A node that has not begun, or one of its items. */
export function blankRow(
  run_id: string,
  node: string,
  now: number,
  item: number = NODE_ITSELF,
): RunNodeRow {
  return {
    run_id,
    node,
    item,
    state: 'waiting',
    job_id: null,
    child: null,
    waits_for: null,
    due_at: null,
    output: null,
    error: null,
    started_at: now,
    ended_at: null,
    total: null,
    attempt: 1,
    event_id: null,
    waits_key: null,
  }
}

/**
 * Ends a run: its jobs are cancelled, and nothing of it begins any more.
 *
 * @returns whether it was running or paused
 * @throws OrderlyError `ORDERLY_NOT_FOUND`, `ORDERLY_RUN_STATE` while it undoes what it has done
 */
export async function cancelRun(rooms: Rooms, id: string, by = ''): Promise<boolean> {
  const ended = await endRun(rooms, id, by)
  if (ended === 'undoes')
    throw new OrderlyError(
      'ORDERLY_RUN_STATE',
      'the run undoes what it has done, and is over after that; cancel the job of it that hangs',
    )
  return ended === 'cancelled'
}

/** Ends a run unless it is over, or undoes what it has done: half undone is worse than not undone. */
export async function endRun(
  rooms: Rooms,
  id: string,
  by: string,
): Promise<'cancelled' | 'over' | 'undoes'> {
  let stopped: readonly RunNodeRow[] = []
  let left: 'over' | 'undoes' | undefined
  try {
    await changeRun(rooms, id, async (run, rows) => {
      if (run.state !== 'running' && run.state !== 'paused') left = 'over'
      else if (await hasBegunToUndo(rooms, run, rows)) left = 'undoes'
      if (left) throw standsSo(run.state, 'it cannot be cancelled')
      const ended_at = rooms.clock.now()
      stopped = rows.filter((row) => row.ended_at === null)
      return {
        nodes: stopped.map((row) => ({
          ...row,
          state: 'skipped' as const,
          waits_for: null,
          error: 'ORDERLY_CANCELLED',
          ended_at,
        })),
        to: { state: 'cancelled', output: null },
        log: [said('cancelled', '', by)],
      }
    })
  } catch (error) {
    if (left) return left
    throw error
  }
  await stopAll(rooms, stopped, by)
  return 'cancelled'
}

export async function hasBegunToUndo(
  rooms: Rooms,
  run: RunRow,
  rows: readonly RunNodeRow[],
): Promise<boolean> {
  const { compensations } = await planOfRun(rooms, run)
  return rows.some(({ node }) => compensations.includes(node))
}

/** Brings to an end what nodes that were taken out of a run have begun. */
export async function stopAll(rooms: Rooms, rows: readonly RunNodeRow[], by = ''): Promise<void> {
  await Promise.all(
    rows.map(async ({ job_id, child }) => {
      if (job_id !== null)
        await cancelJob(rooms, job_id, { reason: 'its run goes on without it', by, wait: 0 })
      if (child !== null) await endRun(rooms, child, by)
    }),
  )
}

export function said(what: string, node: string, who = '', detail = ''): LogEntry {
  return { what, node, who, detail }
}

export function standsSo(state: RunRow['state'], why: string): OrderlyError {
  return new OrderlyError('ORDERLY_RUN_STATE', `the run is ${state}: ${why}`)
}
