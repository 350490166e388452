// The overview: one sentence on how it is, what needs somebody, and the figures behind it.
import { Alert, SegmentedControl } from '@mantine/core'
import { Link, Navigate } from '@tanstack/react-router'
import { useRead } from '../../api/use.ts'
import type { AnswerOf } from '../../api/call.ts'
import { useFormats } from '../../app/format.ts'
import { firstPage } from '../../app/navigation.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { useUrlState } from '../../app/url-state.ts'
import { IconAlertTriangle, IconArrowRight, IconCheck } from '../../look/icons.ts'
import { Answered } from '../../parts/list.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { LatencyChart, ThroughputChart } from '../../parts/throughput.tsx'
import { placeOf } from './concern-place.ts'
import { CONCERN_TEXTS, wordsOf } from './concern-words.ts'
import { LatestFailures, QueueStrip, UpcomingRuns } from './strips.tsx'
import { OVERVIEW_TEXTS } from './texts.ts'

type Overview = AnswerOf<'overview.get'>

const DEFAULTS = { range: '1h' }
const RANGES = [
  { value: '1h', step: 1 },
  { value: '6h', step: 5 },
  { value: '24h', step: 15 },
  { value: '7d', step: 120 },
] as const

/** Who may not see it begins at the first page that they may see. */
export function OverviewPage() {
  const { can } = useSession()
  const home = firstPage(can)
  return home === '/' ? <Figures /> : <Navigate to={home} replace />
}

function Figures() {
  const say = useTexts(OVERVIEW_TEXTS)
  const read = useRead('overview.get', {}, { every: 15_000 })
  const { can } = useSession()
  const [url, setUrl] = useUrlState(DEFAULTS)
  const range = RANGES.find(({ value }) => value === url.range) ?? RANGES[0]
  const query = { last: range.value, step: range.step }
  return (
    <Page title={say('title')}>
      <Answered read={read}>{(overview) => <Health overview={overview} />}</Answered>
      <div className="range">
        <SegmentedControl
          aria-label={say('range')}
          size="xs"
          value={range.value}
          onChange={(value) => setUrl({ range: value })}
          data={RANGES.map(({ value }) => ({ value, label: value }))}
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
      {can('queues:read') ? <QueueStrip /> : null}
      <div className="two">
        {can('jobs:read') ? <LatestFailures /> : null}
        {can('schedules:read') ? <UpcomingRuns /> : null}
      </div>
    </Page>
  )
}

/** Every state is counted by itself, as BullMQ counts and names it. */
const TILES = [
  ['running', 'active'],
  ['waiting', 'waiting'],
  ['prioritized', 'prioritized'],
  ['delayed', 'delayed'],
  ['children', 'waiting-children'],
  ['failed', 'failed'],
  ['completed', 'completed'],
] as const

function Health({ overview }: { readonly overview: Overview }) {
  const say = useTexts(OVERVIEW_TEXTS)
  const format = useFormats()
  const { concerns, counts, health, started } = overview
  const total = (of: string): number =>
    counts.reduce((sum, { state, n }) => (state === of ? sum + n : sum), 0)
  const tiles = TILES.filter(([, state]) => state !== 'waiting-children' || total(state) > 0)
  const isWell = concerns.length === 0
  return (
    <>
      <p
        className="health"
        data-tone={
          isWell ? 'good' : concerns.some(({ severity }) => severity === 'bad') ? 'bad' : 'warning'
        }
      >
        {isWell ? <IconCheck size={22} aria-hidden /> : <IconAlertTriangle size={22} aria-hidden />}
        <span>{isWell ? say('well') : say('needs', { n: concerns.length })}</span>
      </p>
      {health.status === 'ready' ? null : (
        <Alert color="yellow">
          {say(health.status === 'degraded' ? 'degraded' : 'notReady', { reason: health.reason })}
        </Alert>
      )}
      {isWell ? null : (
        <ul className="concerns">
          {concerns.map((concern) => (
            <ConcernCard key={`${concern.kind} ${concern.about}`} concern={concern} />
          ))}
        </ul>
      )}
      {started ? null : <FirstSteps />}
      <div className="figures">
        {tiles.map(([text, state]) => (
          <Link key={text} className="figure" to="/jobs" search={{ q: `state:${state}` }}>
            <StateBadge state={state} label={say(text)} />
            <strong className="number">{format.short(total(state))}</strong>
          </Link>
        ))}
        <Link className="figure" to="/workers">
          <span className="quiet">{say('workers')}</span>
          <strong className="number">{health.workers}</strong>
        </Link>
      </div>
    </>
  )
}

function ConcernCard({ concern }: { readonly concern: Overview['concerns'][number] }) {
  const say = useTexts(OVERVIEW_TEXTS)
  const words = wordsOf(concern, useTexts(CONCERN_TEXTS))
  return (
    <li className="concern" data-tone={concern.severity}>
      <strong>{words.title}</strong>
      <span className="quiet">{words.detail}</span>
      <Link className="link" {...placeOf(concern)}>
        {say('look')} <IconArrowRight size={13} aria-hidden />
      </Link>
    </li>
  )
}

function FirstSteps() {
  const say = useTexts(OVERVIEW_TEXTS)
  return (
    <Card title={say('first')}>
      <p className="quiet" style={{ margin: '0 0 0.5rem' }}>
        {say('firstText')}
      </p>
      <ol className="steps">
        <li>
          <Link className="link" to="/types">
            {say('step1')}
          </Link>
        </li>
        <li>
          <Link className="link" to="/queues">
            {say('step2')}
          </Link>
        </li>
        <li>{say('step3')}</li>
      </ol>
    </Card>
  )
}
