// What people changed on a queue, newest first, as the audit log has it; a limit of then can be put in force again.
import type { AuditEntry, Limit } from 'orderly/api'
import { Button } from '@mantine/core'
import type { RequestOf } from '../../api/call.ts'
import { useRead } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { List } from '../../parts/list.tsx'
import { Card } from '../../parts/page.tsx'
import { changesOf, type Change } from './changes.ts'
import { QUEUE_TEXTS } from './texts.ts'

const MOST_READ = 100

export interface HistoryCardProps {
  readonly queue: string
  readonly types: readonly string[]
  readonly limits: readonly Limit[]
  /** Asks whether this value is to hold again. */
  readonly onAgain: (limit: Limit, value: number) => void
}

export function HistoryCard({ queue, types, limits, onAgain }: HistoryCardProps) {
  const say = useTexts(QUEUE_TEXTS)
  const format = useFormats()
  const { can } = useSession()
  const entries = [
    ...useEntries({ op: 'api.limits.*' }),
    ...useEntries({ kind: 'queues', resource: queue }),
    // What programs did, without the API.
    ...useEntries({ kind: 'queue', resource: queue }),
  ]
  const limitOf = ({ name, limit }: Change): Limit | undefined =>
    limits.find((each) => each.name === name && each.limit === limit)
  if (!can('audit:read')) return null
  return (
    <Card title={say('history')} isFlush>
      <List
        label={say('history')}
        rows={changesOf(entries, [queue, ...types])}
        rowKey={({ id }) => id}
        empty={<Blank title={say('noHistory')} />}
        columns={[
          { key: 'at', label: say('when'), cell: ({ at }) => <Instant at={at} /> },
          { key: 'who', label: say('who'), cell: ({ who }) => <strong>{who}</strong> },
          {
            key: 'what',
            label: say('what'),
            cell: ({ what, name, limit, value }) =>
              [
                say(what),
                ...(limit === undefined ? [] : [`${name}: ${say(limit).toLowerCase()}`]),
                ...(value === undefined ? [] : [`→ ${format.number(value)}`]),
              ].join(' · '),
          },
        ]}
        {...(can('queues:control')
          ? {
              actions: (change: Change) => {
                const known = limitOf(change)
                const { value } = change
                return known && value !== undefined && value !== known.value ? (
                  <Button size="compact-sm" variant="default" onClick={() => onAgain(known, value)}>
                    {say('again')}
                  </Button>
                ) : null
              },
            }
          : {})}
      />
    </Card>
  )
}

function useEntries(query: NonNullable<RequestOf<'audit.list'>['query']>): readonly AuditEntry[] {
  const { can } = useSession()
  const read = useRead(
    'audit.list',
    { query: { ...query, limit: MOST_READ } },
    { enabled: can('audit:read') },
  )
  return read.data?.data ?? []
}
