// The canvas: nodes and arrows as they are drawn, moved and joined by hand.
import {
  Background,
  Controls,
  MiniMap,
  ReactFlow,
  SelectionMode,
  type Connection,
  type Edge,
  type ReactFlowInstance,
} from '@xyflow/react'
import '@xyflow/react/dist/style.css'
import { useComputedColorScheme } from '@mantine/core'
import { useReducedMotion } from '@mantine/hooks'
import { useEffect, useImperativeHandle, useMemo, useRef, type Ref } from 'react'
import { useTexts } from '../app/texts.ts'
import { useGraphLabels } from '../parts/graph-labels.ts'
import type { Place } from './document.ts'
import { drawn, drawnEdges, kept, thingOf, type Drawing, type Drawn } from './drawing.ts'
import { firstView } from './first-view.ts'
import { NODE_HEIGHT, NODE_WIDTH, placesOf } from './layout.ts'
import { mayConnect } from './model.ts'
import { CHOICE_TYPE, readChoice, type Choice } from './palette.tsx'
import { toggled } from './selection.ts'
import { NODE_TYPES } from './step-node.tsx'
import { DESIGNER_TEXTS } from './texts.ts'
import { useHand, type OnMove } from './use-hand.ts'
import { REACH, useJoining } from './use-joining.ts'

export interface CanvasHandle {
  /** Brings what is seen first into view, once there is room to and unless somebody has moved it. */
  readonly show: () => void
  readonly zoom: (how: 'in' | 'out' | 'fit' | 'whole') => void
  /** The place in the middle of what is seen. */
  readonly middle: () => Place
}

export interface CanvasProps extends Omit<Drawing, 'insert' | 'say' | 'dragged'> {
  readonly onMove: OnMove
  readonly onConnect: (from: string, to: string) => void
  readonly onInsertAfter: (name: string) => void
  readonly onDrop: (choice: Choice, at: Place) => void
  readonly handle: Ref<CanvasHandle>
}

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
  const labels = useGraphLabels()
  const scheme = useComputedColorScheme('light')
  const duration = useReducedMotion() ? 0 : ZOOM_MS
  const flow = useRef<ReactFlowInstance<Drawn, Edge>>(undefined)
  const place = useRef<HTMLDivElement>(null)
  const isMoved = useRef(false)
  const latest = useRef({ document, onInsertAfter })
  latest.current = { document, onInsertAfter }
  const { dragged, ...hand } = useHand(selection, onSelect, onMove)
  const joining = useJoining((from, to) => {
    if (mayConnect(document, from, to)) onConnect(from, to)
  })
  /** What is put on an empty canvas stays where it was put. */
  const show = (): void => {
    const box = place.current?.getBoundingClientRect()
    const places = [...placesOf(latest.current.document)]
    if (isMoved.current || !flow.current || !box || box.width === 0 || places.length === 0) return
    void flow.current.setViewport(firstView(places, latest.current.document.start, box))
  }
  const moved = (): void => {
    isMoved.current = true
  }
  const insert = useMemo(() => (name: string) => latest.current.onInsertAfter(name), [])
  const before = useRef<{ readonly nodes: readonly Drawn[]; readonly edges: readonly Edge[] }>({
    nodes: [],
    edges: [],
  })
  const nodes = useMemo(
    () =>
      kept(
        before.current.nodes,
        drawn({ document, selection, problems, longest, insert, onSelect, say, dragged }),
      ),
    [document, selection, problems, longest, insert, onSelect, say, dragged],
  )
  const edges = useMemo(
    () =>
      kept(before.current.edges, drawnEdges(document, selection, say('otherwise'), labels.arrow)),
    [document, selection, say, labels],
  )
  before.current = { nodes, edges }
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
        moved()
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
  return (
    <ReactFlow
      ref={place}
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      colorMode={scheme}
      ariaLabelConfig={labels.config}
      {...hand}
      selectionMode={SelectionMode.Partial}
      selectionKeyCode="Shift"
      multiSelectionKeyCode={null}
      onNodeClick={(event, { id }) => {
        const { kind, name } = thingOf(id)
        if (kind === 'group') return
        if (kind === 'note') onSelect({ nodes: [], note: name })
        else if (event.ctrlKey || event.metaKey || event.shiftKey) onSelect(toggled(selection, id))
        else onSelect({ nodes: [id] })
      }}
      onEdgeClick={(_, { source, target }) =>
        onSelect({ nodes: [], edge: { from: source, to: target } })
      }
      onPaneClick={() => onSelect({ nodes: [] })}
      {...joining}
      connectionRadius={REACH}
      // A canvas that moves by itself takes the step away from under the hand that aims at it.
      autoPanOnConnect={false}
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
      // What moves by itself has no event.
      onMoveStart={(event) => {
        if (event) moved()
      }}
      // Handles stay as large as a hand needs, however small the steps are drawn.
      onMove={(_, { zoom }) => place.current?.style.setProperty('--zoom', String(zoom))}
      // A browser that finds a word, or a screen reader that comes to a step, scrolls the canvas, which React Flow undoes.
      onScrollCapture={({ target, currentTarget: box }) => {
        if (target !== box || !flow.current) return
        const { x, y, zoom } = flow.current.getViewport()
        void flow.current.setViewport({ x: x - box.scrollLeft, y: y - box.scrollTop, zoom })
      }}
      minZoom={0.1}
      aria-label={say('canvas')}
    >
      <Background gap={18} />
      <Controls
        showInteractive={false}
        {...{ onZoomIn: moved, onZoomOut: moved, onFitView: moved }}
      />
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
