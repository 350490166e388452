// The graph of a workflow or a run, laid out from left to right; the same as a list for who does not see it.
import '@xyflow/react/dist/style.css'
import dagre from '@dagrejs/dagre'
import {
  Background,
  Controls,
  Handle,
  MarkerType,
  Position,
  ReactFlow,
  type Node,
  type NodeProps,
} from '@xyflow/react'
import { useComputedColorScheme } from '@mantine/core'
import { useReducedMotion } from '@mantine/hooks'
import { useMemo, useRef } from 'react'
import { usePackWords } from '../../app/pack-words.ts'
import { useTexts } from '../../app/texts.ts'
import { firstView } from '../../designer/first-view.ts'
import { useGraphLabels } from '../../parts/graph-labels.ts'
import { StateBadge, useStateWord } from '../../parts/state-badge.tsx'
import { kindWord } from '../../parts/step-kinds.ts'
import type { Shape } from './document.ts'
import { WORKFLOW_TEXTS } from './texts.ts'

export interface GraphProps {
  readonly shape: Shape
  /** The state of each step that has begun. */
  readonly states: ReadonlyMap<string, string>
  readonly onChoose: (step: string) => void
}

interface StepData extends Record<string, unknown> {
  readonly label: string
  readonly type: string
  readonly kind: string
  readonly detail: string
  readonly state: string | undefined
}

const WIDTH = 190
const HEIGHT = 64
const TYPES = { step: StepNode }

export default function Graph({ shape, states, onChoose }: GraphProps) {
  const say = useTexts(WORKFLOW_TEXTS)
  const tell = usePackWords(null)
  const labels = useGraphLabels()
  const stateOf = useStateWord()
  const scheme = useComputedColorScheme('light')
  const isStill = useReducedMotion()
  const place = useRef<HTMLDivElement>(null)
  const places = useMemo(() => layOut(shape), [shape])
  const nodes: Node<StepData>[] = shape.steps.map(({ id, label: written, type, detail }) => ({
    id,
    type: 'step',
    position: places.get(id) ?? { x: 0, y: 0 },
    ariaLabel: `${tell(written)}: ${stateOf(states.get(id)) ?? say('notYet')}`,
    data: {
      label: tell(written),
      type,
      kind: kindWord(type, say),
      detail: tell(detail),
      state: states.get(id),
    },
  }))
  return (
    <div className="graph" ref={place}>
      <ReactFlow
        nodes={nodes}
        edges={shape.edges.map(({ from, to, label, isLast }) => ({
          id: `${from} ${to} ${label}`,
          source: from,
          target: to,
          ariaLabel: labels.arrow(from, to),
          label: isLast ? say('otherwise') : label.length > 28 ? `${label.slice(0, 27)}…` : label,
          animated: states.get(to) === 'running' && !isStill,
          markerEnd: { type: MarkerType.ArrowClosed },
        }))}
        nodeTypes={TYPES}
        colorMode={scheme}
        ariaLabelConfig={labels.config}
        onInit={(flow) => {
          const box = place.current?.getBoundingClientRect()
          const start = nodes.find(({ data }) => data.state === 'running')?.id ?? shape.steps[0]?.id
          // Where all of it would be too small to read, it begins at the step that runs.
          if (box && places.size > 0)
            void flow.setViewport(firstView([...places], start ?? '', box))
        }}
        minZoom={0.15}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        onNodeClick={(_, { id }) => onChoose(id)}
        proOptions={{ hideAttribution: true }}
      >
        <Background />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  )
}

function StepNode({ data }: NodeProps<Node<StepData>>) {
  return (
    <div className="step" data-begun={data.state === undefined ? undefined : true}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <span className="step-type">{data.kind}</span>
      <strong>{data.label}</strong>
      {data.state === undefined ? (
        <span className="quiet">{data.detail}</span>
      ) : (
        <StateBadge
          state={data.type === 'approval' && data.state === 'running' ? 'approval' : data.state}
        />
      )}
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  )
}

function layOut({ steps, edges }: Shape): Map<string, { x: number; y: number }> {
  const graph = new dagre.graphlib.Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 26, ranksep: 56 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { id } of steps) graph.setNode(id, { width: WIDTH, height: HEIGHT })
  for (const { from, to } of edges) graph.setEdge(from, to)
  dagre.layout(graph)
  return new Map(
    steps.map(({ id }) => {
      const { x, y } = graph.node(id)
      return [id, { x: x - WIDTH / 2, y: y - HEIGHT / 2 }]
    }),
  )
}
