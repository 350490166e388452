// One run of a workflow: its graph and waterfall, live or at any moment before, and what it asks of people.
import { Button, Group, Slider } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import type { AnswerOf } from '../../api/call.ts'
import { useRead } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { useNow } from '../../app/now.ts'
import { useTexts } from '../../app/texts.ts'
import { useUrlState } from '../../app/url-state.ts'
import { Loading } from '../../parts/blank.tsx'
import { Instant, Span } from '../../parts/instant.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { Approvals } from './approvals.tsx'
import { shapeOf } from './document.ts'
import { momentsOf, statesAt } from './moment.ts'
import { RunActions, StepActions } from './run-actions.tsx'
import { runStand, standOf, type Run } from './run-rules.ts'
import { RUN_TEXTS } from './run-texts.ts'
import { WORKFLOW_TEXTS } from './texts.ts'
import { Waterfall } from './waterfall.tsx'

const Graph = lazy(() => import('./graph.tsx'))
const DEFAULTS = { at: '' }

export function RunPage() {
  const { id }: { id: string } = useParams({ strict: false })
  const say = useTexts(RUN_TEXTS)
  const read = useRead('runs.get', { params: { id } }, { every: 3_000 })
  // A run keeps the document it began with.
  const written = useRead('runs.document', { params: { id } })
  const run = read.data
  const steps = shapeOf(written.data?.document).steps.map((step) => step.id)
  return (
    <Page
      title={run?.workflow ?? id}
      mark={
        <>
          {run ? <StateBadge state={runStand(run)} /> : null}
          <span className="mono quiet job-id-full">{id}</span>
        </>
      }
      lead={
        run ? (
          <>
            v{run.version} · {run.by} · <Instant at={run.createdAt} />
            {run.forkedFrom ? (
              <>
                {' · '}
                {say('forkedFrom', { node: run.forkedFrom.node })}{' '}
                <Link className="link mono" to="/runs/$id" params={{ id: run.forkedFrom.run }}>
                  {run.forkedFrom.run.slice(-10)}
                </Link>
              </>
            ) : null}
          </>
        ) : undefined
      }
      actions={run ? <RunActions run={run} steps={steps} /> : null}
    >
      <Answered read={read}>
        {(run) => <RunBody run={run} steps={steps} document={written} />}
      </Answered>
    </Page>
  )
}

function RunBody({
  run,
  steps,
  document: written,
}: {
  readonly run: Run
  readonly steps: readonly string[]
  readonly document: UseQueryResult<AnswerOf<'runs.document'>, Error>
}) {
  const say = useTexts(WORKFLOW_TEXTS)
  const sayRun = useTexts(RUN_TEXTS)
  const now = useNow()
  const navigate = useNavigate()
  const [url, setUrl] = useUrlState(DEFAULTS)
  const at = url.at === '' ? now : Number(url.at)
  const open = (step: string): void => {
    const jobId = run.nodes.find(({ node }) => node === step)?.jobId
    if (jobId) void navigate({ to: '/jobs/$id', params: { id: jobId } })
  }
  return (
    <>
      <Approvals run={run} />
      <Card title={say('graph')} isFlush>
        <Answered read={written}>
          {({ document }) => (
            <Suspense fallback={<Loading />}>
              <Graph shape={shapeOf(document)} states={statesAt(run.nodes, at)} onChoose={open} />
            </Suspense>
          )}
        </Answered>
      </Card>
      <TimeTravel run={run} at={url.at} onMove={(next) => setUrl({ at: next })} />
      <Card title={say('waterfall')}>
        <Waterfall run={run} at={at} />
      </Card>
      <Card title={say('asTree')} isFlush>
        <List
          label={say('asTree')}
          rows={run.nodes}
          rowKey={({ node }) => node}
          empty={null}
          columns={[
            { key: 'node', label: say('node'), cell: ({ node }) => <strong>{node}</strong> },
            {
              key: 'state',
              label: say('state'),
              cell: (step) => <StateBadge state={standOf(step)} />,
            },
            {
              key: 'waits',
              label: say('waitsFor'),
              cell: ({ waitsFor, items }) => waitsFor ?? (items ? itemsText(items, say) : '–'),
            },
            {
              key: 'error',
              label: say('error'),
              cell: ({ error }) => <span className="mono">{error ?? '–'}</span>,
            },
            {
              key: 'job',
              label: say('job'),
              cell: ({ jobId }) =>
                jobId === null ? (
                  '–'
                ) : (
                  <Link className="mono" to="/jobs/$id" params={{ id: jobId }}>
                    {jobId.slice(-10)}
                  </Link>
                ),
            },
            {
              key: 'took',
              label: say('took'),
              isNumber: true,
              cell: ({ startedAt, endedAt }) => <Span ms={(endedAt ?? now) - startedAt} />,
            },
            {
              key: 'actions',
              label: <span className="only-read">{sayRun('actions')}</span>,
              isNumber: true,
              cell: (step) => <StepActions run={run} step={step} steps={steps} />,
            },
          ]}
        />
      </Card>
    </>
  )
}

function itemsText(
  items: Readonly<Record<string, number>>,
  say: (key: 'items', values: { done: number; total: number }) => string,
): string {
  const total = Object.values(items).reduce((sum, n) => sum + n, 0)
  return say('items', { done: items['completed'] ?? 0, total })
}

/** A scrubber over the moments of the run; the moment is in the address, so that it can be shared. */
function TimeTravel({
  run,
  at,
  onMove,
}: {
  readonly run: Run
  readonly at: string
  readonly onMove: (at: string) => void
}) {
  const say = useTexts(WORKFLOW_TEXTS)
  const format = useFormats()
  const moments = momentsOf(run.nodes)
  if (moments.length < 2) return null
  const chosen = at === '' ? moments.length : moments.findLastIndex((each) => each <= Number(at))
  return (
    <Card title={say('travel')}>
      <Group wrap="nowrap" gap="lg">
        <Slider
          style={{ flex: 1 }}
          min={0}
          max={moments.length}
          step={1}
          value={Math.max(0, chosen)}
          label={null}
          thumbLabel={say('travel')}
          onChange={(next) => onMove(next >= moments.length ? '' : String(moments[next]))}
        />
        <Button size="compact-sm" variant="default" disabled={at === ''} onClick={() => onMove('')}>
          {say('now')}
        </Button>
      </Group>
      {at === '' ? null : (
        <p className="quiet" role="status">
          {say('travelText', { time: format.fullTime(Number(at)) })}
        </p>
      )}
    </Card>
  )
}
