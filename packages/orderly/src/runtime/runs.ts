// Workflow runs as programs handle them: started, watched, told, decided, cancelled.
import { OrderlyError } from '../primitives/errors.ts'
import { newId } from '../primitives/ids.ts'
import type { RunNodeRow, RunRow } from '../state/run-tables.ts'
import { findMovable, findRun, findRunNodes, findRuns, insertRun, moveRun } from '../state/runs.ts'
import { cancelJob } from './cancel.ts'
import { advanceRun } from './move-run.ts'
import { relay } from './relay.ts'
import type { Rooms } from './rooms.ts'
import { NODE_ITSELF, openValue, sealValue } from './run-values.ts'

export interface RunOptions {
  /** The latest version unless told. */
  readonly version?: number
  readonly by?: string
}

/** A node of a run as it can be shown. Times are milliseconds since 1970 UTC. */
export interface RunNode {
  readonly node: string
  readonly state: RunNodeRow['state']
  readonly jobId: string | null
  readonly error: string | null
  readonly waitsFor: string | null
  readonly startedAt: number
  readonly endedAt: number | null
  /** Of a for-each: how its items stand. */
  readonly items?: Readonly<Record<RunNodeRow['state'], number>>
}

export interface Run {
  readonly id: string
  readonly workflow: string
  readonly version: number
  readonly state: RunRow['state']
  readonly createdAt: number
  readonly finishedAt: number | null
  readonly who: string
  readonly nodes: readonly RunNode[]
}

/** @throws OrderlyError `ORDERLY_NOT_FOUND` for a workflow that is not registered */
export async function startRun(
  rooms: Rooms,
  workflow: string,
  input: unknown,
  { version, by = '' }: RunOptions = {},
): Promise<{ id: string }> {
  const document = rooms.workflows.find(workflow, version)
  const now = rooms.clock.now()
  const id = newId(now)
  await insertRun(rooms.state, {
    id,
    workflow: document.id,
    version: document.version,
    document: JSON.stringify(document),
    input: await sealValue(rooms, id, 'input', input),
    output: null,
    state: 'running',
    who: by,
    revision: 0,
    created_at: now,
    finished_at: null,
  })
  await advanceRun(rooms, id)
  await relay(rooms)
  return { id }
}

/** Moves on every run of which something has happened. */
export async function advanceRuns(rooms: Rooms, signal?: AbortSignal): Promise<void> {
  await rooms.recorder.flush()
  const ids = await findMovable(rooms.state, rooms.clock.now())
  for (const id of ids) {
    if (signal?.aborted) return
    await advanceRun(rooms, id)
  }
  if (ids.length > 0) await relay(rooms, signal)
}

export async function readRun(rooms: Rooms, id: string): Promise<Run | undefined> {
  const run = await findRun(rooms.state, id)
  if (!run) return undefined
  const nodes = await findRunNodes(rooms.state, id)
  return {
    ...summaryOf(run),
    nodes: nodes.filter(({ item }) => item === NODE_ITSELF).map((row) => shown(row, nodes)),
  }
}

function summaryOf(run: RunRow): Omit<Run, 'nodes'> {
  return {
    id: run.id,
    workflow: run.workflow,
    version: run.version,
    state: run.state,
    createdAt: run.created_at,
    finishedAt: run.finished_at,
    who: run.who,
  }
}

function shown(row: RunNodeRow, all: readonly RunNodeRow[]): RunNode {
  const own = all.filter(({ node, item }) => node === row.node && item !== NODE_ITSELF)
  const items = { waiting: 0, running: 0, completed: 0, failed: 0, skipped: 0 }
  for (const { state } of own) items[state]++
  return {
    node: row.node,
    state: row.state,
    jobId: row.job_id,
    error: row.error,
    waitsFor: row.waits_for,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    ...(own.length > 0 ? { items } : {}),
  }
}

/** What a run yielded; null while it runs, and for one that has no output. */
export async function runOutput(rooms: Rooms, id: string): Promise<unknown> {
  const run = await findRun(rooms.state, id)
  if (!run) throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no run of this id')
  return openValue(rooms, id, 'output', run.output)
}

export async function listRuns(
  rooms: Rooms,
  filter: {
    readonly state?: RunRow['state']
    readonly workflow?: string
    readonly limit?: number
  } = {},
): Promise<Omit<Run, 'nodes'>[]> {
  const limit = Math.min(Math.max(1, filter.limit ?? 100), 1_000)
  const rows = await findRuns(rooms.state, { ...filter, limit })
  return rows.map(summaryOf)
}

/**
 * Gives a run what one of its nodes waits for. A signal that nobody waits for is refused, not kept.
 *
 * @throws OrderlyError `ORDERLY_NOT_FOUND` when no node of the run waits for it
 */
export function signalRun(rooms: Rooms, id: string, name: string, value?: unknown): Promise<void> {
  return settleWaiting(rooms, id, ({ waits_for }) => waits_for === `signal/${name}`, {
    ok: true,
    output: value ?? null,
  })
}

export interface Decision {
  readonly approved: boolean
  readonly by: string
  readonly note?: string
}

/** @throws OrderlyError `ORDERLY_NOT_FOUND` when the node does not wait for a decision */
export function decide(rooms: Rooms, id: string, node: string, decision: Decision): Promise<void> {
  return settleWaiting(
    rooms,
    id,
    (row) => row.waits_for === 'approval' && row.node === node,
    decision.approved
      ? { ok: true, output: { by: decision.by, note: decision.note ?? null } }
      : { ok: false, error: 'ORDERLY_FORBIDDEN' },
  )
}

type Ending =
  { readonly ok: true; readonly output: unknown } | { readonly ok: false; readonly error: string }

async function settleWaiting(
  rooms: Rooms,
  id: string,
  isMeant: (row: RunNodeRow) => boolean,
  ending: Ending,
): Promise<void> {
  for (;;) {
    const run = await findRun(rooms.state, id)
    const rows = run?.state === 'running' ? await findRunNodes(rooms.state, id) : []
    const row = rows.find((one) => one.state === 'running' && isMeant(one))
    if (!run || !row)
      throw new OrderlyError(
        'ORDERLY_NOT_FOUND',
        'no node of this run waits for that; it may have been given already',
      )
    const ended_at = rooms.clock.now()
    const changed: RunNodeRow = ending.ok
      ? {
          ...row,
          state: 'completed',
          waits_for: null,
          output: await sealValue(rooms, id, `node/${row.node}`, ending.output),
          ended_at,
        }
      : { ...row, state: 'failed', waits_for: null, error: ending.error, ended_at }
    const transition = { nodes: [changed], jobs: [], children: [] }
    if (await moveRun(rooms.state, run, transition, ended_at)) break
  }
  await advanceRun(rooms, id)
  await relay(rooms)
}

/** Ends a run: its jobs are cancelled, and nothing of it begins any more. @returns whether it was running */
export async function cancelRun(rooms: Rooms, id: string, by = ''): Promise<boolean> {
  for (;;) {
    const run = await findRun(rooms.state, id)
    if (!run) throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no run of this id')
    if (run.state !== 'running') return false
    const now = rooms.clock.now()
    const rows = await findRunNodes(rooms.state, id)
    const open = rows.filter(({ ended_at }) => ended_at === null)
    const nodes = open.map((row) => ({
      ...row,
      state: 'skipped' as const,
      waits_for: null,
      ended_at: now,
    }))
    const end = { state: 'cancelled' as const, output: null }
    if (!(await moveRun(rooms.state, run, { nodes, jobs: [], children: [], end }, now))) continue
    await relay(rooms)
    for (const { job_id, child } of open) {
      if (job_id !== null)
        await cancelJob(rooms, job_id, { reason: 'its run was cancelled', by, wait: 0 })
      if (child !== null) await cancelRun(rooms, child, by)
    }
    return true
  }
}
