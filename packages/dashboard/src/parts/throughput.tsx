// What completed and failed, point by point.
import { useMemo } from 'react'
import { useRead } from '../api/use.ts'
import { useTexts } from '../app/texts.ts'
import { Answered } from './list.tsx'
import { Chart, type ChartMark } from './chart.tsx'

const TEXTS = {
  label: ['Completed and failed jobs', 'Trabajos completados y fallidos'],
  completed: ['completed', 'completados'],
  failed: ['failed', 'fallidos'],
  retried: ['retried', 'reintentados'],
} as const

export function ThroughputChart({
  query,
  marks,
}: {
  readonly query: { readonly queue?: string; readonly name?: string; readonly last?: string }
  readonly marks?: readonly ChartMark[]
}) {
  const say = useTexts(TEXTS)
  const read = useRead('metrics.list', { query: { last: '1h', ...query } }, { every: 15_000 })
  const chart = useMemo(() => {
    const points = read.data?.data ?? []
    return {
      x: points.map(({ at }) => at),
      series: [
        {
          label: say('completed'),
          colour: 'green' as const,
          values: points.map((each) => each.completed),
        },
        { label: say('failed'), colour: 'red' as const, values: points.map((each) => each.failed) },
      ],
    }
  }, [read.data, say])
  return (
    <Answered read={read} lines={4}>
      {() => <Chart label={say('label')} {...chart} {...(marks ? { marks } : {})} />}
    </Answered>
  )
}
