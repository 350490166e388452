// The Timeline of a job: waits, runs and pauses between them on one scale, and every event below.
import type { JobDetail } from 'orderly/api'
import { useNow } from '../../app/now.ts'
import { useFormats } from '../../app/format.ts'
import { useTexts } from '../../app/texts.ts'
import { Instant } from '../../parts/instant.tsx'
import { List } from '../../parts/list.tsx'
import { Card } from '../../parts/page.tsx'
import { spansOf, type LifeSpan, type SpanKind } from './spans.ts'
import { JOB_TEXTS, LIFE_TEXTS } from './texts.ts'

const LOOKS: Readonly<Record<SpanKind, string>> = {
  queued: 'waiting',
  running: 'active',
  backoff: 'retrying',
  waitsChildren: 'waiting-children',
}

export function Timeline({ job }: { readonly job: JobDetail }) {
  const say = useTexts(JOB_TEXTS)
  const now = useNow()
  const spans = spansOf(job.life, now)
  const from = spans[0]?.from ?? job.createdAt
  const to = Math.max(spans.at(-1)?.to ?? from, from + 1)
  return (
    <>
      <Card title={say('timeline')}>
        <ol className="waterfall">
          {spans.map((span, index) => (
            <SpanRow key={`${span.from}-${index}`} span={span} from={from} to={to} />
          ))}
        </ol>
      </Card>
      <Card title={say('events')} isFlush>
        <Events job={job} />
      </Card>
    </>
  )
}

function SpanRow({
  span,
  from,
  to,
}: {
  readonly span: LifeSpan
  readonly from: number
  readonly to: number
}) {
  const say = useTexts(JOB_TEXTS)
  const format = useFormats()
  const length = to - from
  const left = ((span.from - from) / length) * 100
  const width = Math.max(0.4, ((span.to - span.from) / length) * 100)
  const state =
    span.end === 'failed' ? 'failed' : span.end === 'completed' ? 'completed' : LOOKS[span.kind]
  return (
    <li>
      <span className="waterfall-name">
        {say(span.kind)}
        {span.attempt === null ? '' : ` ${span.attempt}`}
      </span>
      <span className="waterfall-line">
        <span
          className="waterfall-bar"
          data-state={state}
          data-open={span.isOpen || undefined}
          style={{
            marginLeft: `${Math.min(left, 99.6)}%`,
            width: `${Math.min(width, 100 - Math.min(left, 99.6))}%`,
          }}
        />
      </span>
      <span className="number waterfall-time">
        {format.span(span.to - span.from)}
        {span.code ? <span className="mono quiet"> {span.code}</span> : null}
      </span>
    </li>
  )
}

function Events({ job }: { readonly job: JobDetail }) {
  const say = useTexts(JOB_TEXTS)
  const life = useTexts(LIFE_TEXTS)
  return (
    <List
      label={say('events')}
      rows={job.life.map((event, index) => ({ ...event, index }))}
      rowKey={({ index }) => String(index)}
      empty={null}
      columns={[
        { key: 'at', label: say('when'), cell: ({ at }) => <Instant at={at} as="full" /> },
        {
          key: 'type',
          label: say('what'),
          cell: ({ type }) => (type in LIFE_TEXTS ? life(type as keyof typeof LIFE_TEXTS) : type),
        },
        {
          key: 'attempt',
          label: say('attempts'),
          isNumber: true,
          cell: ({ attempt }) => attempt ?? '–',
        },
        {
          key: 'code',
          label: say('error'),
          cell: ({ code, fingerprint }) =>
            code ? (
              <span className="mono">
                {code}
                {fingerprint ? <span className="quiet"> #{fingerprint}</span> : null}
              </span>
            ) : null,
        },
      ]}
    />
  )
}
