// What completed and failed, and how long it took, point by point.
import { useMemo } from 'react'
import type { RequestOf } from '../api/call.ts'
import { useRead } from '../api/use.ts'
import { useTexts } from '../app/texts.ts'
import { Chart } from './chart.tsx'
import { useDeployMarks } from './deploys.ts'
import { Answered } from './list.tsx'
import { seriesOf } from './points.ts'

const TEXTS = {
  label: ['Completed and failed jobs', 'Trabajos completados y fallidos'],
  completed: ['completed', 'completados'],
  failed: ['failed', 'fallidos'],
  latency: ['Time to start and time to run', 'Espera y duración'],
  wait: ['mean wait', 'espera media'],
  run: ['mean run', 'duración media'],
} as const

/** So few steps stand as bars: a line through them would show a course that nobody measured. */
const FEW_STEPS = 16

export type MetricsQuery = NonNullable<RequestOf<'metrics.points'>['query']>

export interface MetricsChartProps {
  readonly query: MetricsQuery
}

export function ThroughputChart({ query }: MetricsChartProps) {
  const say = useTexts(TEXTS)
  const read = useRead('metrics.points', { query: { last: '1h', ...query } }, { every: 15_000 })
  const { last = '1h', step = 1 } = query
  const marks = useDeployMarks(last)
  const chart = useMemo(() => {
    const points = seriesOf(read.data, last, step)
    return {
      x: points.map(({ at }) => at),
      series: [
        {
          label: say('completed'),
          colour: 'green' as const,
          values: points.map(({ completed }) => completed),
        },
        {
          label: say('failed'),
          colour: 'red' as const,
          values: points.map(({ failed }) => failed),
        },
      ],
    }
  }, [read.data, say, last, step])
  return (
    <Answered read={read} lines={4}>
      {() => (
        <Chart
          label={say('label')}
          {...chart}
          marks={marks}
          isStacked={chart.x.length <= FEW_STEPS}
        />
      )}
    </Answered>
  )
}

export function LatencyChart({ query }: MetricsChartProps) {
  const say = useTexts(TEXTS)
  const read = useRead('metrics.points', { query: { last: '1h', ...query } }, { every: 15_000 })
  const { last = '1h', step = 1 } = query
  const marks = useDeployMarks(last)
  const chart = useMemo(() => {
    const points = seriesOf(read.data, last, step)
    const kind = points.length <= FEW_STEPS ? ('bar' as const) : ('line' as const)
    return {
      x: points.map(({ at }) => at),
      series: [
        {
          label: say('wait'),
          colour: 'violet' as const,
          kind,
          values: points.map((at) => at.wait),
        },
        { label: say('run'), colour: 'teal' as const, kind, values: points.map((at) => at.run) },
      ],
    }
  }, [read.data, say, last, step])
  return (
    <Answered read={read} lines={4}>
      {() => <Chart label={say('latency')} unit="ms" {...chart} marks={marks} />}
    </Answered>
  )
}
