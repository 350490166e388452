// What is done with several steps at once: copied, pasted, deleted, put in line.
import { setGroup, setPin } from './design.ts'
import type { DesignDocument, DesignEdge, DesignNode, Place } from './document.ts'
import { NODE_HEIGHT, NODE_WIDTH, placesOf } from './layout.ts'
import { freeName, place, removeNode, renamedValue } from './model.ts'

/** Steps cut out of a document, with the edges between them. */
export interface Part {
  readonly format: 'orderly.workflow-part/1'
  readonly nodes: Readonly<Record<string, DesignNode>>
  readonly edges: readonly DesignEdge[]
  readonly pins?: Readonly<Record<string, unknown>>
}

const MOST_PASTED = 1_000
const SHIFT = 40

export function removeNodes(document: DesignDocument, names: readonly string[]): DesignDocument {
  return names.reduce(removeNode, document)
}

export function copyPart(document: DesignDocument, names: readonly string[]): Part {
  const places = placesOf(document)
  const chosen = names.filter((name) => Object.hasOwn(document.nodes, name))
  const pins = Object.fromEntries(
    Object.entries(document.design?.pins ?? {}).filter(([name]) => chosen.includes(name)),
  )
  return {
    format: 'orderly.workflow-part/1',
    nodes: Object.fromEntries(
      chosen.map((name) => [name, { ...document.nodes[name]!, at: rounded(places.get(name)!) }]),
    ),
    edges: document.edges.filter(({ from, to }) => chosen.includes(from) && chosen.includes(to)),
    ...(Object.keys(pins).length === 0 ? {} : { pins }),
  }
}

/** What a text copied elsewhere holds, if it is steps. */
export function readPart(text: string): Part | undefined {
  try {
    const value = JSON.parse(text) as Partial<Part> | null
    if (value?.format !== 'orderly.workflow-part/1') return undefined
    const nodes = Object.entries(value.nodes ?? {}).filter(
      ([, node]) => typeof (node as DesignNode | null)?.type === 'string',
    )
    if (nodes.length === 0 || nodes.length > MOST_PASTED) return undefined
    const names = new Set(nodes.map(([name]) => name))
    const edges = (Array.isArray(value.edges) ? value.edges : []).filter(
      (edge) => names.has(edge.from) && names.has(edge.to),
    )
    return { format: value.format, nodes: Object.fromEntries(nodes), edges, pins: value.pins ?? {} }
  } catch {
    return undefined
  }
}

/** Puts steps in under names that are free, joined as they were. @returns the new document and the new names */
export function pastePart(
  document: DesignDocument,
  part: Part,
): { readonly document: DesignDocument; readonly names: readonly string[] } {
  const names = new Map<string, string>()
  const taken: Record<string, DesignNode> = { ...document.nodes }
  for (const [name, node] of Object.entries(part.nodes)) {
    const free = freeName(taken, name)
    taken[free] = node
    names.set(name, free)
  }
  const shift = shiftFor(document, part)
  const rename = (value: unknown): unknown =>
    [...names].reduce((next, [before, after]) => renamedValue(next, before, after), value)
  const nodes = Object.fromEntries(
    Object.entries(part.nodes).map(([name, node]) => {
      const { at, ...rest } = rename(node) as DesignNode
      return [
        names.get(name)!,
        { ...rest, ...(at ? { at: { x: at.x + shift, y: at.y + shift } } : {}) },
      ]
    }),
  )
  const edges = part.edges.map((edge) => ({
    ...(rename(edge) as DesignEdge),
    from: names.get(edge.from)!,
    to: names.get(edge.to)!,
  }))
  const placed = document.edges.length + Object.keys(document.nodes).length > 0
  const all = placed ? place(document, placesOf(document)) : document
  const [first = ''] = names.values()
  const joined: DesignDocument = {
    ...all,
    start: document.start === '' ? first : document.start,
    nodes: { ...all.nodes, ...nodes },
    edges: [...all.edges, ...edges],
  }
  const pinned = Object.entries(part.pins ?? {}).reduce(
    (next, [name, pin]) => (names.has(name) ? setPin(next, names.get(name)!, pin) : next),
    joined,
  )
  return { document: pinned, names: [...names.values()] }
}

/** So far that what is pasted does not cover what was copied. */
function shiftFor(document: DesignDocument, part: Part): number {
  const there = new Set(
    [...placesOf(document).values()].map(({ x, y }) => `${Math.round(x)},${Math.round(y)}`),
  )
  const [first] = Object.values(part.nodes)
  const { x, y } = first?.at ?? { x: 0, y: 0 }
  let shift = 0
  while (there.has(`${Math.round(x + shift)},${Math.round(y + shift)}`)) shift += SHIFT
  return shift
}

export type Alignment = 'left' | 'right' | 'top' | 'bottom' | 'row' | 'column'

/** Puts steps on one line, or next to each other with the same space between. */
export function align(
  document: DesignDocument,
  names: readonly string[],
  how: Alignment,
): DesignDocument {
  const all = placesOf(document)
  const chosen = names.flatMap((name): [string, Place][] => {
    const at = all.get(name)
    return at ? [[name, at]] : []
  })
  if (chosen.length < 2) return document
  const xs = chosen.map(([, { x }]) => x)
  const ys = chosen.map(([, { y }]) => y)
  const [left, right] = [Math.min(...xs), Math.max(...xs)]
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)]
  const inOrder = (by: 'x' | 'y') => chosen.toSorted(([, a], [, b]) => a[by] - b[by])
  const spread = (at: number, from: number, to: number, least: number): number =>
    from + at * Math.max(least, (to - from) / (chosen.length - 1))
  const next = new Map<string, Place>(
    how === 'row'
      ? inOrder('x').map(([name], at) => [
          name,
          { x: spread(at, left, right, NODE_WIDTH + SHIFT), y: top },
        ])
      : how === 'column'
        ? inOrder('y').map(([name], at) => [
            name,
            { x: left, y: spread(at, top, bottom, NODE_HEIGHT + SHIFT) },
          ])
        : chosen.map(([name, { x, y }]) => [
            name,
            {
              x: how === 'left' ? left : how === 'right' ? right : x,
              y: how === 'top' ? top : how === 'bottom' ? bottom : y,
            },
          ]),
  )
  return place(document, new Map([...all, ...next]))
}

export function groupTogether(
  document: DesignDocument,
  nodes: readonly string[],
  title: string,
): DesignDocument {
  return nodes.length === 0
    ? document
    : setGroup(document, freeName(document.design?.groups ?? {}, 'group'), title, nodes)
}

function rounded({ x, y }: Place): Place {
  return { x: Math.round(x), y: Math.round(y) }
}
