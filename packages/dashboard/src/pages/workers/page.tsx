// The processes that work on jobs: how they are, what they do, and whether they are of one release.
import { Alert, Badge } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useRead } from '../../api/use.ts'
import type { AnswerOf } from '../../api/call.ts'
import { useFormats } from '../../app/format.ts'
import { useNow } from '../../app/now.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { Page } from '../../parts/page.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'

const TEXTS = {
  title: ['Workers', 'Procesos'],
  none: ['No worker', 'Ningún proceso'],
  noneText: [
    'Jobs wait until a process calls start(), or until "orderly worker" runs.',
    'Los trabajos esperan hasta que un proceso llame a start() o corra "orderly worker".',
  ],
  worker: ['Worker', 'Proceso'],
  state: ['State', 'Estado'],
  queues: ['Queues', 'Colas'],
  running: ['Running', 'En curso'],
  memory: ['Memory', 'Memoria'],
  cpu: ['CPU', 'CPU'],
  lag: ['Loop lag', 'Retraso'],
  up: ['Up since', 'Activo desde'],
  seen: ['Heard', 'Oído'],
  release: ['Release', 'Versión'],
  well: ['Well', 'Bien'],
  silent: ['Silent', 'Callado'],
  slow: ['Slow', 'Lento'],
  stuck: ['{n} stuck', '{n} atascados'],
  held: ['holds back: {list}', 'retiene: {list}'],
  skew: [
    'These workers are of different releases: {list}. Jobs of a newer version wait for a newer worker.',
    'Estos procesos son de versiones distintas: {list}. Los trabajos nuevos esperan a un proceso nuevo.',
  ],
} as const

type Worker = AnswerOf<'workers.list'>['data'][number]

const SILENT_MS = 30_000
const SLOW_LAG_MS = 200

export function WorkersPage() {
  const say = useTexts(TEXTS)
  const format = useFormats()
  const read = useRead('workers.list', {}, { every: 5_000 })
  return (
    <Page title={say('title')}>
      <Answered read={read}>
        {({ data }) => (
          <>
            <Skew workers={data} />
            <section className="card flush">
              <List
                label={say('title')}
                rows={data}
                rowKey={({ id }) => id}
                empty={<Blank title={say('none')}>{say('noneText')}</Blank>}
                columns={[
                  {
                    key: 'worker',
                    label: say('worker'),
                    cell: ({ host, pid }) => (
                      <span>
                        <strong>{host}</strong> <span className="quiet mono">{pid}</span>
                      </span>
                    ),
                  },
                  {
                    key: 'state',
                    label: say('state'),
                    cell: (worker) => <WorkerState worker={worker} />,
                  },
                  {
                    key: 'queues',
                    label: say('queues'),
                    cell: ({ queues }) => (
                      <span className="names">
                        {queues.map((name) => (
                          <Link key={name} to="/queues/$name" params={{ name }}>
                            {name}
                          </Link>
                        ))}
                      </span>
                    ),
                  },
                  {
                    key: 'running',
                    label: say('running'),
                    isNumber: true,
                    cell: ({ running }) => running,
                  },
                  {
                    key: 'memory',
                    label: say('memory'),
                    isNumber: true,
                    cell: ({ memory }) => format.bytes(memory * 1_048_576),
                  },
                  {
                    key: 'cpu',
                    label: say('cpu'),
                    isNumber: true,
                    cell: ({ cpu }) => format.percent(cpu),
                  },
                  {
                    key: 'lag',
                    label: say('lag'),
                    isNumber: true,
                    cell: ({ lag }) => format.span(lag),
                  },
                  {
                    key: 'up',
                    label: say('up'),
                    isNumber: true,
                    cell: ({ startedAt }) => <Instant at={startedAt} />,
                  },
                  {
                    key: 'seen',
                    label: say('seen'),
                    isNumber: true,
                    cell: ({ seenAt }) => <Instant at={seenAt} />,
                  },
                  {
                    key: 'release',
                    label: say('release'),
                    cell: ({ release }) => <span className="mono">{release}</span>,
                  },
                ]}
              />
            </section>
          </>
        )}
      </Answered>
    </Page>
  )
}

function WorkerState({ worker }: { readonly worker: Worker }) {
  const say = useTexts(TEXTS)
  const now = useNow()
  const { seenAt, lag, stuck, held } = worker
  const isSilent = now - seenAt > SILENT_MS
  return (
    <span className="queue-name">
      {isSilent ? (
        <StateBadge state="failed" label={say('silent')} />
      ) : lag > SLOW_LAG_MS ? (
        <StateBadge state="retrying" label={say('slow')} />
      ) : (
        <StateBadge state="completed" label={say('well')} />
      )}
      {stuck > 0 ? (
        <Badge color="red" variant="light" size="sm" tt="none">
          {say('stuck', { n: stuck })}
        </Badge>
      ) : null}
      {held.length > 0 ? (
        <span className="quiet">
          {say('held', { list: held.map(({ job, reason }) => `${job} (${reason})`).join(', ') })}
        </span>
      ) : null}
    </span>
  )
}

function Skew({ workers }: { readonly workers: readonly Worker[] }) {
  const say = useTexts(TEXTS)
  const releases = [...new Set(workers.map(({ release }) => release))]
  return releases.length < 2 ? null : (
    <Alert color="yellow">{say('skew', { list: releases.join(', ') })}</Alert>
  )
}
