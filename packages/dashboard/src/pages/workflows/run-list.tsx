// Runs of workflows as a table.
import { Link } from '@tanstack/react-router'
import type { RequestOf } from '../../api/call.ts'
import { useRead } from '../../api/use.ts'
import { useNow } from '../../app/now.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Instant, Span } from '../../parts/instant.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { WORKFLOW_TEXTS } from './texts.ts'

export function RunList({
  query,
}: {
  readonly query: NonNullable<RequestOf<'runs.list'>['query']>
}) {
  const say = useTexts(WORKFLOW_TEXTS)
  const now = useNow()
  const read = useRead('runs.list', { query }, { every: 5_000 })
  const asked = useRead('runs.approvals', {}, { every: 5_000 })
  const asking = new Set(asked.data?.data.map(({ run }) => run))
  return (
    <Answered read={read}>
      {({ data }) => (
        <List
          label={say('runs')}
          rows={data}
          rowKey={({ id }) => id}
          empty={<Blank title={say('noRuns')} />}
          columns={[
            {
              key: 'state',
              label: say('state'),
              cell: ({ id, state }) => (
                <StateBadge state={state === 'running' && asking.has(id) ? 'approval' : state} />
              ),
            },
            {
              key: 'run',
              label: say('run'),
              cell: ({ id, workflow, version }) => (
                <Link to="/runs/$id" params={{ id }} className="job-link">
                  <span className="job-type">{workflow}</span>
                  <span className="quiet mono job-id">
                    v{version} {id.slice(-10)}
                  </span>
                </Link>
              ),
            },
            { key: 'by', label: say('by'), cell: ({ by }) => by },
            {
              key: 'began',
              label: say('began'),
              isNumber: true,
              cell: ({ createdAt }) => <Instant at={createdAt} />,
            },
            {
              key: 'took',
              label: say('took'),
              isNumber: true,
              cell: ({ createdAt, finishedAt }) => <Span ms={(finishedAt ?? now) - createdAt} />,
            },
          ]}
        />
      )}
    </Answered>
  )
}
