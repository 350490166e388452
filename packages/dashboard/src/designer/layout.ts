// Where nodes are drawn: where somebody put them, else from left to right in the order they run.
import { Graph, layout } from '@dagrejs/dagre'
import type { DesignDocument, Place } from './document.ts'

export const NODE_WIDTH = 176
export const NODE_HEIGHT = 64
const GAP = { x: 44, y: 30 } as const

/** A place for every node, from left to right. */
export function arrange(document: DesignDocument): Map<string, Place> {
  const graph = new Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: GAP.y, ranksep: GAP.x, marginx: 20, marginy: 20 })
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

const known = new WeakMap<DesignDocument, Map<string, Place>>()
/** An arrangement is asked for again after each change of a field, which moves nothing. */
let last: { readonly key: string; readonly places: Map<string, Place> } | undefined

/** The places of all nodes. Nothing moves that somebody has put somewhere; what is new stands beside what leads to it. */
export function placesOf(document: DesignDocument): Map<string, Place> {
  const before = known.get(document)
  if (before) return before
  const nodes = Object.entries(document.nodes)
  const placed = new Map(nodes.flatMap(([name, { at }]) => (at ? [[name, at] as const] : [])))
  const places =
    placed.size === 0
      ? arranged(document)
      : placed.size === nodes.length
        ? placed
        : beside(document, placed)
  known.set(document, places)
  return places
}

function arranged(document: DesignDocument): Map<string, Place> {
  const key = JSON.stringify([
    Object.entries(document.nodes).map(([name, { undoes }]) => [name, undoes]),
    document.edges.map(({ from, to }) => [from, to]),
  ])
  if (last?.key !== key) last = { key, places: arrange(document) }
  return last.places
}

/** Finds a place for what has none among what has one: behind the step that leads to it, where it is free. */
function beside(document: DesignDocument, placed: ReadonlyMap<string, Place>): Map<string, Place> {
  const places = new Map(placed)
  const into = new Map<string, string[]>()
  for (const { from, to } of document.edges) into.set(to, [...(into.get(to) ?? []), from])
  for (const [name, { undoes }] of Object.entries(document.nodes))
    if (typeof undoes === 'string') into.set(name, [...(into.get(name) ?? []), undoes])
  const lowest = Math.max(...[...placed.values()].map(({ y }) => y))
  const leftmost = Math.min(...[...placed.values()].map(({ x }) => x))
  let open = Object.keys(document.nodes).filter((name) => !places.has(name))
  while (open.length > 0) {
    const ready = open.filter((name) => (into.get(name) ?? []).some((one) => places.has(one)))
    // What nothing leads to stands below all the rest.
    for (const name of ready.length > 0 ? ready : open.slice(0, 1)) {
      const before = (into.get(name) ?? []).flatMap((one) => places.get(one) ?? [])
      const wanted =
        before.length === 0
          ? { x: leftmost, y: lowest + NODE_HEIGHT + GAP.y }
          : { x: Math.max(...before.map(({ x }) => x)) + NODE_WIDTH + GAP.x, y: before[0]!.y }
      places.set(name, free(places, wanted))
    }
    open = open.filter((name) => !places.has(name))
  }
  return places
}

function free(places: ReadonlyMap<string, Place>, { x, y }: Place): Place {
  const all = [...places.values()]
  let at = y
  while (
    all.some(
      (one) =>
        Math.abs(one.x - x) < NODE_WIDTH + GAP.y / 2 &&
        Math.abs(one.y - at) < NODE_HEIGHT + GAP.y / 2,
    )
  )
    at += NODE_HEIGHT + GAP.y
  return { x, y: at }
}
