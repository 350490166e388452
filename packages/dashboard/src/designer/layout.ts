// Where nodes are drawn: where somebody put them, else from left to right in the order they run.
import { Graph, layout } from '@dagrejs/dagre'
import type { DesignDocument, Place } from './document.ts'

export const NODE_WIDTH = 190
export const NODE_HEIGHT = 58

/** A place for every node, from left to right. */
export function arrange(document: DesignDocument): Map<string, Place> {
  const graph = new Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 34, ranksep: 70, marginx: 20, marginy: 20 })
  graph.setDefaultEdgeLabel(() => ({}))
  const names = Object.keys(document.nodes)
  for (const name of names) graph.setNode(name, { width: NODE_WIDTH, height: NODE_HEIGHT })
  for (const { from, to } of document.edges)
    if (graph.hasNode(from) && graph.hasNode(to)) graph.setEdge(from, to)
  // What undoes a step is drawn after it, though no edge leads there.
  for (const [name, { undoes }] of Object.entries(document.nodes))
    if (typeof undoes === 'string' && graph.hasNode(undoes)) graph.setEdge(undoes, name)
  layout(graph)
  return new Map(
    names.map((name) => {
      const { x = 0, y = 0 } = graph.node(name) as { x?: number; y?: number }
      return [name, { x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2 }]
    }),
  )
}

/** The places of all nodes. Nothing moves that somebody has put somewhere. */
export function placesOf(document: DesignDocument): Map<string, Place> {
  const nodes = Object.entries(document.nodes)
  if (nodes.every(([, { at }]) => at)) return new Map(nodes.map(([name, { at }]) => [name, at!]))
  const made = arrange(document)
  return new Map(nodes.map(([name, { at }]) => [name, at ?? made.get(name)!]))
}
