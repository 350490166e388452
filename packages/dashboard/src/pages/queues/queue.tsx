// One queue: what is in it, its limits with overrides, its pauses, and clearing it.
import type { Limit, QueueDetail } from 'orderly/api'
import { Alert, Button, Group, Menu } from '@mantine/core'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { useNow } from '../../app/now.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { IconChevronDown, IconPlayerPause, IconPlayerPlay } from '../../look/icons.ts'
import { Answered } from '../../parts/list.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { ThroughputChart } from '../../parts/throughput.tsx'
import { CleanDialog, DrainDialog } from './clear-dialogs.tsx'
import { HistoryCard } from './history.tsx'
import { LimitsCard } from './limits.tsx'
import { PauseDialog } from './pause-dialog.tsx'
import { QueueState } from './state.tsx'
import { QUEUE_TEXTS } from './texts.ts'

/** Every state is counted by itself, as BullMQ counts and names it. */
const TILES = [
  ['active', 'running'],
  ['waiting', 'waiting'],
  ['prioritized', 'prioritized'],
  ['delayed', 'delayed'],
  ['waiting-children', 'children'],
  ['failed', 'failed'],
  ['completed', 'completed'],
] as const

export function QueuePage() {
  const say = useTexts(QUEUE_TEXTS)
  const { name }: { name: string } = useParams({ strict: false })
  const read = useRead('queues.get', { params: { name } })
  const { can } = useSession()
  const [dialog, setDialog] = useState<'pause' | 'clean' | 'drain'>()
  const resume = useWrite('queues.resume', {
    renews: ['queues', 'overview', 'audit'],
    done: say('resumed', { name }),
  })
  const close = (): void => setDialog(undefined)
  const isPaused = read.data?.queue.paused ?? false
  return (
    <Page
      title={name}
      mark={read.data ? <QueueState queue={read.data.queue} /> : null}
      actions={
        <>
          <Button
            component={Link}
            to="/jobs"
            search={{ q: `queue:${name}` } as never}
            variant="default"
          >
            {say('jobsOf')}
          </Button>
          {can('queues:control') ? (
            isPaused ? (
              <Button
                leftSection={<IconPlayerPlay size={16} aria-hidden />}
                onClick={() => resume.mutate({ params: { name } })}
              >
                {say('resume')}
              </Button>
            ) : (
              <Button
                variant="default"
                leftSection={<IconPlayerPause size={16} aria-hidden />}
                onClick={() => setDialog('pause')}
              >
                {say('pause')}
              </Button>
            )
          ) : null}
          {can('queues:purge') ? (
            <Menu position="bottom-end">
              <Menu.Target>
                <Button variant="default" rightSection={<IconChevronDown size={14} aria-hidden />}>
                  {say('more')}
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={() => setDialog('clean')}>{say('clean')}</Menu.Item>
                <Menu.Item color="red" onClick={() => setDialog('drain')}>
                  {say('drain')}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          ) : null}
        </>
      }
    >
      <Answered read={read}>{(detail) => <Detail detail={detail} />}</Answered>
      <PauseDialog name={name} isOpen={dialog === 'pause'} onClose={close} />
      <CleanDialog name={name} isOpen={dialog === 'clean'} onClose={close} />
      {dialog === 'drain' ? <DrainDialog name={name} onClose={close} /> : null}
    </Page>
  )
}

function Detail({ detail }: { readonly detail: QueueDetail }) {
  const say = useTexts(QUEUE_TEXTS)
  const format = useFormats()
  const now = useNow()
  const { queue, limits, typePauses } = detail
  const [chosen, setChosen] = useState<Limit>()
  const pauses = queue.pause ? [queue.pause, ...typePauses] : typePauses
  return (
    <>
      {pauses.map(({ kind, name, by, at, reason, until }) => (
        <Alert
          key={`${kind} ${name}`}
          color="gray"
          icon={<IconPlayerPause size={18} />}
          title={kind === 'queue' ? say('paused') : name}
        >
          {say('pausedBy', { who: by, when: format.relative(at, now), reason })}{' '}
          {until === null ? null : say('until', { when: format.relative(until, now) })}
        </Alert>
      ))}
      <div className="figures">
        {TILES.filter(([state]) => state !== 'waiting-children' || queue.counts[state] > 0).map(
          ([state, text]) => (
            <Link
              key={state}
              className="figure"
              to="/jobs"
              search={{ q: `state:${state} queue:${queue.name}` }}
            >
              <StateBadge state={state} label={say(text)} />
              <strong className="number">{format.short(queue.counts[state] ?? 0)}</strong>
            </Link>
          ),
        )}
        <div className="figure">
          <span className="quiet">{say('oldest')}</span>
          <strong className="number is-span">
            {queue.oldestDue === null ? '–' : format.span(Math.max(0, now - queue.oldestDue))}
          </strong>
        </div>
        <Link className="figure" to="/workers">
          <span className="quiet">{say('workers')}</span>
          <strong className="number">{queue.workers}</strong>
        </Link>
      </div>
      <Card title={say('throughput')}>
        <ThroughputChart query={{ queue: queue.name }} />
      </Card>
      <LimitsCard queue={queue.name} {...{ limits, chosen }} onChoose={setChosen} />
      <Card title={say('types')}>
        <Group gap="xs">
          {queue.types.map((type) => (
            <Button
              key={type}
              component={Link}
              to="/types/$name"
              params={{ name: type } as never}
              variant="default"
              size="compact-md"
            >
              {type}
            </Button>
          ))}
        </Group>
      </Card>
      <HistoryCard
        queue={queue.name}
        types={queue.types}
        limits={limits}
        onAgain={(limit, value) => setChosen({ ...limit, value })}
      />
    </>
  )
}
