// Workflow runs as they are written: begun, and moved on in one transaction with the jobs that a step enqueues.
import type { Bindable } from '../database/open.ts'
import type { RunLogRow } from './flow-tables.ts'
import { enqueueAllWithin, type OutgoingJob } from './outgoing.ts'
import type { RunNodeRow, RunRow } from './run-tables.ts'
import type { StateDatabase, StateTransaction } from './tables.ts'

export type LogEntry = Pick<RunLogRow, 'what' | 'node' | 'who' | 'detail'>

export interface Transition {
  readonly nodes: readonly RunNodeRow[]
  readonly jobs: readonly OutgoingJob[]
  readonly children: readonly RunRow[]
  /** Runs within it in which nothing is to begin any more. */
  readonly wound?: readonly string[]
  readonly log: readonly LogEntry[]
  /** Whether somebody has to look at the run again, or has just done so. It stays as it was unless told. */
  readonly look?: boolean | undefined
  /** Set when the state of the run changes. */
  readonly to?: { readonly state: RunRow['state']; readonly output: string | null }
}

const RUN = [
  'id',
  'workflow',
  'version',
  'document',
  'input',
  'output',
  'state',
  'who',
  'revision',
  'created_at',
  'finished_at',
  'parent',
  'forked_from',
  'forked_at',
  'root',
  'look',
  'ending',
] as const satisfies readonly (keyof RunRow)[]

const NODE_KEY = ['run_id', 'node', 'item'] as const
const NODE_LIFE = [
  'state',
  'job_id',
  'child',
  'waits_for',
  'due_at',
  'output',
  'error',
  'started_at',
  'ended_at',
  'total',
  'attempt',
  'event_id',
  'waits_key',
] as const
const NODE = [...NODE_KEY, ...NODE_LIFE] as const satisfies readonly (keyof RunNodeRow)[]

/** It may come to wait for events that came in after the latest one of now. */
const INSERT_RUN = `insert into orderly_runs (${RUN.join(', ')}, events_after)
  values (${RUN.map(() => '?').join(', ')}, (select coalesce(max(n), 0) from orderly_inbound_events))
  on conflict (id) do nothing`

const PUT_NODE = `insert into orderly_run_nodes (${NODE.join(', ')}) values (${NODE.map(() => '?').join(', ')})
  on conflict (run_id, node, item) do update set
    ${NODE_LIFE.map((column) => `${column} = excluded.${column}`).join(', ')}`

const LOG = 'insert into orderly_run_log (run_id, revision, place, at, what, node, who, detail)'

const MOVE_ON = `update orderly_runs set revision = revision + 1, look = coalesce(?, look)
  where id = ? and revision = ? and state = ?`

const MOVE_TO = `update orderly_runs set revision = revision + 1, look = coalesce(?, look), ending = ending * ?,
  state = ?, output = ?, finished_at = ? where id = ? and revision = ? and state = ?`

/** One that rests is woken up for it. */
const WIND_DOWN = `update orderly_runs set revision = revision + 1, ending = 1, look = 1, state = 'running'
  where id = ? and ending = 0 and finished_at is null`

const FINAL: ReadonlySet<RunRow['state']> = new Set(['completed', 'failed', 'cancelled'])

/** Begins runs. @returns for each whether it was not there yet */
export async function insertRuns(
  database: StateDatabase,
  runs: readonly RunRow[],
): Promise<boolean[]> {
  if (runs.length === 0) return []
  const inserted = await database.transaction(({ many }) => many(INSERT_RUN, runs.map(valuesOfRun)))
  return inserted.map((changes) => changes > 0)
}

/** Begins a run with the transaction. One that is there already stays as it is. */
export async function beginRunWithin(
  { many }: Pick<StateTransaction, 'many'>,
  run: RunRow,
): Promise<void> {
  await many(INSERT_RUN, [valuesOfRun(run)])
}

export interface MoveRequest {
  /** As it was when the transition was worked out. */
  readonly run: Pick<RunRow, 'id' | 'revision' | 'state'>
  readonly transition: Transition
}

/**
 * Moves runs on: of each its nodes, the jobs they enqueue, its log and its state, all of it or none.
 *
 * @returns for each false when somebody else has moved it since it was read, and nothing of it was done
 */
export async function moveRuns(
  database: StateDatabase,
  moves: readonly MoveRequest[],
  now: number,
): Promise<boolean[]> {
  return database.transaction((tx) => moveWithin(tx, moves, now))
}

/** @returns false when somebody else has moved it since it was read, and nothing was done */
export async function moveRun(
  database: StateDatabase,
  run: MoveRequest['run'],
  transition: Transition,
  now: number,
): Promise<boolean> {
  const [moved] = await moveRuns(database, [{ run, transition }], now)
  return moved!
}

async function moveWithin(
  tx: StateTransaction,
  requests: readonly MoveRequest[],
  now: number,
): Promise<boolean[]> {
  const { many, insertAll } = tx
  const done: boolean[] = []
  // In the order they came in, which is the same for all: two processes that move the same runs do not block each other.
  for (const request of requests) done.push(await stepWithin(tx, request, now))
  const moves = requests.filter((_, index) => done[index])
  await many(
    PUT_NODE,
    moves.flatMap(({ transition }) => transition.nodes.map(valuesOfNode)),
  )
  await insertAll(
    LOG,
    moves.flatMap(({ run, transition: { log } }) =>
      log.map((entry, place) => valuesOfLog(run.id, run.revision + 1, place, now, entry)),
    ),
    'on conflict do nothing',
  )
  const jobs = moves.flatMap(({ transition }) => transition.jobs)
  await enqueueAllWithin(tx, jobs, now)
  const children = moves.flatMap(({ transition }) => transition.children)
  await many(INSERT_RUN, children.map(valuesOfRun))
  const wound = moves.flatMap(({ transition }) => transition.wound ?? [])
  await many(
    WIND_DOWN,
    wound.toSorted().map((id) => [id]),
  )
  return done
}

/** @returns whether the run stood as it was expected to, and is one revision further now */
async function stepWithin(
  { many }: StateTransaction,
  { run: { id, revision, state }, transition: { to, look } }: MoveRequest,
  now: number,
): Promise<boolean> {
  const looks = look === undefined ? null : Number(look)
  const expected = [id, revision, state]
  if (!to) {
    const [changes] = await many(MOVE_ON, [[looks, ...expected]])
    return changes! > 0
  }
  // Who lets a run go on that was wound down lets it begin things again.
  const kept = to.state === 'running' ? 0 : 1
  const finished = FINAL.has(to.state) ? now : null
  const [changes] = await many(MOVE_TO, [[looks, kept, to.state, to.output, finished, ...expected]])
  return changes! > 0
}

/** Begins a run with nodes behind it. */
export async function forkRunRows(
  database: StateDatabase,
  run: RunRow,
  nodes: readonly RunNodeRow[],
  now: number,
): Promise<void> {
  const { id, who, forked_at: node, forked_from: detail } = run
  const entry = { what: 'forked', node: node!, who, detail: detail! }
  await database.transaction(async ({ many, insertAll }) => {
    await many(INSERT_RUN, [valuesOfRun(run)])
    await many(PUT_NODE, nodes.map(valuesOfNode))
    await insertAll(LOG, [valuesOfLog(id, 0, 0, now, entry)], 'on conflict do nothing')
  })
}

function valuesOfRun(run: RunRow): Bindable[] {
  return RUN.map((column) => run[column])
}

function valuesOfNode(node: RunNodeRow): Bindable[] {
  return NODE.map((column) => node[column])
}

function valuesOfLog(
  run: string,
  revision: number,
  place: number,
  now: number,
  { what, node, who, detail }: LogEntry,
): Bindable[] {
  return [run, revision, place, now, what, node, who, detail]
}
