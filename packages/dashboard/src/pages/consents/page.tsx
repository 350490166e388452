// Consents: requests to see what nobody sees alone, and the decision of a second person.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { AnswerOf } from '../../api/call.ts'
import { useRead } from '../../api/use.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { ListCard } from '../../parts/list-card.tsx'
import { MASKED_TEXTS } from '../../parts/masked.tsx'
import { Page } from '../../parts/page.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { DecideDialog } from './decide-dialog.tsx'
import { CONSENT_TEXTS } from './texts.ts'

export type Consent = AnswerOf<'approvals.list'>['data'][number]

const LOOKS = {
  waiting: 'approval',
  approved: 'completed',
  refused: 'failed',
  used: 'completed',
  expired: 'cancelled',
} as const

export function ConsentsPage() {
  const say = useTexts(CONSENT_TEXTS)
  const sayPurpose = useTexts(MASKED_TEXTS)
  const { actor, can } = useSession()
  const read = useRead('approvals.list', {}, { every: 15_000 })
  const [chosen, setChosen] = useState<Consent>()
  const isMine = ({ requestedBy }: Consent): boolean => requestedBy === actor?.id
  return (
    <Page title={say('title')} lead={say('lead')}>
      <ListCard
        title={say('title')}
        isUntitled
        read={read}
        rowKey={({ id }) => id}
        empty={<Blank title={say('none')}>{say('noneText')}</Blank>}
        columns={[
          {
            key: 'state',
            label: say('state'),
            cell: ({ state }) => <StateBadge state={LOOKS[state]} label={say(state)} />,
          },
          {
            key: 'job',
            label: say('job'),
            cell: ({ job }) => (
              <Link className="mono" to="/jobs/$id" params={{ id: job }} title={job}>
                {job.slice(-12)}
              </Link>
            ),
          },
          {
            key: 'fields',
            label: say('fields'),
            cell: (row) => <Fields of={row} />,
          },
          {
            key: 'purpose',
            label: say('purpose'),
            cell: ({ purpose, ticket }) => (
              <>
                {purpose in MASKED_TEXTS
                  ? sayPurpose(purpose as keyof typeof MASKED_TEXTS)
                  : purpose}{' '}
                <span className="quiet">{ticket}</span>
              </>
            ),
          },
          {
            key: 'by',
            label: say('by'),
            cell: (row) =>
              isMine(row) ? say('you') : <span className="mono">{row.requestedBy}</span>,
          },
          {
            key: 'asked',
            label: say('asked'),
            isNumber: true,
            cell: ({ requestedAt }) => <Instant at={requestedAt} />,
          },
          {
            key: 'until',
            label: say('until'),
            isNumber: true,
            cell: ({ state, expiresAt }) => (
              <Instant at={state === 'waiting' || state === 'approved' ? expiresAt : null} />
            ),
          },
        ]}
        actions={(row) =>
          row.state === 'waiting' && !isMine(row) && can('phi:approve') ? (
            <Button size="compact-sm" variant="default" onClick={() => setChosen(row)}>
              {say('decide')}
            </Button>
          ) : row.state === 'approved' && isMine(row) ? (
            <Link
              className="link"
              to="/jobs/$id"
              params={{ id: row.job }}
              search={{ tab: TABS[row.part] }}
            >
              {say('look')}
            </Link>
          ) : null
        }
      />
      {chosen ? <DecideDialog consent={chosen} onClose={() => setChosen(undefined)} /> : null}
    </Page>
  )
}

/** Where on the page of the job each part is. */
const TABS = { input: 'data', output: 'data', error: 'attempts', log: 'logs' } as const

function Fields({ of: { part, attempt, pointers } }: { readonly of: Consent }) {
  const say = useTexts(CONSENT_TEXTS)
  return (
    <>
      {say(part)}
      {attempt === undefined ? '' : ` ${attempt}`}{' '}
      <span className="mono">
        {pointers.map((pointer) => (pointer === '' ? say('whole') : pointer)).join(', ')}
      </span>
    </>
  )
}
