// One alert, as a notice links to it.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useRead } from '../../api/use.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { Instant } from '../../parts/instant.tsx'
import { Answered } from '../../parts/list.tsx'
import { Card } from '../../parts/page.tsx'
import { AcknowledgeDialog } from './acknowledge.tsx'
import { useAlertAmounts } from './amounts.ts'
import { AlertState, Severity } from './marks.tsx'
import { ALERT_TEXTS } from './texts.ts'

export function OneAlert({ id }: { readonly id: string }) {
  const say = useTexts(ALERT_TEXTS)
  const amount = useAlertAmounts()
  const { can, actor } = useSession()
  const read = useRead('alerts.get', { params: { id } }, { every: 15_000 })
  const [isTaking, setTaking] = useState(false)
  return (
    <Card
      title={say('one')}
      actions={
        <>
          {read.data?.state === 'firing' &&
          read.data.acknowledgedBy !== actor?.name &&
          can('alerts:write') ? (
            <Button size="compact-md" onClick={() => setTaking(true)}>
              {say('acknowledge')}
            </Button>
          ) : null}
          <Link className="link" to="/alerts">
            {say('toAll')}
          </Link>
        </>
      }
    >
      <Answered read={read} lines={3}>
        {(alert) => (
          <>
            <dl className="facts">
              <dt>{say('rule')}</dt>
              <dd>
                <strong>{alert.rule}</strong> <Severity of={alert.severity} />
              </dd>
              <dt>{say('subject')}</dt>
              <dd className="mono">{alert.subject}</dd>
              <dt>{say('state')}</dt>
              <dd>
                <AlertState alert={alert} />
              </dd>
              <dt>{say('value')}</dt>
              <dd>
                {amount(alert.rule, alert.value)} ({say('worst')}: {amount(alert.rule, alert.worst)}
                )
              </dd>
              <dt>{say('since')}</dt>
              <dd>
                <Instant at={alert.since} as="full" />
              </dd>
              {alert.resolvedAt === null ? null : (
                <>
                  <dt>{say('over')}</dt>
                  <dd>
                    <Instant at={alert.resolvedAt} as="full" />
                  </dd>
                </>
              )}
              {alert.note === null ? null : (
                <>
                  <dt>{say('note')}</dt>
                  <dd>{alert.note}</dd>
                </>
              )}
            </dl>
            {isTaking ? <AcknowledgeDialog alert={alert} onClose={() => setTaking(false)} /> : null}
          </>
        )}
      </Answered>
    </Card>
  )
}
