// The designer's one model: a document and its past and future. Every change makes a new document; nothing is mutated.
import { followed } from './design.ts'
import {
  newNode,
  type DesignDocument,
  type DesignEdge,
  type DesignNode,
  type NodeType,
  type Place,
} from './document.ts'

export interface History {
  readonly past: readonly DesignDocument[]
  readonly present: DesignDocument
  readonly future: readonly DesignDocument[]
  /** What the last change was about: another one about the same thing joins it, so that a word typed is one step back. */
  readonly about: string | undefined
}

const MOST_STEPS = 500

export function openHistory(present: DesignDocument): History {
  return { past: [], present, future: [], about: undefined }
}

/** @param about joins changes of one field, of one drag; left out, the change stands by itself */
export function change(history: History, next: DesignDocument, about?: string): History {
  if (next === history.present) return history
  const joins = about !== undefined && about === history.about
  const past = joins ? history.past : [...history.past, history.present].slice(-MOST_STEPS)
  return { past, present: next, future: [], about }
}

export function undo(history: History): History {
  const before = history.past.at(-1)
  if (!before) return history
  return {
    past: history.past.slice(0, -1),
    present: before,
    future: [history.present, ...history.future],
    about: undefined,
  }
}

export function redo(history: History): History {
  const [next, ...future] = history.future
  if (!next) return history
  return { past: [...history.past, history.present], present: next, future, about: undefined }
}

/** A name that is not taken: `scan`, `scan2` … */
export function freeName(taken: object, wanted: string): string {
  const base = wanted.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^[^A-Za-z]+/, '') || 'step'
  for (let n = 1; ; n++) {
    const name = n === 1 ? base.slice(0, 60) : `${base.slice(0, 56)}${n}`
    if (!Object.hasOwn(taken, name)) return name
  }
}

export interface Added {
  readonly document: DesignDocument
  readonly name: string
}

/**
 * Adds a node.
 *
 * @param after the node it follows: what followed that follows the new one
 */
export function addNode(
  document: DesignDocument,
  type: NodeType,
  { job, after, at }: { readonly job?: string; readonly after?: string; readonly at?: Place } = {},
): Added {
  const name = freeName(document.nodes, job === undefined || job === '' ? camel(type) : camel(job))
  const node: DesignNode = { ...newNode(type, job), ...(at ? { at } : {}) }
  const nodes = { ...document.nodes, [name]: node }
  const isFree = type === 'compensate'
  const start = document.start === '' && !isFree ? name : document.start
  if (after === undefined || isFree || !Object.hasOwn(document.nodes, after))
    return { document: { ...document, nodes, start }, name }
  // A branch keeps its ways, and a fork its own: the new node is one more.
  const forks = ['branch', 'parallel'].includes(document.nodes[after]!.type)
  const kept = forks
    ? document.edges
    : document.edges.map((edge) => (edge.from === after ? { ...edge, from: name } : edge))
  const edges = [...kept, { from: after, to: name }]
  return { document: { ...document, nodes, start, edges }, name }
}

function camel(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9]+([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** Takes a node out; what led to it leads to what followed it. */
export function removeNode(document: DesignDocument, name: string): DesignDocument {
  if (!Object.hasOwn(document.nodes, name)) return document
  const { [name]: _gone, ...nodes } = document.nodes
  const before = document.edges.filter(({ to }) => to === name)
  const after = document.edges.filter(({ from }) => from === name)
  const rest = document.edges.filter(({ from, to }) => from !== name && to !== name)
  const bridges = before.flatMap((edge) =>
    after
      .filter(
        ({ to }) =>
          to !== edge.from && !rest.some((one) => one.from === edge.from && one.to === to),
      )
      .map(({ to }) => ({ ...edge, to })),
  )
  const start =
    document.start === name ? (after[0]?.to ?? Object.keys(nodes)[0] ?? '') : document.start
  return followed({ ...document, nodes, edges: [...rest, ...bridges], start }, name, undefined)
}

/** Whether an edge may lead from one node to the other: it closes no circle, and is not there yet. */
export function mayConnect(document: DesignDocument, from: string, to: string): boolean {
  if (from === to || !Object.hasOwn(document.nodes, from) || !Object.hasOwn(document.nodes, to))
    return false
  if ([from, to].some((name) => document.nodes[name]!.type === 'compensate')) return false
  if (document.edges.some((edge) => edge.from === from && edge.to === to)) return false
  return !upstream(document, from).has(to)
}

export function connect(document: DesignDocument, from: string, to: string): DesignDocument {
  if (!mayConnect(document, from, to)) return document
  return { ...document, edges: [...document.edges, { from, to }] }
}

export function disconnect(document: DesignDocument, from: string, to: string): DesignDocument {
  const edges = document.edges.filter((edge) => edge.from !== from || edge.to !== to)
  return edges.length === document.edges.length ? document : { ...document, edges }
}

/** Changes fields of a node; one that is set to undefined goes. */
export function changeNode(
  document: DesignDocument,
  name: string,
  fields: Readonly<Record<string, unknown>>,
): DesignDocument {
  const node = document.nodes[name]
  if (!node) return document
  const next = Object.fromEntries(
    Object.entries({ ...node, ...fields }).filter(([, value]) => value !== undefined),
  ) as unknown as DesignNode
  return { ...document, nodes: { ...document.nodes, [name]: next } }
}

export function changeEdge(
  document: DesignDocument,
  at: Pick<DesignEdge, 'from' | 'to'>,
  how: Pick<DesignEdge, 'when' | 'otherwise'>,
): DesignDocument {
  const edges = document.edges.map((edge): DesignEdge => {
    if (edge.from !== at.from || edge.to !== at.to) return edge
    const { from, to } = edge
    if (how.otherwise) return { from, to, otherwise: true }
    return how.when === undefined || how.when === '' ? { from, to } : { from, to, when: how.when }
  })
  return { ...document, edges }
}

export const NAME: RegExp = /^[A-Za-z][A-Za-z0-9_]{0,63}$/

/** Gives a node another name, in edges and in every expression that looks at it. The document itself where that cannot be. */
export function renameNode(
  document: DesignDocument,
  before: string,
  after: string,
): DesignDocument {
  if (before === after || !NAME.test(after) || Object.hasOwn(document.nodes, after)) return document
  if (!Object.hasOwn(document.nodes, before)) return document
  const renamed = (value: unknown): unknown => renamedValue(value, before, after)
  const nodes = Object.fromEntries(
    Object.entries(document.nodes).map(([name, node]) => [
      name === before ? after : name,
      renamed(node) as DesignNode,
    ]),
  )
  const moved = (name: string): string => (name === before ? after : name)
  const edges = document.edges.map((edge) => ({
    ...(renamed(edge) as DesignEdge),
    from: moved(edge.from),
    to: moved(edge.to),
  }))
  const output = 'output' in document ? { output: renamed(document['output']) } : {}
  return followed(
    { ...document, start: moved(document.start), nodes, edges, ...output },
    before,
    after,
  )
}

/** A value with every expression in it looking at a step by its new name. */
export function renamedValue(value: unknown, before: string, after: string, key = ''): unknown {
  if (before === after) return value
  if (typeof value === 'string') {
    if (key === 'undoes' && value === before) return after
    if (key === 'title' || key === 'question') return value
    const dotted = new RegExp(String.raw`\bsteps\.${before}\b`, 'g')
    const quoted = new RegExp(String.raw`\bsteps\[(["'])${before}\1\]`, 'g')
    return value.replaceAll(dotted, `steps.${after}`).replaceAll(quoted, `steps["${after}"]`)
  }
  if (Array.isArray(value)) return value.map((inner) => renamedValue(inner, before, after))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, renamedValue(inner, before, after, name)]),
  )
}

/** Puts nodes where they are drawn. */
export function place(
  document: DesignDocument,
  places: ReadonlyMap<string, Place>,
): DesignDocument {
  const nodes = Object.fromEntries(
    Object.entries(document.nodes).map(([name, node]) => {
      const at = places.get(name)
      return [name, at ? { ...node, at: { x: Math.round(at.x), y: Math.round(at.y) } } : node]
    }),
  )
  return { ...document, nodes }
}

/** Every node that some way leads from to `name`. */
export function upstream(document: DesignDocument, name: string): Set<string> {
  const into = new Map<string, string[]>()
  for (const { from, to } of document.edges) into.set(to, [...(into.get(to) ?? []), from])
  const seen = new Set<string>()
  const open = [...(into.get(name) ?? [])]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue
    seen.add(at)
    open.push(...(into.get(at) ?? []))
  }
  return seen
}
