// Analytics: what each kind of job did over a time, in figures and as a line, and how the whole moved.
import { SegmentedControl, Select } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useRead } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { useTexts } from '../../app/texts.ts'
import { useUrlState } from '../../app/url-state.ts'
import { Blank } from '../../parts/blank.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { seriesOf } from '../../parts/points.ts'
import { Sparkline } from '../../parts/sparkline.tsx'
import { LatencyChart, ThroughputChart } from '../../parts/throughput.tsx'
import { totalsOf } from './totals.ts'

const TEXTS = {
  title: ['Analytics', 'Análisis'],
  range: ['Time range', 'Periodo'],
  queue: ['Queue', 'Cola'],
  allQueues: ['All queues', 'Todas las colas'],
  throughput: ['Throughput', 'Rendimiento'],
  latency: ['Latency', 'Latencia'],
  types: ['Job types', 'Tipos de trabajo'],
  type: ['Type', 'Tipo'],
  trend: ['Completed', 'Completados'],
  success: ['Ended well', 'Acabaron bien'],
  failed: ['Failed', 'Fallidos'],
  retried: ['Retried', 'Reintentados'],
  wait: ['Mean wait', 'Espera media'],
  run: ['Mean run', 'Duración media'],
  longest: ['Longest', 'La más larga'],
  none: ['Nothing ran in this time', 'Nada corrió en este periodo'],
} as const

const DEFAULTS = { range: '24h', queue: '' }
const RANGES = [
  { value: '1h', step: 1 },
  { value: '24h', step: 15 },
  { value: '7d', step: 120 },
  { value: '30d', step: 720 },
] as const

export function AnalyticsPage() {
  const say = useTexts(TEXTS)
  const format = useFormats()
  const [url, setUrl] = useUrlState(DEFAULTS)
  const range = RANGES.find(({ value }) => value === url.range) ?? RANGES[1]
  const query = {
    last: range.value,
    step: range.step,
    ...(url.queue === '' ? {} : { queue: url.queue }),
  }
  const read = useRead('metrics.points', { query }, { every: 30_000 })
  const queues = useRead('queues.list', {})
  const totals = useMemo(() => totalsOf(read.data?.data ?? []), [read.data])
  return (
    <Page title={say('title')}>
      <div className="filters">
        <SegmentedControl
          aria-label={say('range')}
          value={range.value}
          onChange={(value) => setUrl({ range: value })}
          data={RANGES.map(({ value }) => ({ value, label: value }))}
        />
        <Select
          aria-label={say('queue')}
          placeholder={say('allQueues')}
          clearable
          value={url.queue === '' ? null : url.queue}
          onChange={(queue) => setUrl({ queue: queue ?? '' })}
          data={(queues.data?.data ?? []).map(({ name }) => name)}
        />
      </div>
      <div className="two">
        <Card title={say('throughput')}>
          <ThroughputChart query={query} />
        </Card>
        <Card title={say('latency')}>
          <LatencyChart query={query} />
        </Card>
      </div>
      <Card title={say('types')} isFlush>
        <Answered read={read}>
          {(answer) => (
            <List
              label={say('types')}
              rows={totals}
              rowKey={({ type }) => type}
              empty={<Blank title={say('none')} />}
              columns={[
                {
                  key: 'type',
                  label: say('type'),
                  cell: ({ type }) => (
                    <Link to="/types/$name" params={{ name: type }}>
                      {type}
                    </Link>
                  ),
                },
                {
                  key: 'trend',
                  label: say('trend'),
                  cell: ({ type }) => (
                    <Sparkline
                      label={type}
                      values={seriesOf(
                        { ...answer, data: answer.data.filter((point) => point.type === type) },
                        range.value,
                        range.step,
                      ).map(({ completed }) => completed)}
                    />
                  ),
                },
                {
                  key: 'success',
                  label: say('success'),
                  isNumber: true,
                  cell: ({ success }) => (success === null ? '–' : format.percent(success)),
                },
                {
                  key: 'failed',
                  label: say('failed'),
                  isNumber: true,
                  cell: ({ failed }) => format.number(failed),
                },
                {
                  key: 'retried',
                  label: say('retried'),
                  isNumber: true,
                  cell: ({ retried }) => format.number(retried),
                },
                {
                  key: 'wait',
                  label: say('wait'),
                  isNumber: true,
                  cell: ({ wait }) => format.span(wait),
                },
                {
                  key: 'run',
                  label: say('run'),
                  isNumber: true,
                  cell: ({ run }) => format.span(run),
                },
                {
                  key: 'longest',
                  label: say('longest'),
                  isNumber: true,
                  cell: ({ longest }) => format.span(longest),
                },
              ]}
            />
          )}
        </Answered>
      </Card>
    </Page>
  )
}
