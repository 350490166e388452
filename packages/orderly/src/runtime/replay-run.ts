// The life of one workflow run once more, a step at a time, from its log.
import { OrderlyError } from '../primitives/errors.ts'
import type { RunLogRow } from '../state/flow-tables.ts'
import { findRun, findRunLog, findRunNodes } from '../state/runs.ts'
import type { RunNodeRow, RunRow } from '../state/run-tables.ts'
import type { Rooms } from './rooms.ts'

/** One entry of the log, and how it left the run. `at` is in milliseconds since 1970 UTC. */
export interface RunStep {
  /** The transition it belongs to. */
  readonly revision: number
  readonly at: number
  readonly what: string
  /** Empty where it is about the run as a whole. */
  readonly node: string
  readonly by: string
  /** What somebody said, or a code. */
  readonly detail: string
  /** The state of the run after it. */
  readonly run: RunRow['state']
  /** The nodes that have begun, by the state they are in after it. */
  readonly nodes: Readonly<Record<RunNodeRow['state'], number>>
  /** What became of the node. */
  readonly from: RunNodeRow['state'] | null
  readonly to: RunNodeRow['state'] | null
}

export interface RunLife {
  readonly steps: readonly RunStep[]
  /** Whether the steps end where the run and its nodes stand. */
  readonly agrees: boolean
}

const NODE_AFTER: Readonly<Record<string, RunNodeRow['state']>> = {
  began: 'running',
  retrying: 'running',
  escalated: 'running',
  completed: 'completed',
  signalled: 'completed',
  approved: 'completed',
  failed: 'failed',
  refused: 'failed',
  skipped: 'skipped',
  bypassed: 'bypassed',
  retried: 'waiting',
}
const RUN_AFTER: Readonly<Record<string, RunRow['state']>> = {
  began: 'running',
  forked: 'running',
  resumed: 'running',
  retried: 'running',
  bypassed: 'running',
  paused: 'paused',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
}

/** @throws OrderlyError `ORDERLY_NOT_FOUND` */
export async function replayRun(rooms: Rooms, id: string): Promise<RunLife> {
  const run = await findRun(rooms.state, id)
  if (!run) throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no run of this id')
  const rows = await findRunNodes(rooms.state, id, { items: false })
  const log = await findRunLog(rooms.state, id)
  const stand = new Standing()
  // A fork begins with what lay behind it, which its own log does not tell of.
  if (run.forked_from !== null)
    for (const { node, state } of behind(rows, log)) stand.put(node, state)
  const lists = new Set(rows.flatMap(({ node, total }) => (total === null ? [] : [node])))
  let state: RunRow['state'] = 'running'
  const steps = log.map((entry): RunStep => {
    const { revision, at, what, node, who: by, detail } = entry
    const isOfNode = node !== '' && what !== 'forked'
    const from = isOfNode ? stand.of(node) : null
    // A for-each that is tried again goes on with the items that are left.
    const begun = what === 'retried' && lists.has(node) ? 'running' : NODE_AFTER[what]
    const to = isOfNode ? (begun ?? from) : null
    if (to !== null) stand.put(node, to)
    if (!isOfNode || (state === 'failed' && REVIVING.has(what))) state = RUN_AFTER[what] ?? state
    if (!isOfNode && what === 'cancelled') stand.endOpen()
    return { revision, at, what, node, by, detail, run: state, nodes: stand.counts(), from, to }
  })
  const agrees =
    state === run.state &&
    rows.every(({ node, state: its }) => (stand.of(node) ?? 'waiting') === its)
  return { steps, agrees }
}

/** What is done to a node of a run that had failed, and lets the run go on. */
const REVIVING: ReadonlySet<string> = new Set(['retried', 'bypassed'])

/** How the nodes of a run stand. */
class Standing {
  readonly #nodes = new Map<string, RunNodeRow['state']>()
  readonly #counts = { waiting: 0, running: 0, completed: 0, failed: 0, skipped: 0, bypassed: 0 }

  of(node: string): RunNodeRow['state'] | null {
    return this.#nodes.get(node) ?? null
  }

  put(node: string, state: RunNodeRow['state']): void {
    const before = this.of(node)
    if (before !== null) this.#counts[before]--
    this.#counts[state]++
    this.#nodes.set(node, state)
  }

  /** Who ends a run ends what runs in it. */
  endOpen(): void {
    for (const [node, state] of this.#nodes)
      if (state === 'running' || state === 'waiting') this.put(node, 'skipped')
  }

  counts(): RunStep['nodes'] {
    return { ...this.#counts }
  }
}

function behind(rows: readonly RunNodeRow[], log: readonly RunLogRow[]): readonly RunNodeRow[] {
  const told = new Set(log.filter(({ what }) => what !== 'forked').map(({ node }) => node))
  return rows.filter(({ node }) => !told.has(node))
}
