// Workflow runs as programs handle them: started, watched, told, decided.
import { OrderlyError } from '../primitives/errors.ts'
import type { RunLogRow } from '../state/flow-tables.ts'
import {
  countItems,
  findApprovals,
  findRun,
  findRunLog,
  findRunNodes,
  findRuns,
} from '../state/runs.ts'
import type { RunNodeRow, RunRow } from '../state/run-tables.ts'
import type { WorkflowDocument } from '../workflow/document.ts'
import { advanceRuns, kickRun } from './advance-runs.ts'
import { changeRun, planOfRun, said, standsSo } from './cancel-run.ts'
import { newRunRow } from './new-run.ts'
import type { Rooms } from './rooms.ts'
import { NODE_ITSELF, openValue, sealValue } from './run-values.ts'

export interface RunOptions {
  /** The latest version unless told. */
  readonly version?: number
  readonly by?: string
  /** Beginning it again under one id is beginning it once. A new one unless told. */
  readonly id?: string
}

/** A node of a run as it can be shown. Times are milliseconds since 1970 UTC. */
export interface RunNode {
  readonly node: string
  readonly state: RunNodeRow['state']
  readonly jobId: string | null
  /** The run of a sub-workflow. */
  readonly child: string | null
  /** The code of what it failed with. */
  readonly error: string | null
  /** `signal/<name>`, `event/<name>`, `approval`, `escalation`, `retry`. */
  readonly waitsFor: string | null
  /** When it goes on, or gives up, by itself. */
  readonly dueAt: number | null
  /** Counts how often it has begun. */
  readonly attempt: number
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
  /** The run it is a sub-workflow of. */
  readonly parent: string | null
  /** The run and node it was forked from. */
  readonly forkedFrom: { readonly run: string; readonly node: string } | null
  readonly nodes: readonly RunNode[]
}

/** Something that happened to a run. `at` is in milliseconds since 1970 UTC. */
export type RunEvent = Omit<RunLogRow, 'run_id' | 'place'>

/** The name of a workflow that was given by it, or by its document. @throws OrderlyError `ORDERLY_INPUT_INVALID` */
export function workflowName(workflow: string | Pick<WorkflowDocument, 'id'>): string {
  const name = typeof workflow === 'object' && workflow !== null ? workflow.id : workflow
  if (typeof name === 'string' && name !== '') return name
  throw new OrderlyError(
    'ORDERLY_INPUT_INVALID',
    'this takes the name of a workflow, or what defineWorkflow returns',
  )
}

/**
 * @throws OrderlyError `ORDERLY_NOT_FOUND` for a workflow that is not there, `ORDERLY_INPUT_INVALID` for what it does not
 *   take
 */
export async function startRun(
  rooms: Rooms,
  workflow: string,
  input: unknown,
  options: RunOptions = {},
): Promise<{ id: string }> {
  const run = await newRunRow(rooms, workflow, input, options)
  await kickRun(rooms, run.id, run)
  return { id: run.id }
}

export async function readRun(rooms: Rooms, id: string): Promise<Run | undefined> {
  const run = await findRun(rooms.state, id)
  if (!run) return undefined
  const nodes = await findRunNodes(rooms.state, id, { items: false })
  const counts = await countItems(rooms.state, id)
  return { ...summaryOf(run), nodes: nodes.map((row) => shown(row, counts)) }
}

export function summaryOf(run: RunRow): Omit<Run, 'nodes'> {
  return {
    id: run.id,
    workflow: run.workflow,
    version: run.version,
    state: run.state,
    createdAt: run.created_at,
    finishedAt: run.finished_at,
    who: run.who,
    parent: run.parent,
    forkedFrom: run.forked_from === null ? null : { run: run.forked_from, node: run.forked_at! },
  }
}

function shown(row: RunNodeRow, counts: Awaited<ReturnType<typeof countItems>>): RunNode {
  const items = { waiting: 0, running: 0, completed: 0, failed: 0, skipped: 0, bypassed: 0 }
  for (const { node, state, n } of counts) if (node === row.node) items[state] += n
  const known = Object.values(items).reduce((sum, n) => sum + n, 0)
  // Those that have not begun have no row yet.
  if (row.total !== null) items.waiting += Math.max(0, row.total - known)
  return {
    node: row.node,
    state: row.state,
    jobId: row.job_id,
    child: row.child,
    error: row.error,
    waitsFor: row.waits_for,
    dueAt: row.due_at,
    attempt: row.attempt,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    ...(row.total === null ? {} : { items }),
  }
}

/** The document that a run began with. @throws OrderlyError `ORDERLY_NOT_FOUND` */
export async function runDocument(rooms: Rooms, id: string): Promise<WorkflowDocument> {
  return (await planOfRun(rooms, await get(rooms, id))).document
}

/** What happened to a run, in order. */
export async function runHistory(rooms: Rooms, id: string): Promise<RunEvent[]> {
  const log = await findRunLog(rooms.state, id)
  return log.map(({ run_id: _run, place: _place, ...event }) => event)
}

/** What a run yielded; null while it runs, and for one that has no output. */
export async function runOutput(rooms: Rooms, id: string): Promise<unknown> {
  const run = await get(rooms, id)
  return openValue(rooms, id, 'output', run.output)
}

async function get(rooms: Rooms, id: string): Promise<RunRow> {
  const run = await findRun(rooms.state, id)
  if (run) return run
  throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no run of this id')
}

export interface RunFilter {
  readonly state?: RunRow['state']
  readonly workflow?: string
  /** The sub-workflows of this run. */
  readonly parent?: string
  /** 100 unless told, 1,000 at most. */
  readonly limit?: number
}

export async function listRuns(
  rooms: Rooms,
  filter: RunFilter = {},
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
  return settleWaiting(rooms, id, 'signalled', '', async (row) =>
    row.waits_for === `signal/${name}` ? { ok: true, output: value ?? null } : undefined,
  )
}

export interface Decision {
  readonly approved: boolean
  readonly by: string
  /** What whoever decides is; left out, a program decides that has seen to it itself. */
  readonly roles?: readonly string[]
  readonly note?: string
}

/**
 * Approves or refuses what a node asks.
 *
 * @throws OrderlyError `ORDERLY_NOT_FOUND` when the node does not wait for a decision, `ORDERLY_FORBIDDEN` when
 *   whoever decides is none of those who are asked
 */
export function decide(rooms: Rooms, id: string, node: string, decision: Decision): Promise<void> {
  const { approved, by, roles, note } = decision
  return settleWaiting(rooms, id, approved ? 'approved' : 'refused', by, async (row, run) => {
    if (row.node !== node || !isAsking(row)) return undefined
    if (roles && !(await mayDecide(rooms, run, row, by, roles)))
      throw new OrderlyError(
        'ORDERLY_FORBIDDEN',
        `"${node}" asks others than this person; see who is asked with the run’s document`,
      )
    if (!approved) return { ok: false, error: 'ORDERLY_FORBIDDEN' }
    return { ok: true, output: { by, note: note ?? null } }
  })
}

function isAsking({ waits_for }: RunNodeRow): boolean {
  return waits_for === 'approval' || waits_for === 'escalation'
}

async function mayDecide(
  rooms: Rooms,
  run: RunRow,
  row: RunNodeRow,
  by: string,
  roles: readonly string[],
): Promise<boolean> {
  const asked = await askedBy(rooms, run, row)
  return asked.some((who) => who === `user:${by}` || roles.includes(who))
}

/** Roles and people who may decide now. */
async function askedBy(rooms: Rooms, run: RunRow, row: RunNodeRow): Promise<readonly string[]> {
  const node = (await planOfRun(rooms, run)).document.nodes[row.node]!
  if (node.type !== 'approval') return []
  return row.waits_for === 'escalation' ? [...node.who, ...(node.escalation ?? [])] : node.who
}

type Ending =
  { readonly ok: true; readonly output: unknown } | { readonly ok: false; readonly error: string }

async function settleWaiting(
  rooms: Rooms,
  id: string,
  what: string,
  by: string,
  meant: (row: RunNodeRow, run: RunRow) => Promise<Ending | undefined>,
): Promise<void> {
  await changeRun(rooms, id, async (run, rows) => {
    for (const row of rows) {
      const mayWait = run.state === 'running' || run.state === 'paused'
      const ending =
        mayWait && row.state === 'running' && row.item === NODE_ITSELF
          ? await meant(row, run)
          : undefined
      if (!ending) continue
      const ended = { ...row, waits_for: null, ended_at: rooms.clock.now() }
      const output = ending.ok
        ? await sealValue(rooms, id, `node/${row.node}`, ending.output)
        : null
      return {
        nodes: [
          ending.ok
            ? { ...ended, state: 'completed' as const, output }
            : { ...ended, state: 'failed' as const, error: ending.error },
        ],
        log: [said(what, row.node, by)],
      }
    }
    if (run.state !== 'running' && run.state !== 'paused')
      throw new OrderlyError('ORDERLY_NOT_FOUND', standsSo(run.state, 'it is over').message)
    throw new OrderlyError(
      'ORDERLY_NOT_FOUND',
      'no node of this run waits for that; it may have been given already',
    )
  })
  await advanceRuns(rooms, [id])
}

/** Something that a person is asked. */
export interface WaitingApproval {
  readonly run: string
  readonly workflow: string
  readonly node: string
  readonly question: string
  /** Roles and people, written `user:<id>`, any of which may decide. */
  readonly who: readonly string[]
  readonly since: number
  readonly deadline: number | null
  readonly escalated: boolean
}

const MOST_APPROVALS = 1_000

/** What waits for a decision, the longest first: a thousand of those runs that `isSeen` lets through. */
export async function waitingApprovals(
  rooms: Rooms,
  isSeen: (run: RunRow) => Promise<boolean> = () => Promise.resolve(true),
): Promise<WaitingApproval[]> {
  const found: WaitingApproval[] = []
  for await (const { run, row } of eachApproval(rooms)) {
    if (found.length === MOST_APPROVALS) break
    const node = (await planOfRun(rooms, run)).document.nodes[row.node]!
    if (node.type !== 'approval' || !(await isSeen(run))) continue
    found.push({
      run: run.id,
      workflow: run.workflow,
      node: row.node,
      question: node.question,
      who: await askedBy(rooms, run, row),
      since: row.started_at,
      deadline: row.due_at,
      escalated: row.waits_for === 'escalation',
    })
  }
  return found
}

async function* eachApproval({ state }: Rooms): AsyncGenerator<{ run: RunRow; row: RunNodeRow }> {
  let after: RunNodeRow | undefined
  for (;;) {
    const page = await findApprovals(state, after, MOST_APPROVALS)
    yield* page
    after = page.at(-1)?.row
    if (!after) return
  }
}
