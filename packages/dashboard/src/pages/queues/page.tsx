// All queues: how full, who works on them, how long the oldest has waited, and pausing them.
import type { Queue, QueueCounts } from 'orderly/api'
import { Badge, Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { useNow } from '../../app/now.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { IconLock, IconPlayerPause, IconPlayerPlay } from '../../look/icons.ts'
import { Blank } from '../../parts/blank.tsx'
import { Answered, List, type Column } from '../../parts/list.tsx'
import { Page } from '../../parts/page.tsx'
import { DepthBar, mostOpen } from './depth-bar.tsx'
import { PauseDialog } from './pause-dialog.tsx'
import { QueueState } from './state.tsx'
import { QUEUE_TEXTS } from './texts.ts'

export function QueuesPage() {
  const say = useTexts(QUEUE_TEXTS)
  const read = useRead('queues.list', {})
  const [pausing, setPausing] = useState<string>()
  const columns = useQueueColumns(setPausing, mostOpen(read.data?.data ?? []))
  return (
    <Page title={say('title')}>
      <section className="card flush">
        <Answered read={read}>
          {({ data }) => (
            <List
              label={say('title')}
              columns={columns}
              rows={data}
              rowKey={({ name }) => name}
              empty={<Blank title={say('none')}>{say('noneText')}</Blank>}
            />
          )}
        </Answered>
      </section>
      {pausing === undefined ? null : (
        <PauseDialog name={pausing} isOpen onClose={() => setPausing(undefined)} />
      )}
    </Page>
  )
}

function useQueueColumns(onPause: (name: string) => void, most: number): readonly Column<Queue>[] {
  const say = useTexts(QUEUE_TEXTS)
  const format = useFormats()
  const now = useNow()
  const { can } = useSession()
  const resume = useWrite('queues.resume', { renews: ['queues', 'overview', 'jobs'] })
  const count = (state: keyof QueueCounts, key: keyof typeof QUEUE_TEXTS): Column<Queue> => ({
    key: state,
    label: say(key),
    isNumber: true,
    cell: ({ name, counts }) => {
      const n = counts[state] ?? 0
      return n === 0 ? (
        <span className="quiet">0</span>
      ) : (
        <Link to="/jobs" search={{ q: `state:${state} queue:${name}` }}>
          {format.short(n)}
        </Link>
      )
    },
  })
  return [
    {
      key: 'name',
      label: say('queue'),
      cell: ({ name, holdsPhi }) => (
        <span className="queue-name">
          <Link to="/queues/$name" params={{ name }}>
            <strong>{name}</strong>
          </Link>
          {holdsPhi ? (
            <Badge
              size="xs"
              variant="light"
              color="violet"
              tt="none"
              radius="sm"
              leftSection={<IconLock size={10} aria-hidden />}
              title={say('holdsPhi')}
            >
              PHI
            </Badge>
          ) : null}
        </span>
      ),
    },
    { key: 'state', label: say('state'), cell: (queue) => <QueueState queue={queue} /> },
    {
      key: 'depth',
      label: say('open'),
      cell: ({ counts }) => <DepthBar counts={counts} most={most} />,
    },
    count('active', 'running'),
    count('waiting', 'waiting'),
    count('prioritized', 'prioritized'),
    count('delayed', 'delayed'),
    count('failed', 'failed'),
    {
      key: 'oldest',
      label: say('oldest'),
      isNumber: true,
      cell: ({ oldestDue }) =>
        oldestDue === null ? (
          <span className="quiet">–</span>
        ) : (
          format.span(Math.max(0, now - oldestDue))
        ),
    },
    { key: 'workers', label: say('workers'), isNumber: true, cell: ({ workers }) => workers },
    ...(can('queues:control')
      ? [
          {
            key: 'actions',
            label: <span className="only-read">{say('more')}</span>,
            isActions: true,
            cell: ({ name, paused }: Queue) => (
              <Button
                size="compact-sm"
                variant="default"
                aria-label={`${say(paused ? 'resume' : 'pause')} ${name}`}
                leftSection={
                  paused ? (
                    <IconPlayerPlay size={14} aria-hidden />
                  ) : (
                    <IconPlayerPause size={14} aria-hidden />
                  )
                }
                onClick={() => (paused ? resume.mutate({ params: { name } }) : onPause(name))}
              >
                {say(paused ? 'resume' : 'pause')}
              </Button>
            ),
          },
        ]
      : []),
  ]
}
