// One run of a workflow: its graph and waterfall, live or at any moment before, and what it asks of people.
import { Alert, Button, Group, Slider } from '@mantine/core'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import type { AnswerOf } from '../../api/call.ts'
import { useRead, useWrite } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { useNow } from '../../app/now.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { useUrlState } from '../../app/url-state.ts'
import { IconBan, IconHandStop } from '../../look/icons.ts'
import { Loading } from '../../parts/blank.tsx'
import { Instant, Span } from '../../parts/instant.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { ReasonDialog } from '../../parts/reason-dialog.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { shapeOf } from './document.ts'
import { momentsOf, statesAt } from './moment.ts'
import { WORKFLOW_TEXTS } from './texts.ts'
import { Waterfall } from './waterfall.tsx'

const Graph = lazy(() => import('./graph.tsx'))
const DEFAULTS = { at: '' }
type Run = AnswerOf<'runs.get'>

export function RunPage() {
  const say = useTexts(WORKFLOW_TEXTS)
  const { id }: { id: string } = useParams({ strict: false })
  const { can } = useSession()
  const [isCancelling, setCancelling] = useState(false)
  const read = useRead('runs.get', { params: { id } }, { every: 3_000 })
  const cancel = useWrite('runs.cancel', { isQuiet: true, onDone: () => setCancelling(false) })
  const run = read.data
  return (
    <Page
      title={run?.workflow ?? id}
      mark={
        <>
          {run ? <StateBadge state={run.state} /> : null}
          <span className="mono quiet job-id-full">{id}</span>
        </>
      }
      lead={
        run ? (
          <>
            v{run.version} · {run.by} · <Instant at={run.createdAt} />
          </>
        ) : undefined
      }
      actions={
        run?.finishedAt === null && can('workflows:run') ? (
          <Button
            variant="default"
            leftSection={<IconBan size={16} aria-hidden />}
            onClick={() => setCancelling(true)}
          >
            {say('cancel')}
          </Button>
        ) : null
      }
    >
      <Answered read={read}>{(run) => <RunBody run={run} />}</Answered>
      <ReasonDialog
        title={say('cancel')}
        action={say('cancel')}
        isOpen={isCancelling}
        isBusy={cancel.isPending}
        error={cancel.error}
        isDangerous
        onClose={() => setCancelling(false)}
        isReasonNeeded={false}
        onGo={() => cancel.mutate({ params: { id } })}
      >
        <span className="quiet">{say('cancelText')}</span>
      </ReasonDialog>
    </Page>
  )
}

function RunBody({ run }: { readonly run: Run }) {
  const say = useTexts(WORKFLOW_TEXTS)
  const now = useNow()
  const navigate = useNavigate()
  const [url, setUrl] = useUrlState(DEFAULTS)
  const workflow = useRead('workflows.get', {
    params: { id: run.workflow },
    query: { version: run.version },
  })
  const at = url.at === '' ? now : Number(url.at)
  const open = (step: string): void => {
    const jobId = run.nodes.find(({ node }) => node === step)?.jobId
    if (jobId) void navigate({ to: '/jobs/$id', params: { id: jobId } })
  }
  return (
    <>
      <Approvals run={run} />
      <Card title={say('graph')} isFlush>
        <Answered read={workflow}>
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
              cell: ({ state }) => <StateBadge state={state} />,
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

function Approvals({ run }: { readonly run: Run }) {
  const say = useTexts(WORKFLOW_TEXTS)
  const { can } = useSession()
  const [chosen, setChosen] = useState<{ node: string; approved: boolean }>()
  const decide = useWrite('runs.decide', { isQuiet: true, onDone: () => setChosen(undefined) })
  return run.nodes
    .filter(({ waitsFor, endedAt }) => waitsFor === 'approval' && endedAt === null)
    .map(({ node }) => (
      <Alert key={node} color="violet" icon={<IconHandStop size={18} />}>
        <Group>
          <span>{say('asks', { node })}</span>
          {can('workflows:approve') ? (
            <>
              <Button size="compact-sm" onClick={() => setChosen({ node, approved: true })}>
                {say('approve')}
              </Button>
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => setChosen({ node, approved: false })}
              >
                {say('refuse')}
              </Button>
            </>
          ) : null}
        </Group>
        {chosen?.node === node ? (
          <ReasonDialog
            title={say('decide', { node })}
            action={say(chosen.approved ? 'approve' : 'refuse')}
            isOpen
            isBusy={decide.isPending}
            error={decide.error}
            isDangerous={!chosen.approved}
            onClose={() => setChosen(undefined)}
            onGo={(reason) =>
              decide.mutate({
                params: { id: run.id },
                body: { node, approved: chosen.approved, note: reason },
              })
            }
          />
        ) : null}
      </Alert>
    ))
}
