// The canvas: nodes and arrows as they are drawn, moved and joined by hand.
import {
  Background,
  Controls,
  Handle,
  MarkerType,
  MiniMap,
  Position,
  ReactFlow,
  type Connection,
  type Edge,
  type Node,
  type NodeProps,
  type ReactFlowInstance,
} from '@xyflow/react'
import '@xyflow/react/dist/style.css'
import { useEffect, useMemo, useRef } from 'react'
import { useTexts } from '../app/texts.ts'
import type { DesignDocument, Place } from './document.ts'
import { NODE_HEIGHT, NODE_WIDTH, placesOf } from './layout.ts'
import { mayConnect } from './model.ts'
import type { Selection } from './selection.ts'
import { DESIGNER_TEXTS } from './texts.ts'

export interface CanvasProps {
  readonly document: DesignDocument
  readonly selection: Selection
  /** How many problems each node has. */
  readonly problems: ReadonlyMap<string, number>
  /** Nodes on the way that takes longest, as it was played last. */
  readonly longest: ReadonlySet<string>
  readonly onSelect: (selection: Selection) => void
  readonly onMove: (name: string, at: Place) => void
  readonly onConnect: (from: string, to: string) => void
  readonly onInsertAfter: (name: string) => void
}

type StepData = {
  readonly name: string
  readonly kind: string
  readonly detail: string
  readonly problems: number
  readonly isStart: boolean
  readonly isLongest: boolean
  readonly isFree: boolean
  readonly insert: () => void
  readonly insertLabel: string
}
type StepNode = Node<StepData, 'step'>

function Step({ data, selected }: NodeProps<StepNode>) {
  const marks = ['step', `step-${data.kind}`]
  if (selected) marks.push('is-selected')
  if (data.problems > 0) marks.push('is-wrong')
  if (data.isLongest) marks.push('is-longest')
  return (
    <div className={marks.join(' ')}>
      <Handle
        type="target"
        position={Position.Left}
        isConnectable={!data.isFree}
        className={data.isFree ? 'is-hidden' : undefined}
      />
      <span className="step-kind">
        {data.isStart ? '▶ ' : ''}
        {data.kind}
      </span>
      <strong>{data.name}</strong>
      <span className="step-detail">{data.detail}</span>
      {data.problems > 0 ? <span className="step-problems">{data.problems}</span> : null}
      {data.isFree ? null : (
        <>
          <Handle type="source" position={Position.Right} />
          <button
            type="button"
            className="step-insert nodrag"
            aria-label={data.insertLabel}
            title={data.insertLabel}
            tabIndex={-1}
            onClick={(event) => {
              event.stopPropagation()
              data.insert()
            }}
          >
            +
          </button>
        </>
      )}
    </div>
  )
}

const NODE_TYPES = { step: Step }

export function Canvas({
  document,
  selection,
  problems,
  longest,
  onSelect,
  onMove,
  onConnect,
  onInsertAfter,
}: CanvasProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const flow = useRef<ReactFlowInstance<StepNode, Edge>>(undefined)
  const place = useRef<HTMLDivElement>(null)
  const latest = useRef(document)
  latest.current = document
  const nodes = useMemo<StepNode[]>(() => {
    const places = placesOf(document)
    return Object.entries(document.nodes).map(([name, node]) => ({
      id: name,
      type: 'step',
      position: places.get(name)!,
      selected: selection.node === name,
      width: NODE_WIDTH,
      height: NODE_HEIGHT,
      ariaLabel: `${name}, ${node.type}`,
      data: {
        name,
        kind: node.type,
        detail: detailOf(node),
        problems: problems.get(name) ?? 0,
        isStart: document.start === name,
        isLongest: longest.has(name),
        isFree: node.type === 'compensate',
        insert: () => onInsertAfter(name),
        insertLabel: say('insertAfter', { name }),
      },
    }))
  }, [document, selection, problems, longest, onInsertAfter, say])
  const edges = useMemo<Edge[]>(
    () => [
      ...document.edges.map(({ from, to, when, otherwise }) => ({
        id: `${from}→${to}`,
        source: from,
        target: to,
        selected: selection.edge?.from === from && selection.edge.to === to,
        label: otherwise ? say('otherwise') : when === undefined ? undefined : short(when),
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
    ],
    [document, selection, say],
  )
  // A step that the keys lead to is brought into view; one that is in view stays where it is.
  useEffect(() => {
    const { current: made } = flow
    const at =
      selection.node === undefined ? undefined : placesOf(latest.current).get(selection.node)
    const box = place.current?.getBoundingClientRect()
    if (!made || !at || !box) return
    const { x, y } = made.flowToScreenPosition(at)
    const zoom = made.getZoom()
    const isIn =
      x >= box.left &&
      y >= box.top &&
      x + NODE_WIDTH * zoom <= box.right &&
      y + NODE_HEIGHT * zoom <= box.bottom
    if (!isIn) void made.setCenter(at.x + NODE_WIDTH / 2, at.y + NODE_HEIGHT / 2, { zoom })
  }, [selection.node])
  return (
    <ReactFlow
      ref={place}
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      onNodesChange={(changes) => {
        for (const change of changes)
          if (change.type === 'position' && change.position) onMove(change.id, change.position)
      }}
      onNodeClick={(_, { id }) => onSelect({ node: id })}
      onEdgeClick={(_, { source, target }) => onSelect({ edge: { from: source, to: target } })}
      onPaneClick={() => onSelect({})}
      onConnect={({ source, target }) => onConnect(source, target)}
      isValidConnection={({ source, target }: Connection | Edge) =>
        mayConnect(document, source, target)
      }
      deleteKeyCode={null}
      disableKeyboardA11y
      nodesFocusable={false}
      edgesFocusable={false}
      fitView
      fitViewOptions={{ maxZoom: 1, minZoom: 0.7, padding: 0.08 }}
      onInit={(made) => {
        flow.current = made
      }}
      minZoom={0.1}
      onlyRenderVisibleElements={nodes.length > 300}
      aria-label={say('canvas')}
    >
      <Background gap={18} />
      <Controls showInteractive={false} />
      {nodes.length > 12 ? <MiniMap pannable zoomable /> : null}
    </ReactFlow>
  )
}

function detailOf(node: DesignDocument['nodes'][string]): string {
  if (node.title) return node.title
  const { job, until, question, workflow, undoes } = node
  if (typeof question === 'string') return question
  if (typeof job === 'string') return job
  if (typeof workflow === 'string') return workflow
  if (typeof undoes === 'string') return undoes
  if (typeof node['for'] === 'string') return node['for']
  if (typeof until === 'object' && until !== null) return Object.entries(until)[0]?.join(': ') ?? ''
  return typeof node['wait'] === 'string' ? node['wait'] : ''
}

function short(text: string): string {
  return text.length > 32 ? `${text.slice(0, 31)}…` : text
}
