// The canvas: nodes and arrows as they are drawn, moved and joined by hand.
import {
  Background,
  Controls,
  MarkerType,
  MiniMap,
  ReactFlow,
  SelectionMode,
  type Connection,
  type Edge,
  type NodeChange,
  type ReactFlowInstance,
  type Viewport,
} from '@xyflow/react'
import '@xyflow/react/dist/style.css'
import { useComputedColorScheme } from '@mantine/core'
import { useReducedMotion } from '@mantine/hooks'
import { useEffect, useImperativeHandle, useMemo, useRef, useState, type Ref } from 'react'
import { useTexts } from '../app/texts.ts'
import type { DesignDocument, Place } from './document.ts'
import { NODE_HEIGHT, NODE_WIDTH, placesOf } from './layout.ts'
import { mayConnect } from './model.ts'
import { CHOICE_TYPE, readChoice, type Choice } from './palette.tsx'
import { toggled, type Selection } from './selection.ts'
import {
  NODE_TYPES,
  type GroupNode,
  type NoteNode,
  type StepNode,
  type StepWords,
} from './step-node.tsx'
import { detailOf } from './step-sign.tsx'
import { DESIGNER_TEXTS } from './texts.ts'

export interface CanvasHandle {
  /** Brings the beginning into view, once there is room to. */
  readonly show: () => void
  readonly zoom: (how: 'in' | 'out' | 'fit' | 'whole') => void
  /** The place in the middle of what is seen. */
  readonly middle: () => Place
}

export interface CanvasProps {
  readonly document: DesignDocument
  readonly selection: Selection
  /** How many problems each node has. */
  readonly problems: ReadonlyMap<string, number>
  /** Nodes on the way that takes longest, as it was played last. */
  readonly longest: ReadonlySet<string>
  readonly onSelect: (selection: Selection) => void
  /** Steps and notes by their names, where they were put. */
  readonly onMove: (steps: ReadonlyMap<string, Place>, notes: ReadonlyMap<string, Place>) => void
  readonly onConnect: (from: string, to: string) => void
  readonly onInsertAfter: (name: string) => void
  readonly onDrop: (choice: Choice, at: Place) => void
  readonly handle: Ref<CanvasHandle>
}

type Drawn = StepNode | NoteNode | GroupNode

const NOTE = 'note:'
const GROUP = 'group:'
const FRAME = 18
const ZOOM_MS = 150

export function Canvas({
  document,
  selection,
  problems,
  longest,
  onSelect,
  onMove,
  onConnect,
  onInsertAfter,
  onDrop,
  handle,
}: CanvasProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const scheme = useComputedColorScheme('light')
  const duration = useReducedMotion() ? 0 : ZOOM_MS
  const flow = useRef<ReactFlowInstance<Drawn, Edge>>(undefined)
  const place = useRef<HTMLDivElement>(null)
  const latest = useRef({ document, onInsertAfter })
  latest.current = { document, onInsertAfter }
  // While somebody drags, only the drawing moves: the document changes once, when they let go.
  const [dragged, setDragged] = useState<ReadonlyMap<string, Place>>()
  /** All of it where that can be read; else where runs begin. What is put on an empty canvas stays where it was put. */
  const show = (): void => {
    const box = place.current?.getBoundingClientRect()
    const places = [...placesOf(latest.current.document)]
    if (!flow.current || !box || box.width === 0 || places.length === 0) return
    void flow.current.setViewport(firstView(places, latest.current.document.start, box))
  }
  const insert = useMemo(() => (name: string) => latest.current.onInsertAfter(name), [])
  const nodes = useMemo(
    () => drawn({ document, selection, problems, longest, insert, onSelect, say, dragged }),
    [document, selection, problems, longest, insert, onSelect, say, dragged],
  )
  const edges = useMemo(
    () => drawnEdges(document, selection, say('otherwise')),
    [document, selection, say],
  )
  const only = selection.nodes.length === 1 ? selection.nodes[0] : undefined
  // A step that the keys lead to is brought into view; one that is in view stays where it is.
  useEffect(() => {
    const { current: made } = flow
    const at = only === undefined ? undefined : placesOf(latest.current.document).get(only)
    const box = place.current?.getBoundingClientRect()
    if (!made || !at || !box || box.width === 0) return
    const { x, y } = made.flowToScreenPosition(at)
    const zoom = made.getZoom()
    const isIn =
      x >= box.left &&
      y >= box.top &&
      x + NODE_WIDTH * zoom <= box.right &&
      y + NODE_HEIGHT * zoom <= box.bottom
    if (!isIn)
      void made.setCenter(at.x + NODE_WIDTH / 2, at.y + NODE_HEIGHT / 2, { zoom, duration })
  }, [only, duration])
  useImperativeHandle(
    handle,
    () => ({
      zoom(how) {
        const { current: made } = flow
        if (how === 'in') void made?.zoomIn({ duration })
        else if (how === 'out') void made?.zoomOut({ duration })
        else if (how === 'fit') void made?.fitView({ duration, padding: 0.08, maxZoom: 1 })
        else void made?.zoomTo(1, { duration })
      },
      show,
      middle() {
        const box = place.current?.getBoundingClientRect()
        if (!box || !flow.current) return { x: 0, y: 0 }
        return flow.current.screenToFlowPosition({
          x: box.left + box.width / 2,
          y: box.top + box.height / 2,
        })
      },
    }),
    [duration],
  )
  const onNodesChange = (changes: NodeChange<Drawn>[]): void => {
    const moved = changes.flatMap((change) =>
      change.type === 'position' && change.position ? [[change.id, change.position] as const] : [],
    )
    if (moved.length > 0) setDragged((before) => new Map([...(before ?? []), ...moved]))
    const chosen = changes.filter((change) => change.type === 'select')
    // A frame drawn around steps chooses them; clicks are told apart below.
    if (chosen.length > 1 || (chosen.length === 1 && isFraming.current)) {
      const names = new Set(selection.nodes)
      for (const { id, selected } of chosen)
        if (!id.includes(':')) {
          if (selected) names.add(id)
          else names.delete(id)
        }
      onSelect({ nodes: [...names] })
    }
  }
  const isFraming = useRef(false)
  const letGo = (): void => {
    if (!dragged) return
    const moved = [...dragged].filter(([id]) => !id.startsWith(GROUP))
    onMove(
      new Map(moved.filter(([id]) => !id.startsWith(NOTE))),
      new Map(
        moved.filter(([id]) => id.startsWith(NOTE)).map(([id, at]) => [id.slice(NOTE.length), at]),
      ),
    )
    setDragged(undefined)
  }
  return (
    <ReactFlow
      ref={place}
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      colorMode={scheme}
      onNodesChange={onNodesChange}
      onNodeDragStop={letGo}
      onSelectionDragStop={letGo}
      onSelectionStart={() => {
        isFraming.current = true
        onSelect({ nodes: [] })
      }}
      onSelectionEnd={() => {
        isFraming.current = false
      }}
      selectionMode={SelectionMode.Partial}
      selectionKeyCode="Shift"
      multiSelectionKeyCode={null}
      onNodeClick={(event, { id }) => {
        if (id.startsWith(GROUP)) return
        if (id.startsWith(NOTE)) onSelect({ nodes: [], note: id.slice(NOTE.length) })
        else if (event.ctrlKey || event.metaKey || event.shiftKey) onSelect(toggled(selection, id))
        else onSelect({ nodes: [id] })
      }}
      onEdgeClick={(_, { source, target }) =>
        onSelect({ nodes: [], edge: { from: source, to: target } })
      }
      onPaneClick={() => onSelect({ nodes: [] })}
      onConnect={({ source, target }) => onConnect(source, target)}
      isValidConnection={({ source, target }: Connection | Edge) =>
        mayConnect(document, source, target)
      }
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(CHOICE_TYPE)) return
        event.preventDefault()
        event.dataTransfer.dropEffect = 'copy'
      }}
      onDrop={(event) => {
        const choice = readChoice(event.dataTransfer.getData(CHOICE_TYPE))
        const at = flow.current?.screenToFlowPosition({ x: event.clientX, y: event.clientY })
        if (!choice || !at) return
        event.preventDefault()
        onDrop(choice, { x: at.x - NODE_WIDTH / 2, y: at.y - NODE_HEIGHT / 2 })
      }}
      deleteKeyCode={null}
      disableKeyboardA11y
      nodesFocusable={false}
      edgesFocusable={false}
      onInit={(made) => {
        flow.current = made
        show()
      }}
      minZoom={0.1}
      onlyRenderVisibleElements={nodes.length > 300}
      aria-label={say('canvas')}
    >
      <Background gap={18} />
      <Controls showInteractive={false} />
      {nodes.length > 12 ? (
        <MiniMap
          pannable
          zoomable
          ariaLabel={say('miniMap')}
          nodeColor="var(--mantine-color-dimmed)"
          nodeStrokeWidth={3}
        />
      ) : null}
    </ReactFlow>
  )
}

const LEAST_ZOOM = 0.75
const MARGIN = 24

function firstView(
  places: readonly (readonly [string, Place])[],
  start: string,
  { width, height }: { readonly width: number; readonly height: number },
): Viewport {
  const xs = places.map(([, { x }]) => x)
  const ys = places.map(([, { y }]) => y)
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  const wide = Math.max(...xs) + NODE_WIDTH - left
  const high = Math.max(...ys) + NODE_HEIGHT - top
  const fits = Math.min((width - 2 * MARGIN) / wide, (height - 2 * MARGIN) / high)
  const zoom = Math.min(1, Math.max(LEAST_ZOOM, fits))
  if (fits >= LEAST_ZOOM)
    return {
      x: width / 2 - (left + wide / 2) * zoom,
      y: height / 2 - (top + high / 2) * zoom,
      zoom,
    }
  const at = places.find(([name]) => name === start)?.[1] ?? { x: left, y: top }
  return { x: MARGIN - at.x * zoom, y: height / 2 - (at.y + NODE_HEIGHT / 2) * zoom, zoom }
}

interface Drawing extends Pick<
  CanvasProps,
  'document' | 'selection' | 'problems' | 'longest' | 'onSelect'
> {
  readonly insert: (name: string) => void
  readonly say: ReturnType<typeof useTexts<typeof DESIGNER_TEXTS>>
  readonly dragged: ReadonlyMap<string, Place> | undefined
}

function drawn({
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
      const words: StepWords = { insertAfter: say('insertAfter', { name }), pinned }
      return {
        id: name,
        type: 'step',
        position: at(name),
        selected: chosen.has(name),
        width: NODE_WIDTH,
        height: NODE_HEIGHT,
        ariaRole: 'group',
        ariaLabel: `${name}, ${node.type}`,
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

function drawnEdges(document: DesignDocument, selection: Selection, otherwise: string): Edge[] {
  return [
    ...document.edges.map(({ from, to, when, otherwise: isLast }) => ({
      id: `${from}→${to}`,
      source: from,
      target: to,
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
              className: 'undoes',
              selectable: false,
            },
          ]
        : [],
    ),
  ]
}

function short(text: string): string {
  return text.length > 32 ? `${text.slice(0, 31)}…` : text
}
