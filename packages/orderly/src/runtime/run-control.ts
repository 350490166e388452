// What people do to workflow runs: pause, resume, retry, skip, cancel. What has happened stays in the run's log.
import { OrderlyError } from '../primitives/errors.ts'
import type { RunNodeRow } from '../state/run-tables.ts'
import { advanceRuns } from './advance-runs.ts'
import {
  blankRow,
  changeRun,
  hasBegunToUndo,
  planOfRun,
  said,
  standsSo,
  stopAll,
} from './cancel-run.ts'
import { reasonOf } from './reason.ts'
import type { Rooms } from './rooms.ts'
import { NODE_ITSELF, sealValue } from './run-values.ts'

const UNDONE = 'this run has undone what it did; fork it from the step where it is to go on'

export interface RunAction {
  readonly by?: string
  /** Why, for everybody to read. It is stored in the clear and holds nothing of a patient. */
  readonly reason: string
}

/**
 * Lets nothing of a run begin any more until it is resumed. What runs goes on, and what comes meanwhile is kept.
 *
 * @throws OrderlyError `ORDERLY_NOT_FOUND`, `ORDERLY_INPUT_INVALID` without a reason, `ORDERLY_RUN_STATE` for a run that
 *   does not run
 */
export async function pauseRun(rooms: Rooms, id: string, options: RunAction): Promise<void> {
  const reason = reasonOf(options, 'the run is paused')
  await changeRun(rooms, id, ({ state, ending }) => {
    if (state !== 'running') throw standsSo(state, 'only a run that runs can be paused')
    if (ending === 1) throw standsSo(state, 'it ends, for the run that it is within has failed')
    return { to: { state: 'paused', output: null }, log: [said('paused', '', options.by, reason)] }
  })
}

/** @throws OrderlyError `ORDERLY_NOT_FOUND`, `ORDERLY_RUN_STATE` for a run that is not paused */
export async function resumeRun(rooms: Rooms, id: string, by = ''): Promise<void> {
  await changeRun(rooms, id, ({ state }) => {
    if (state !== 'paused') throw standsSo(state, 'only a run that is paused can be resumed')
    return {
      to: { state: 'running', output: null },
      // What came while it rested, nobody told it of.
      look: true,
      log: [said('resumed', '', by)],
    }
  })
  await advanceRuns(rooms, [id])
}

/**
 * Lets the failed nodes of a run begin anew, and of a for-each the items that failed; the run goes on from there.
 *
 * @param options `node`: this one only
 * @throws OrderlyError `ORDERLY_NOT_FOUND`, `ORDERLY_RUN_STATE` for a run that has not failed, or that has undone what
 *   it did: fork that one
 */
export async function retryRun(
  rooms: Rooms,
  id: string,
  options: { readonly node?: string; readonly by?: string } = {},
): Promise<void> {
  await changeRun(rooms, id, async (run, rows) => {
    if (run.state !== 'failed') throw standsSo(run.state, 'only a run that failed can be retried')
    const failed = rows.filter(
      ({ node, item, state }) =>
        item === NODE_ITSELF && state === 'failed' && node === (options.node ?? node),
    )
    if (failed.length === 0)
      throw new OrderlyError('ORDERLY_RUN_STATE', 'no such node of this run has failed')
    if (await hasBegunToUndo(rooms, run, rows)) throw new OrderlyError('ORDERLY_RUN_STATE', UNDONE)
    // What was cancelled with the failure begins anew too.
    const cancelled = rows.filter(wasCancelled)
    const again = [...failed, ...cancelled]
    return {
      nodes: again.flatMap((row) => resetOf(row, rows)),
      to: { state: 'running', output: null },
      log: again
        .filter(({ item }) => item === NODE_ITSELF)
        .map(({ node, error }) => said('retried', node, options.by, error ?? '')),
    }
  })
  await advanceRuns(rooms, [id])
}

function wasCancelled({ item, state, error }: RunNodeRow): boolean {
  return item === NODE_ITSELF && state === 'skipped' && error === 'ORDERLY_CANCELLED'
}

/** A node as it was before it began; a for-each goes on, and begins those items anew that did not complete. */
function resetOf(row: RunNodeRow, all: readonly RunNodeRow[]): RunNodeRow[] {
  const blank = {
    job_id: null,
    child: null,
    waits_for: null,
    waits_key: null,
    due_at: null,
    output: null,
  }
  const open = { ...blank, error: null, ended_at: null, event_id: null }
  const items = all.filter(
    ({ node, item, state }) => node === row.node && item !== NODE_ITSELF && state !== 'completed',
  )
  if (row.total === null) return [{ ...row, ...open, state: 'waiting', attempt: row.attempt + 1 }]
  return [
    { ...row, ...open, state: 'running' },
    ...items.map((item) => ({
      ...item,
      ...open,
      state: 'waiting' as const,
      attempt: item.attempt + 1,
    })),
  ]
}

/**
 * Lets a run go on without a node: one that has not begun, runs, or has failed. It counts as one that returned nothing.
 *
 * @throws OrderlyError `ORDERLY_NOT_FOUND` for a node the document does not have, `ORDERLY_INPUT_INVALID` without a
 *   reason, `ORDERLY_RUN_STATE` for a node that has ended, or a run that is over or has begun to undo what it did
 */
export async function skipNode(
  rooms: Rooms,
  id: string,
  node: string,
  options: RunAction,
): Promise<void> {
  const reason = reasonOf(options, 'the node is skipped')
  let stopped: readonly RunNodeRow[] = []
  await changeRun(rooms, id, async (run, rows) => {
    if (!['running', 'paused', 'failed'].includes(run.state))
      throw standsSo(run.state, 'nothing of it can be skipped any more')
    const { order } = await planOfRun(rooms, run)
    if (!order.includes(node))
      throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no node of this name in this run')
    if (await hasBegunToUndo(rooms, run, rows)) throw new OrderlyError('ORDERLY_RUN_STATE', UNDONE)
    const row = rows.find((one) => one.node === node && one.item === NODE_ITSELF)
    if (row && ['completed', 'skipped', 'bypassed'].includes(row.state) && !wasCancelled(row))
      throw new OrderlyError('ORDERLY_RUN_STATE', `node "${node}" has ended already`)
    const now = rooms.clock.now()
    const open = rows.filter((one) => one.node === node && one.ended_at === null)
    stopped = open
    const ended = { state: 'bypassed' as const, waits_for: null, ended_at: now }
    return {
      nodes: [
        ...open
          .filter(({ item }) => item !== NODE_ITSELF)
          .map((one) => ({ ...one, ...ended, error: 'ORDERLY_CANCELLED' })),
        { ...(row ?? blankRow(id, node, now)), ...ended, output: await nothing(rooms, id, node) },
      ],
      ...(run.state === 'failed' ? { to: { state: 'running' as const, output: null } } : {}),
      log: [said('bypassed', node, options.by, reason)],
    }
  })
  await stopAll(rooms, stopped, options.by)
  await advanceRuns(rooms, [id])
}

function nothing(rooms: Rooms, id: string, node: string): Promise<string> {
  return sealValue(rooms, id, `node/${node}`, null)
}
