// A document as the nodes and arrows that the canvas draws.
import { MarkerType, Position, type Edge, type NodeHandle } from '@xyflow/react'
import type { Say } from '../app/texts.ts'
import { kindWord } from '../parts/step-kinds.ts'
import type { DesignDocument, Place } from './document.ts'
import { NODE_HEIGHT, NODE_WIDTH, placesOf } from './layout.ts'
import type { Selection } from './selection.ts'
import type { GroupNode, NoteNode, StepNode, StepWords } from './step-node.tsx'
import { detailOf } from './step-sign.tsx'
import type { DESIGNER_TEXTS } from './texts.ts'

export type Drawn = StepNode | NoteNode | GroupNode

const NOTE = 'note:'
const GROUP = 'group:'
const FRAME = 18
const SHORT = 32
/** Where arrows begin and end: said, so that no step must be measured, nor have been in sight, for its arrows to show. */
const HANDLE = { y: NODE_HEIGHT / 2, width: 1, height: 1 } as const
const INTO: NodeHandle = { ...HANDLE, type: 'target', position: Position.Left, x: 0 }
const OUT_OF: NodeHandle = { ...HANDLE, type: 'source', position: Position.Right, x: NODE_WIDTH }

export interface Drawing {
  readonly document: DesignDocument
  readonly selection: Selection
  /** How many problems each node has. */
  readonly problems: ReadonlyMap<string, number>
  /** Nodes on the way that takes longest, as it was played last. */
  readonly longest: ReadonlySet<string>
  readonly onSelect: (selection: Selection) => void
  readonly insert: (name: string) => void
  readonly say: Say<typeof DESIGNER_TEXTS>
  /** Where what is dragged now is. */
  readonly dragged: ReadonlyMap<string, Place> | undefined
}

export function drawn({
  document,
  selection,
  problems,
  longest,
  insert,
  onSelect,
  say,
  dragged,
}: Drawing): Drawn[] {
  const places = placesOf(document)
  const at = (name: string): Place => dragged?.get(name) ?? places.get(name)!
  const { notes = {}, groups = {}, pins = {} } = document.design ?? {}
  const chosen = new Set(selection.nodes)
  const pinned = say('pinned')
  return [
    ...Object.entries(groups).flatMap(([name, { title, nodes }]): GroupNode[] => {
      const inside = nodes.filter((node) => places.has(node))
      if (inside.length === 0) return []
      const all = inside.map(at)
      const left = Math.min(...all.map(({ x }) => x)) - FRAME
      const top = Math.min(...all.map(({ y }) => y)) - FRAME - 20
      return [
        {
          id: `${GROUP}${name}`,
          type: 'group',
          position: { x: left, y: top },
          width: Math.max(...all.map(({ x }) => x)) + NODE_WIDTH + FRAME - left,
          height: Math.max(...all.map(({ y }) => y)) + NODE_HEIGHT + FRAME - top,
          draggable: false,
          selectable: false,
          zIndex: -1,
          data: { title, choose: () => onSelect({ nodes: inside }) },
        },
      ]
    }),
    ...Object.entries(document.nodes).map(([name, node]): StepNode => {
      const kind = kindWord(node.type, say)
      const words: StepWords = { insertAfter: say('insertAfter', { name }), kind, pinned }
      return {
        id: name,
        type: 'step',
        position: at(name),
        selected: chosen.has(name),
        width: NODE_WIDTH,
        height: NODE_HEIGHT,
        measured: { width: NODE_WIDTH, height: NODE_HEIGHT },
        handles: [INTO, OUT_OF],
        ariaRole: 'group',
        ariaLabel: `${name}, ${kind}`,
        data: {
          name,
          kind: node.type,
          detail: detailOf(node),
          problems: problems.get(name) ?? 0,
          isStart: document.start === name,
          isLongest: longest.has(name),
          isFree: node.type === 'compensate',
          isPinned: Object.hasOwn(pins, name),
          insert,
          words,
        },
      }
    }),
    ...Object.entries(notes).map(([name, note]): NoteNode => ({
      id: `${NOTE}${name}`,
      type: 'note',
      position: dragged?.get(`${NOTE}${name}`) ?? note.at,
      selected: selection.note === name,
      ariaRole: 'group',
      ariaLabel: say('noteLabel'),
      data: { text: note.text },
    })),
  ]
}

/** What is drawn as it was before stays the same object, so that a change draws anew only what it changed. */
export function kept<One extends { readonly id: string }>(
  before: readonly One[],
  now: readonly One[],
): One[] {
  const known = new Map(before.map((one) => [one.id, one]))
  return now.map((one) => {
    const was = known.get(one.id)
    return was !== undefined && isAlike(was, one) ? was : one
  })
}

function isAlike(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const [ours, theirs] = [Object.entries(a), new Map(Object.entries(b))]
  return (
    ours.length === theirs.size &&
    ours.every(([key, value]) => theirs.has(key) && isAlike(value, theirs.get(key)))
  )
}

export function drawnEdges(
  document: DesignDocument,
  selection: Selection,
  otherwise: string,
  nameOf: (from: string, to: string) => string,
): Edge[] {
  return [
    ...document.edges.map(({ from, to, when, otherwise: isLast }) => ({
      id: `${from}→${to}`,
      source: from,
      target: to,
      ariaLabel: nameOf(from, to),
      selected: selection.edge?.from === from && selection.edge.to === to,
      label: isLast ? otherwise : when === undefined ? undefined : short(when),
      markerEnd: { type: MarkerType.ArrowClosed },
    })),
    ...Object.entries(document.nodes).flatMap(([name, node]) =>
      node.type === 'compensate' &&
      typeof node['undoes'] === 'string' &&
      node['undoes'] in document.nodes
        ? [
            {
              id: `${name}↶`,
              source: node['undoes'],
              target: name,
              ariaLabel: nameOf(node['undoes'], name),
              className: 'undoes',
              selectable: false,
            },
          ]
        : [],
    ),
  ]
}

function short(text: string): string {
  return text.length > SHORT ? `${text.slice(0, SHORT - 1)}…` : text
}

export type DrawnThing =
  | { readonly kind: 'step'; readonly name: string }
  | { readonly kind: 'note'; readonly name: string }
  | { readonly kind: 'group'; readonly name: string }

/** What a drawn id stands for. */
export function thingOf(id: string): DrawnThing {
  if (id.startsWith(NOTE)) return { kind: 'note', name: id.slice(NOTE.length) }
  if (id.startsWith(GROUP)) return { kind: 'group', name: id.slice(GROUP.length) }
  return { kind: 'step', name: id }
}
