// The columns the list of jobs can show.
import type { Job } from 'orderly/api'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Instant, Span } from '../../parts/instant.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import type { JOBS_TEXTS } from './texts.ts'

export interface JobColumn {
  readonly key: string
  readonly text: keyof typeof JOBS_TEXTS
  readonly isNumber?: boolean
  /** Left out where the page is narrow. */
  readonly isWide?: boolean
  readonly cell: (job: Job) => ReactNode
}

export const COLUMNS: readonly JobColumn[] = [
  { key: 'state', text: 'state', cell: ({ state }) => <StateBadge state={state} /> },
  {
    key: 'id',
    text: 'id',
    cell: ({ id, type }) => (
      <Link to="/jobs/$id" params={{ id }} className="job-link" title={id}>
        <span className="job-type">{type}</span>
        <span className="quiet mono job-id">{id.slice(-12)}</span>
      </Link>
    ),
  },
  {
    key: 'queue',
    text: 'queue',
    isWide: true,
    cell: ({ queue }) => (
      <Link to="/queues/$name" params={{ name: queue }}>
        {queue}
      </Link>
    ),
  },
  {
    key: 'attempts',
    text: 'attempts',
    isNumber: true,
    isWide: true,
    cell: ({ attempts }) => attempts,
  },
  {
    key: 'error',
    text: 'error',
    isWide: true,
    cell: ({ errorCode, fingerprint }) =>
      errorCode === null ? (
        <span className="quiet">–</span>
      ) : (
        <span className="mono" title={fingerprint ?? undefined}>
          {errorCode}
        </span>
      ),
  },
  {
    key: 'duration',
    text: 'duration',
    isNumber: true,
    isWide: true,
    cell: ({ duration }) => <Span ms={duration} />,
  },
  {
    key: 'created',
    text: 'created',
    isNumber: true,
    cell: ({ createdAt }) => <Instant at={createdAt} />,
  },
  {
    key: 'started',
    text: 'started',
    isNumber: true,
    isWide: true,
    cell: ({ startedAt }) => <Instant at={startedAt} />,
  },
  {
    key: 'finished',
    text: 'finished',
    isNumber: true,
    isWide: true,
    cell: ({ finishedAt }) => <Instant at={finishedAt} />,
  },
  {
    key: 'priority',
    text: 'priority',
    isNumber: true,
    isWide: true,
    cell: ({ priority }) => priority,
  },
  {
    key: 'worker',
    text: 'worker',
    isWide: true,
    cell: ({ worker }) => <span className="mono">{worker ?? '–'}</span>,
  },
]

export const FIRST_COLUMNS = 'state,id,queue,attempts,error,duration,created'
