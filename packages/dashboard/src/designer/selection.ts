// What is selected, and how the arrow keys walk from step to step.
import type { DesignDocument } from './document.ts'
import { placesOf } from './layout.ts'
import { upstream } from './model.ts'

export interface Selection {
  readonly nodes: readonly string[]
  readonly edge?: { readonly from: string; readonly to: string }
  readonly note?: string
}

export const NOTHING: Selection = { nodes: [] }

/** What of a selection is still there. */
export function present(document: DesignDocument, { nodes, edge, note }: Selection): Selection {
  const there = nodes.filter((name) => Object.hasOwn(document.nodes, name))
  const hasEdge =
    edge && document.edges.some(({ from, to }) => from === edge.from && to === edge.to)
  const hasNote = note !== undefined && Object.hasOwn(document.design?.notes ?? {}, note)
  return {
    nodes: there.length === nodes.length ? nodes : there,
    ...(hasEdge ? { edge } : {}),
    ...(hasNote ? { note } : {}),
  }
}

/** Adds a step to what is selected, or takes it out. */
export function toggled({ nodes }: Selection, name: string): Selection {
  return {
    nodes: nodes.includes(name) ? nodes.filter((one) => one !== name) : [...nodes, name],
  }
}

/** A step with all that leads to it, or all that it leads to. */
export function wholeWay(
  document: DesignDocument,
  from: string,
  way: 'left' | 'right',
): readonly string[] {
  const all =
    way === 'left'
      ? upstream(document, from)
      : upstream(
          { ...document, edges: document.edges.map(({ from: a, to: b }) => ({ from: b, to: a })) },
          from,
        )
  return [from, ...all]
}

export type Direction = 'left' | 'right' | 'up' | 'down'

/** The step that an arrow key leads to: along the edges left and right, by place up and down. */
export function walk(
  document: DesignDocument,
  from: string | undefined,
  way: Direction,
): string | undefined {
  const names = Object.keys(document.nodes)
  if (from === undefined || !Object.hasOwn(document.nodes, from))
    return Object.hasOwn(document.nodes, document.start) ? document.start : names[0]
  if (way === 'right') return document.edges.find((edge) => edge.from === from)?.to ?? from
  if (way === 'left') return document.edges.find((edge) => edge.to === from)?.from ?? from
  const places = placesOf(document)
  const here = places.get(from)!
  const sign = way === 'down' ? 1 : -1
  const [next] = names
    .filter((name) => (places.get(name)!.y - here.y) * sign > 1)
    .toSorted((a, b) => far(a) - far(b))
  return next ?? from

  function far(name: string): number {
    const { x, y } = places.get(name)!
    return Math.abs(y - here.y) + 2 * Math.abs(x - here.x)
  }
}

/** The steps in the order they are read in: each after all that lead to it, as far as there is such an order. */
export function inOrder({ nodes, edges, start }: DesignDocument): string[] {
  const names = Object.keys(nodes)
  const waits = new Map(names.map((name) => [name, 0]))
  const outOf = new Map<string, string[]>()
  for (const { from, to } of edges) {
    if (!waits.has(from) || !waits.has(to)) continue
    waits.set(to, waits.get(to)! + 1)
    outOf.set(from, [...(outOf.get(from) ?? []), to])
  }
  const order = names.filter((name) => waits.get(name) === 0 && nodes[name]!.type !== 'compensate')
  order.sort((a, b) => Number(b === start) - Number(a === start))
  for (let at = 0; at < order.length; at++)
    for (const to of outOf.get(order[at]!) ?? []) {
      const left = waits.get(to)! - 1
      waits.set(to, left)
      if (left === 0) order.push(to)
    }
  const found = new Set(order)
  return [...order, ...names.filter((name) => !found.has(name))]
}
