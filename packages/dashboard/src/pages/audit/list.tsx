// Entries of the audit log as a table.
import type { ReactNode } from 'react'
import type { AuditEntry } from '../../api/planned.ts'
import { useRead } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { Instant } from '../../parts/instant.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { AUDIT_TEXTS } from './texts.ts'

export function AuditList({
  query,
  empty,
}: {
  readonly query: Readonly<Record<string, string | number | undefined>>
  readonly empty: ReactNode
}) {
  const read = useRead('audit.list', { query })
  return <Answered read={read}>{({ data }) => <AuditTable rows={data} empty={empty} />}</Answered>
}

export function AuditTable({
  rows,
  empty,
}: {
  readonly rows: readonly AuditEntry[]
  readonly empty: ReactNode
}) {
  const say = useTexts(AUDIT_TEXTS)
  return (
    <List
      label={say('title')}
      rows={rows}
      rowKey={({ index }) => String(index)}
      empty={empty}
      columns={[
        { key: 'n', label: '#', isNumber: true, cell: ({ index }) => index },
        { key: 'at', label: say('when'), cell: ({ at }) => <Instant at={at} as="full" /> },
        { key: 'who', label: say('who'), cell: ({ actor }) => <strong>{actor}</strong> },
        {
          key: 'what',
          label: say('what'),
          cell: ({ action }) => <span className="mono">{action}</span>,
        },
        {
          key: 'outcome',
          label: say('outcome'),
          cell: ({ outcome }) => (
            <StateBadge
              state={outcome === 'ok' ? 'completed' : outcome === 'denied' ? 'cancelled' : 'failed'}
              label={outcome}
            />
          ),
        },
        {
          key: 'target',
          label: say('target'),
          isClipped: true,
          cell: ({ target }) => <span className="mono">{target ?? '–'}</span>,
        },
        { key: 'reason', label: say('reason'), cell: ({ reason }) => reason ?? '–' },
      ]}
    />
  )
}
