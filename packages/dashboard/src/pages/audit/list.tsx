// Entries of the audit log as a table.
import type { AuditEntry } from 'orderly/api'
import type { ReactNode } from 'react'
import type { RequestOf } from '../../api/call.ts'
import { useRead } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { Instant } from '../../parts/instant.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { AUDIT_TEXTS } from './texts.ts'

export type AuditQuery = NonNullable<RequestOf<'audit.list'>['query']>

export function AuditList({
  query,
  empty,
}: {
  readonly query: AuditQuery
  readonly empty: ReactNode
}) {
  const read = useRead('audit.list', { query }, { every: 15_000 })
  return <Answered read={read}>{({ data }) => <AuditTable rows={data} empty={empty} />}</Answered>
}

const LOOKS = { ok: 'completed', asked: 'waiting', denied: 'cancelled', failed: 'failed' } as const

export function AuditTable({
  rows,
  empty,
}: {
  readonly rows: readonly AuditEntry[]
  readonly empty: ReactNode
}) {
  const say = useTexts(AUDIT_TEXTS)
  const ends = new Map(rows.map(({ follows, outcome }) => [follows, outcome]))
  return (
    <List
      label={say('title')}
      rows={rows}
      rowKey={({ id }) => id}
      empty={empty}
      columns={[
        { key: 'n', label: '#', isNumber: true, cell: ({ index }) => index },
        { key: 'at', label: say('when'), cell: ({ at }) => <Instant at={at} as="full" /> },
        {
          key: 'who',
          label: say('who'),
          cell: ({ actor }) => (
            <span title={actor.id}>
              <strong>{actor.name ?? actor.id}</strong> <span className="quiet">{actor.kind}</span>
            </span>
          ),
        },
        { key: 'what', label: say('what'), cell: ({ op }) => <span className="mono">{op}</span> },
        {
          key: 'outcome',
          label: say('outcome'),
          cell: ({ id, outcome }) => {
            // How it ended is an entry of its own, which may be far above.
            const end = outcome === 'asked' ? ends.get(id) : undefined
            return end ? (
              <StateBadge state={LOOKS[end]} label={`${say('asked')}, ${say(end)}`} />
            ) : (
              <StateBadge state={LOOKS[outcome]} label={say(outcome)} />
            )
          },
        },
        {
          key: 'target',
          label: say('target'),
          isClipped: true,
          cell: ({ resource }) =>
            resource ? (
              <span title={resource.id}>
                {resource.kind} <span className="mono quiet">{resource.id}</span>
              </span>
            ) : (
              '–'
            ),
        },
        {
          key: 'why',
          label: say('reason'),
          cell: ({ why }) => [why?.purpose, why?.ticket].filter(Boolean).join(' · ') || '–',
        },
      ]}
    />
  )
}
