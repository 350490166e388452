// What one has been told: newest first, what is unread marked, and where each leads.
import { Button } from '@mantine/core'
import { useRead, useWrite } from '../../api/use.ts'
import { useServerWords } from '../../app/server-words.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { ListCard } from '../../parts/list-card.tsx'
import { Page } from '../../parts/page.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'

const TEXTS = {
  title: ['Notifications', 'Avisos'],
  none: ['Nothing to tell', 'Sin avisos'],
  noneText: [
    'Alerts, approvals and what handlers tell you appear here.',
    'Aquí aparecen alertas, aprobaciones y lo que los manejadores le avisan.',
  ],
  state: ['State', 'Estado'],
  unread: ['unread', 'sin leer'],
  read: ['read', 'leído'],
  what: ['What', 'Qué'],
  priority: ['Priority', 'Prioridad'],
  when: ['When', 'Cuándo'],
  readAll: ['Mark all as read', 'Marcar todo como leído'],
} as const

const PRIORITY_TEXTS = {
  low: ['low', 'baja'],
  medium: ['medium', 'media'],
  high: ['high', 'alta'],
  urgent: ['urgent', 'urgente'],
} as const

export function NotificationsPage() {
  const say = useTexts(TEXTS)
  const sayPriority = useTexts(PRIORITY_TEXTS)
  const words = useServerWords()
  const read = useRead('notifications.list', {}, { every: 15_000 })
  const mark = useWrite('notifications.read')
  return (
    <Page
      title={say('title')}
      actions={
        (read.data?.unread.total ?? 0) > 0 ? (
          <Button
            variant="default"
            loading={mark.isPending}
            onClick={() => mark.mutate({ body: { ids: 'all' } })}
          >
            {say('readAll')}
          </Button>
        ) : null
      }
    >
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
            cell: ({ readAt }) =>
              readAt === null ? (
                <StateBadge state="waiting" label={say('unread')} />
              ) : (
                <StateBadge state="completed" label={say('read')} />
              ),
          },
          {
            key: 'what',
            label: say('what'),
            cell: ({ title, body }) => (
              <span>
                <strong>{words(title)}</strong> <span className="quiet">{words(body)}</span>
              </span>
            ),
          },
          {
            key: 'priority',
            label: say('priority'),
            cell: ({ priority }) => sayPriority(priority),
          },
          {
            key: 'when',
            label: say('when'),
            isNumber: true,
            cell: ({ createdAt }) => <Instant at={createdAt} />,
          },
        ]}
      />
    </Page>
  )
}
