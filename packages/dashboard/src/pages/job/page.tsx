// One job: where it stands and why, what happened to it, and what one may do with it.
import type { JobDetail } from 'orderly/api'
import { ActionIcon, CopyButton, Tooltip } from '@mantine/core'
import { Link, useParams } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { useRead } from '../../api/use.ts'
import { useWatched } from '../../app/live-jobs.ts'
import { useTexts } from '../../app/texts.ts'
import { IconCheck, IconCopy } from '../../look/icons.ts'
import { Instant, Span } from '../../parts/instant.tsx'
import { Answered } from '../../parts/list.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { Tabbed } from '../../parts/tabbed.tsx'
import { JobActions, type JobDialog } from './actions.tsx'
import { Attempts } from './attempts.tsx'
import { AuditTrail } from './audit.tsx'
import { Data } from './data.tsx'
import { JobEvidence } from './evidence.tsx'
import { Flow } from './flow.tsx'
import { Logs } from './logs.tsx'
import { Related } from './related.tsx'
import { JOB_TEXTS } from './texts.ts'
import { Timeline } from './timeline.tsx'
import { Why } from './why.tsx'
import { WorkerId } from './worker-id.tsx'

const TABS: readonly {
  readonly key:
    'timeline' | 'attempts' | 'data' | 'logs' | 'flow' | 'related' | 'audit' | 'evidence'
  readonly permission?: string
  readonly show: (job: JobDetail) => ReactNode
}[] = [
  { key: 'timeline', show: (job) => <Timeline job={job} /> },
  { key: 'attempts', show: (job) => <Attempts job={job} /> },
  { key: 'data', show: (job) => <Data job={job} /> },
  { key: 'logs', show: (job) => <Logs job={job} /> },
  { key: 'flow', show: (job) => <Flow job={job} /> },
  { key: 'related', show: (job) => <Related job={job} /> },
  { key: 'audit', permission: 'audit:read', show: (job) => <AuditTrail job={job} /> },
  { key: 'evidence', permission: 'evidence:read', show: (job) => <JobEvidence job={job} /> },
]

const OPEN_STATES = new Set(['waiting', 'prioritized', 'delayed', 'active', 'waiting-children'])

export function JobPage() {
  const say = useTexts(JOB_TEXTS)
  const { id }: { id: string } = useParams({ strict: false })
  const read = useRead('jobs.get', { params: { id } })
  useWatched([id])
  const [dialog, setDialog] = useState<JobDialog>()
  const job = read.data
  const isOpen = job !== undefined && OPEN_STATES.has(job.state)
  return (
    <Page
      title={job?.type ?? say('job')}
      mark={
        <>
          {job ? <StateBadge state={job.state} /> : null}
          <span className="mono quiet job-id-full">{id}</span>
          <CopyId id={id} />
        </>
      }
      actions={job ? <JobActions job={job} dialog={dialog} setDialog={setDialog} /> : null}
    >
      <Answered read={read}>
        {(job) => (
          <>
            <Why
              id={id}
              isOpen={isOpen}
              onRetry={
                job.actions.some((action) => action === 'retry')
                  ? () => setDialog('retry')
                  : undefined
              }
            />
            <Facts job={job} />
            <Tabbed
              tabs={TABS.map(({ show, ...tab }) => ({ ...tab, show: () => show(job) }))}
              say={say}
            />
          </>
        )}
      </Answered>
    </Page>
  )
}

function CopyId({ id }: { readonly id: string }) {
  const say = useTexts(JOB_TEXTS)
  return (
    <CopyButton value={id}>
      {({ copied, copy }) => (
        <Tooltip label={say(copied ? 'copied' : 'copy')}>
          <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={say('copy')}>
            {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  )
}

function Facts({ job }: { readonly job: JobDetail }) {
  const say = useTexts(JOB_TEXTS)
  const waited = job.startedAt === null ? null : Math.max(0, job.startedAt - job.runAt)
  const inAll = job.finishedAt === null ? null : Math.max(0, job.finishedAt - job.createdAt)
  const facts: readonly (readonly [keyof typeof JOB_TEXTS, ReactNode])[] = [
    [
      'queue',
      <Link key="queue" className="link" to="/queues/$name" params={{ name: job.queue }}>
        {job.queue}
      </Link>,
    ],
    ['added', <Instant key="added" at={job.createdAt} />],
    ['due', <Instant key="due" at={job.runAt} />],
    ['lastWaited', <Span key="lastWaited" ms={waited} />],
    ['lastTook', <Span key="lastTook" ms={job.duration} />],
    ['inAll', <Span key="inAll" ms={inAll} />],
    ['attempts', job.attempts],
    ['priority', job.priority],
    ['worker', <WorkerId key="worker" id={job.worker} />],
    ['version', job.version],
    ...(job.schedule === null
      ? []
      : [
          [
            'schedule',
            <Link key="schedule" className="link" to="/schedules/$id" params={{ id: job.schedule }}>
              {job.schedule}
            </Link>,
          ] as const,
        ]),
    ...(job.replayOf === undefined
      ? []
      : [
          [
            'replayOf',
            <Link key="replay" className="link mono" to="/jobs/$id" params={{ id: job.replayOf }}>
              {job.replayOf.slice(-12)}
            </Link>,
          ] as const,
        ]),
    ['expires', <Instant key="expires" at={job.expiresAt} />],
  ]
  return (
    <Card>
      <dl className="fact-grid">
        {facts.map(([key, value]) => (
          <div key={key}>
            <dt>{say(key)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}
