// What comes next in a run: from how its nodes stand now, and nothing else. No clock, no store.
import type { WorkflowDocument, WorkflowEdge } from './document.ts'

export type NodeState = 'waiting' | 'running' | 'completed' | 'failed' | 'skipped'

/** How the nodes of a run stand; one that is not named waits. */
export type NodeStates = ReadonlyMap<string, NodeState>

export interface Step {
  /** Nodes whose turn it is. */
  readonly start: readonly string[]
  /** Nodes that nothing leads to any more. */
  readonly skip: readonly string[]
  /** Set when the run has come to its end. */
  readonly end?: 'completed' | 'failed'
  /** Jobs that are to be undone, the last one that completed first. */
  readonly compensate: readonly string[]
}

/** Whether an edge is taken: undefined while nobody can say. */
type Taken = boolean | undefined

/**
 * The next step of a run.
 *
 * @param holds whether the condition of an edge holds; asked only when the node it comes from has ended
 * @param ended names of nodes in the order they completed
 */
export function nextStep(
  document: WorkflowDocument,
  states: NodeStates,
  ended: readonly string[],
  holds: (edge: WorkflowEdge) => boolean,
): Step {
  const { nodes, edges, start: first } = document
  const into = group(edges, 'to')
  const outOf = group(edges, 'from')
  const now = new Map(states)
  const stateOf = (name: string): NodeState => now.get(name) ?? 'waiting'
  const start: string[] = []
  const skip: string[] = []

  const failed = Object.keys(nodes).filter(
    (name) => stateOf(name) === 'failed' && isFatal(document, name),
  )
  if (failed.length > 0) return endFailed(document, now, ended, failed)

  const taken = (edge: WorkflowEdge): Taken =>
    takenBy(document, edge, stateOf(edge.from), outOf, holds)
  // Skipping one node may be what another waited for.
  for (let changed = true; changed;) {
    changed = false
    for (const [name, node] of Object.entries(nodes)) {
      if (node.type === 'compensate' || stateOf(name) !== 'waiting' || start.includes(name))
        continue
      const decision =
        name === first
          ? 'start'
          : decide(into.get(name) ?? [], taken, node.type === 'join' ? node.wait : 'all')
      if (decision === undefined) continue
      if (decision === 'start') start.push(name)
      else {
        now.set(name, 'skipped')
        skip.push(name)
        changed = true
      }
    }
  }
  const isOver =
    start.length === 0 &&
    Object.entries(nodes).every(
      ([name, node]) =>
        node.type === 'compensate' || !['waiting', 'running'].includes(stateOf(name)),
    )
  return { start, skip, compensate: [], ...(isOver ? { end: 'completed' as const } : {}) }
}

function decide(
  edges: readonly WorkflowEdge[],
  taken: (edge: WorkflowEdge) => Taken,
  wait: 'all' | 'any',
): 'start' | 'skip' | undefined {
  const ways = new Set(edges.map(taken))
  if (wait === 'any' && ways.has(true)) return 'start'
  if (ways.has(undefined)) return undefined
  return ways.has(true) ? 'start' : 'skip'
}

function takenBy(
  { nodes }: WorkflowDocument,
  edge: WorkflowEdge,
  from: NodeState,
  outOf: ReadonlyMap<string, readonly WorkflowEdge[]>,
  holds: (edge: WorkflowEdge) => boolean,
): Taken {
  if (from === 'skipped') return false
  // A failure that does not fail the run lets it go on.
  if (from !== 'completed' && from !== 'failed') return undefined
  if (nodes[edge.from]!.type !== 'branch') return edge.when === undefined || holds(edge)
  const ways = outOf.get(edge.from)!
  const first =
    ways.find((way) => way.when !== undefined && holds(way)) ??
    ways.find(({ otherwise }) => otherwise)
  return edge === first
}

function isFatal({ nodes }: WorkflowDocument, name: string): boolean {
  const node = nodes[name]!
  return !('onFailure' in node) || node.onFailure !== 'continue'
}

/** A run that fails waits for what runs, undoes what it must, and is over. */
function endFailed(
  document: WorkflowDocument,
  now: ReadonlyMap<string, NodeState>,
  ended: readonly string[],
  failed: readonly string[],
): Step {
  const { nodes } = document
  const running = [...now].filter(([, state]) => state === 'running')
  if (running.length > 0) return { start: [], skip: [], compensate: [] }
  const wants = failed.some((name) => {
    const node = nodes[name]!
    return 'onFailure' in node && node.onFailure === 'compensate'
  })
  const undoing = Object.entries(nodes).flatMap(([name, node]) =>
    node.type === 'compensate' &&
    now.get(name) === undefined &&
    now.get(node.undoes) === 'completed'
      ? [{ name, place: ended.indexOf(node.undoes) }]
      : [],
  )
  if (wants && undoing.length > 0) {
    const [last] = undoing.toSorted((a, b) => b.place - a.place)
    return { start: [], skip: [], compensate: [last!.name] }
  }
  return { start: [], skip: [], compensate: [], end: 'failed' }
}

function group(
  edges: readonly WorkflowEdge[],
  by: 'from' | 'to',
): ReadonlyMap<string, readonly WorkflowEdge[]> {
  const groups = new Map<string, WorkflowEdge[]>()
  for (const edge of edges) groups.set(edge[by], [...(groups.get(edge[by]) ?? []), edge])
  return groups
}
