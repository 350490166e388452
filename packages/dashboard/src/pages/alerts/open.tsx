// The alerts that are open, and with them past ones.
import { Button, Group, SegmentedControl } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Alert } from 'orderly/api'
import { useState, type ReactNode } from 'react'
import { useRead } from '../../api/use.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { useUrlState } from '../../app/url-state.ts'
import { Blank } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { AcknowledgeDialog } from './acknowledge.tsx'
import { useAlertAmounts } from './amounts.ts'
import { AlertState, Severity } from './marks.tsx'
import { SilenceDialog } from './silences.tsx'
import { ALERT_TEXTS } from './texts.ts'

const DEFAULTS = { show: 'firing', before: '' }
const PAGE = 50

export function OpenAlerts() {
  const say = useTexts(ALERT_TEXTS)
  const [url, setUrl] = useUrlState(DEFAULTS)
  const isOpenOnly = url.show === 'firing'
  const read = useRead(
    'alerts.list',
    {
      query: {
        limit: PAGE,
        ...(isOpenOnly ? { state: 'firing' } : {}),
        ...(url.before === '' ? {} : { before: url.before }),
      },
    },
    { every: 15_000 },
  )
  return (
    <div className="stack">
      <div className="filters">
        <SegmentedControl
          aria-label={say('show')}
          value={url.show}
          onChange={(show) => setUrl({ show, before: '' })}
          data={[
            { value: 'firing', label: say('firing') },
            { value: 'all', label: say('all') },
          ]}
        />
      </div>
      <section className="card flush">
        <Answered read={read}>
          {({ data }) => (
            <AlertList
              alerts={data}
              empty={
                isOpenOnly ? (
                  <Blank title={say('none')}>{say('noneText')}</Blank>
                ) : (
                  <Blank title={say('noneEver')} />
                )
              }
            />
          )}
        </Answered>
      </section>
      <Group>
        {url.before === '' ? null : (
          <Button variant="default" onClick={() => setUrl({ before: '' })}>
            {say('newest')}
          </Button>
        )}
        {read.data?.next ? (
          <Button variant="default" onClick={() => setUrl({ before: read.data.next! })}>
            {say('older')}
          </Button>
        ) : null}
      </Group>
    </div>
  )
}

function AlertList({
  alerts,
  empty,
}: {
  readonly alerts: readonly Alert[]
  readonly empty: ReactNode
}) {
  const say = useTexts(ALERT_TEXTS)
  const amount = useAlertAmounts()
  const { can, actor } = useSession()
  const [taken, setTaken] = useState<Alert>()
  const [silenced, setSilenced] = useState<Alert>()
  return (
    <>
      <List
        label={say('title')}
        rows={alerts}
        rowKey={({ id }) => id}
        empty={empty}
        columns={[
          {
            key: 'severity',
            label: say('severity'),
            cell: ({ severity }) => <Severity of={severity} />,
          },
          {
            key: 'rule',
            label: say('rule'),
            cell: ({ id, rule }) => (
              <Link to="/alerts/$id" params={{ id }}>
                <strong>{rule}</strong>
              </Link>
            ),
          },
          {
            key: 'subject',
            label: say('subject'),
            isClipped: true,
            cell: ({ subject }) => <span className="mono">{subject}</span>,
          },
          { key: 'state', label: say('state'), cell: (alert) => <AlertState alert={alert} /> },
          {
            key: 'value',
            label: say('value'),
            isNumber: true,
            cell: ({ rule, value }) => amount(rule, value),
          },
          {
            key: 'worst',
            label: say('worst'),
            isNumber: true,
            cell: ({ rule, worst }) => amount(rule, worst),
          },
          {
            key: 'since',
            label: say('since'),
            isNumber: true,
            cell: ({ since }) => <Instant at={since} />,
          },
          {
            key: 'over',
            label: say('over'),
            isNumber: true,
            cell: ({ resolvedAt }) => <Instant at={resolvedAt} />,
          },
        ]}
        actions={(alert) =>
          alert.state === 'firing' && can('alerts:write') ? (
            <>
              <Button size="compact-sm" variant="subtle" onClick={() => setSilenced(alert)}>
                {say('silence')}
              </Button>
              {alert.acknowledgedBy === actor?.name ? null : (
                <Button size="compact-sm" variant="default" onClick={() => setTaken(alert)}>
                  {say('acknowledge')}
                </Button>
              )}
            </>
          ) : null
        }
      />
      {taken ? <AcknowledgeDialog alert={taken} onClose={() => setTaken(undefined)} /> : null}
      {silenced ? (
        <SilenceDialog
          rule={silenced.rule}
          subject={silenced.subject}
          onClose={() => setSilenced(undefined)}
        />
      ) : null}
    </>
  )
}
