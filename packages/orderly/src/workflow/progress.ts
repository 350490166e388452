// What comes next in a run: from how its nodes stand now, and nothing else. No clock, no store.
import type { WorkflowDocument, WorkflowEdge } from './document.ts'
import type { Plan } from './plan.ts'

/** `bypassed`: a person said that the run is to go on without it. */
export type NodeState = 'waiting' | 'running' | 'completed' | 'failed' | 'skipped' | 'bypassed'

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
  /** Nodes that run and have no reason to any more. */
  readonly cancel: readonly string[]
  /** Sub-workflows in which nothing is to begin any more. */
  readonly wind?: readonly string[]
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
  plan: Plan,
  states: NodeStates,
  ended: readonly string[],
  holds: (edge: WorkflowEdge) => boolean,
): Step {
  const { nodes, start: first } = plan.document
  const failed = failedOf(plan, states)
  if (failed.length > 0) return endFailed(plan, states, ended, failed)

  // What is skipped here counts for what comes after it: the order of the plan brings it there in one go.
  const skipped = new Set<string>()
  const stateOf = (name: string): NodeState =>
    skipped.has(name) ? 'skipped' : (states.get(name) ?? 'waiting')
  const taken = (edge: WorkflowEdge): Taken => takenBy(plan, edge, stateOf(edge.from), holds)
  const start: string[] = []
  let isOver = true
  for (const name of plan.order) {
    const state = stateOf(name)
    if (state === 'running') isOver = false
    if (state !== 'waiting') continue
    const node = nodes[name]!
    const wait = node.type === 'join' ? node.wait : 'all'
    const decision = name === first ? 'start' : decide(plan.into.get(name) ?? [], taken, wait)
    if (decision === 'skip') skipped.add(name)
    else isOver = false
    if (decision === 'start') start.push(name)
  }
  return {
    start,
    skip: [...skipped],
    compensate: [],
    cancel: [],
    ...(isOver ? { end: 'completed' as const } : {}),
  }
}

/**
 * The next step of a run that the run above it has no use for any more: nothing begins, and it is over as soon as nothing
 * works in it. One that has failed undoes what it must all the same.
 */
export function lastStep(
  ...[plan, states, ended, holds]: Parameters<typeof nextStep>
): Omit<Step, 'end'> & { readonly end?: Step['end'] | 'cancelled' } {
  const step = nextStep(plan, states, ended, holds)
  if (step.end !== undefined || failedOf(plan, states).length > 0) return step
  const running = runningOf(states)
  return running.length > 0 ? untilEnded(plan, running, false) : { ...NOTHING, end: 'cancelled' }
}

function failedOf({ document }: Plan, states: NodeStates): string[] {
  return [...states].flatMap(([name, state]) =>
    state === 'failed' && isFatal(document, name) ? [name] : [],
  )
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
  { document: { nodes }, outOf }: Plan,
  edge: WorkflowEdge,
  from: NodeState,
  holds: (edge: WorkflowEdge) => boolean,
): Taken {
  if (from === 'skipped') return false
  // A failure that does not fail the run lets it go on.
  if (from === 'waiting' || from === 'running') return undefined
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

/** What only waits, and does nothing that would have to be brought to an end. */
const IDLE: ReadonlySet<string> = new Set(['wait', 'approval', 'delay'])

const NOTHING = { start: [], skip: [], compensate: [], cancel: [] } as const

function runningOf(states: NodeStates): string[] {
  return [...states].flatMap(([name, state]) => (state === 'running' ? [name] : []))
}

/** What a run that is to end waits for: whatever works in it, while what only waits is cancelled. */
function untilEnded({ document: { nodes } }: Plan, running: readonly string[], all: boolean): Step {
  const cancel = running.filter((name) => isWanted(nodes[name]!.type, all))
  const wind = running.filter(
    (name) => nodes[name]!.type === 'sub-workflow' && !cancel.includes(name),
  )
  return { ...NOTHING, cancel, wind }
}

/** A run that fails waits for what works, undoes what it must, and is over. */
function endFailed(
  plan: Plan,
  states: NodeStates,
  ended: readonly string[],
  failed: readonly string[],
): Step {
  const { compensations } = plan
  const { nodes } = plan.document
  const running = runningOf(states)
  if (running.length > 0) {
    const all = failed.some((name) => {
      const node = nodes[name]!
      return 'cancelSiblings' in node && node.cancelSiblings === true
    })
    return untilEnded(plan, running, all)
  }
  const wants = failed.some((name) => {
    const node = nodes[name]!
    return 'onFailure' in node && node.onFailure === 'compensate'
  })
  if (wants) {
    const place = new Map(ended.map((name, index) => [name, index]))
    const [last] = compensations
      .flatMap((name) => {
        const node = nodes[name]!
        return node.type === 'compensate' &&
          states.get(name) === undefined &&
          states.get(node.undoes) === 'completed'
          ? [{ name, place: place.get(node.undoes) ?? -1 }]
          : []
      })
      .toSorted((a, b) => b.place - a.place)
    if (last) return { ...NOTHING, compensate: [last.name] }
  }
  return { ...NOTHING, end: 'failed' }
}

/** A compensation is never cut short: half undone is worse than not undone. */
function isWanted(type: string, all: boolean): boolean {
  return type !== 'compensate' && (all || IDLE.has(type))
}
