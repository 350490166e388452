// A workflow document made ready to be run through: its edges by node, and its nodes in an order that no edge goes against.
import type { WorkflowDocument, WorkflowEdge } from './document.ts'

export interface Plan {
  readonly document: WorkflowDocument
  readonly into: ReadonlyMap<string, readonly WorkflowEdge[]>
  readonly outOf: ReadonlyMap<string, readonly WorkflowEdge[]>
  /** Every node but those that compensate, each after all that lead to it. */
  readonly order: readonly string[]
  readonly compensations: readonly string[]
}

/** @param document one that was checked: it has no circles */
export function planOf(document: WorkflowDocument): Plan {
  const { nodes, edges } = document
  const into = edgesBy(edges, 'to')
  const outOf = edgesBy(edges, 'from')
  const names = Object.keys(nodes)
  const compensations = names.filter((name) => nodes[name]!.type === 'compensate')
  const open = new Map(names.map((name) => [name, into.get(name)?.length ?? 0]))
  const order = names.filter((name) => open.get(name) === 0 && nodes[name]!.type !== 'compensate')
  for (let at = 0; at < order.length; at++)
    for (const { to } of outOf.get(order[at]!) ?? []) {
      const left = open.get(to)! - 1
      open.set(to, left)
      if (left === 0) order.push(to)
    }
  return { document, into, outOf, order, compensations }
}

export function edgesBy(
  edges: readonly WorkflowEdge[],
  by: 'from' | 'to',
): ReadonlyMap<string, readonly WorkflowEdge[]> {
  const groups = new Map<string, WorkflowEdge[]>()
  for (const edge of edges) {
    const group = groups.get(edge[by])
    if (group) group.push(edge)
    else groups.set(edge[by], [edge])
  }
  return groups
}

/** The nodes that some way leads to from `name`, itself included. */
export function nodesAfter({ outOf }: Pick<Plan, 'outOf'>, name: string): Set<string> {
  const after = new Set([name])
  for (const at of after) for (const { to } of outOf.get(at) ?? []) after.add(to)
  return after
}
