// A short list of jobs, for a card.
import type { Job } from 'orderly/api'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useWatched } from '../app/live-jobs.ts'
import { useTexts } from '../app/texts.ts'
import { Instant, Span } from './instant.tsx'
import { List } from './list.tsx'
import { StateBadge } from './state-badge.tsx'

const TEXTS = {
  state: ['State', 'Estado'],
  job: ['Job', 'Trabajo'],
  error: ['Error', 'Error'],
  took: ['Took', 'Duró'],
  added: ['Added', 'Añadido'],
} as const

export interface JobListProps {
  readonly label: string
  readonly jobs: readonly Job[]
  readonly empty: ReactNode
}

export function JobList({ label, jobs, empty }: JobListProps) {
  const say = useTexts(TEXTS)
  useWatched(jobs.map(({ id }) => id))
  return (
    <List
      label={label}
      rows={jobs}
      rowKey={({ id }) => id}
      empty={empty}
      columns={[
        { key: 'state', label: say('state'), cell: ({ state }) => <StateBadge state={state} /> },
        {
          key: 'job',
          label: say('job'),
          cell: ({ id, type }) => (
            <Link to="/jobs/$id" params={{ id }} className="job-link" title={id}>
              <span className="job-type">{type}</span>
              <span className="quiet mono job-id">{id.slice(-12)}</span>
            </Link>
          ),
        },
        {
          key: 'error',
          label: say('error'),
          cell: ({ errorCode }) => <span className="mono">{errorCode ?? '–'}</span>,
        },
        {
          key: 'took',
          label: say('took'),
          isNumber: true,
          cell: ({ duration }) => <Span ms={duration} />,
        },
        {
          key: 'added',
          label: say('added'),
          isNumber: true,
          cell: ({ createdAt }) => <Instant at={createdAt} />,
        },
      ]}
    />
  )
}
