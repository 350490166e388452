// What a change has changed, in a few words: for those who do not see it.
import type { DesignDocument, DesignEdge } from './document.ts'
import { placesOf } from './layout.ts'

export interface Told {
  readonly key:
    | 'toldAdded'
    | 'toldRemoved'
    | 'toldConnected'
    | 'toldDisconnected'
    | 'toldChanged'
    | 'toldMoved'
    | 'toldMany'
    | 'toldDesign'
  readonly values: Readonly<Record<string, string | number>>
}

const MOST_TOLD = 3

/** The differences of two documents; many of them as their number. */
export function differences(before: DesignDocument, after: DesignDocument): readonly Told[] {
  const told = [...nodes(before, after), ...edges(before, after)]
  if (told.length === 0 && before.design !== after.design)
    return [{ key: 'toldDesign', values: {} }]
  return told.length > MOST_TOLD ? [{ key: 'toldMany', values: { n: told.length } }] : told
}

function* nodes(before: DesignDocument, after: DesignDocument): Generator<Told> {
  const moved = Object.keys(after.nodes).filter((name) => isMoved(name, before, after)).length
  for (const [name, node] of Object.entries(after.nodes)) {
    const old = Object.hasOwn(before.nodes, name) ? before.nodes[name]! : undefined
    if (!old) yield { key: 'toldAdded', values: { name, type: node.type } }
    else if (old !== node) {
      const { at: _old, ...was } = old
      const { at: _at, ...is } = node
      if (JSON.stringify(was) !== JSON.stringify(is)) yield { key: 'toldChanged', values: { name } }
    }
  }
  for (const name of Object.keys(before.nodes))
    if (!Object.hasOwn(after.nodes, name)) yield { key: 'toldRemoved', values: { name } }
  if (moved > 0) yield { key: 'toldMoved', values: { n: moved } }
}

/** A step that was put elsewhere: one that is put down where it stood already has not moved. */
function isMoved(name: string, before: DesignDocument, after: DesignDocument): boolean {
  if (!Object.hasOwn(before.nodes, name)) return false
  if (before.nodes[name]!.at === after.nodes[name]!.at) return false
  const [was, is] = [placesOf(before).get(name)!, placesOf(after).get(name)!]
  return Math.round(was.x) !== Math.round(is.x) || Math.round(was.y) !== Math.round(is.y)
}

function* edges(before: DesignDocument, after: DesignDocument): Generator<Told> {
  const key = ({ from, to }: DesignEdge): string => `${from} ${to}`
  const old = new Map(before.edges.map((edge) => [key(edge), edge]))
  const now = new Map(after.edges.map((edge) => [key(edge), edge]))
  // That a step came or went says enough of the edges it came or went with.
  const stays = ({ from, to }: DesignEdge): boolean =>
    [from, to].every(
      (name) => Object.hasOwn(before.nodes, name) && Object.hasOwn(after.nodes, name),
    )
  for (const [at, { from, to }] of now)
    if (!old.has(at) && stays({ from, to })) yield { key: 'toldConnected', values: { from, to } }
  for (const [at, { from, to }] of old)
    if (!now.has(at) && stays({ from, to })) yield { key: 'toldDisconnected', values: { from, to } }
  for (const [at, edge] of now) {
    const was = old.get(at)
    if (was && was !== edge && JSON.stringify(was) !== JSON.stringify(edge))
      yield { key: 'toldChanged', values: { name: `${edge.from} → ${edge.to}` } }
  }
}
