// An action over many jobs while it runs and afterwards: how far it is, pausing and aborting it, and what became of each.
import { Alert, Button, Group, Progress, SegmentedControl } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { call, type AnswerOf } from '../../api/call.ts'
import { client, showProblem, useRead, useWrite } from '../../api/use.ts'
import { download } from '../../app/download.ts'
import { useTexts } from '../../app/texts.ts'
import { IconBan, IconDownload, IconPlayerPause, IconPlayerPlay } from '../../look/icons.ts'
import { Blank } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { BULK_TEXTS } from './bulk-texts.ts'

type Bulk = AnswerOf<'bulk.get'>
type Item = AnswerOf<'bulk.items'>['data'][number]

const RENEWS = ['jobs', 'queues', 'overview', 'failures'] as const
const SHOWS = ['all', 'done', 'failed', 'skipped', 'todo'] as const
const PAGE_SIZE = 200
const MOST_REPORTED = 1_000

export function BulkRun({
  id,
  onClose,
  onAnother,
}: {
  readonly id: string
  readonly onClose: () => void
  readonly onAnother: () => void
}) {
  const say = useTexts(BULK_TEXTS)
  const [isOpen, setOpen] = useState(true)
  const read = useRead('bulk.get', { params: { id } }, { every: isOpen ? 1_000 : false })
  const state = read.data?.state
  const isMoving = state === 'running' || state === 'paused'
  useEffect(() => {
    if (state === undefined) return
    setOpen(isMoving)
    // What it did to jobs shows on the pages behind it.
    if (!isMoving) for (const area of RENEWS) void client.invalidateQueries({ queryKey: [area] })
  }, [state, isMoving])
  return (
    <div className="stack">
      <Answered read={read}>{(bulk) => <Progressing bulk={bulk} />}</Answered>
      {read.data ? <Items bulk={read.data} /> : null}
      <Group justify="flex-end">
        <Button variant="default" onClick={onAnother}>
          {say('another')}
        </Button>
        <Button onClick={onClose}>{say('close')}</Button>
      </Group>
    </div>
  )
}

function Progressing({ bulk }: { readonly bulk: Bulk }) {
  const say = useTexts(BULK_TEXTS)
  const [isAborting, setAborting] = useState(false)
  const params = { id: bulk.id }
  const pause = useWrite('bulk.pause')
  const resume = useWrite('bulk.resume')
  const abort = useWrite('bulk.abort', { onDone: () => setAborting(false) })
  const { total, done, failed, skipped, left, state } = bulk
  const share = (n: number): number => (n / Math.max(1, total)) * 100
  const isMoving = state === 'running' || state === 'paused'
  return (
    <div className="stack" style={{ gap: '0.6rem' }}>
      <Group gap="sm">
        <strong>{say(bulk.action)}</strong>
        <StateBadge state={state === 'aborted' ? 'cancelled' : state} label={say(state)} />
        <span className="quiet">
          {bulk.by} · <Instant at={bulk.startedAt ?? bulk.createdAt} />
        </span>
      </Group>
      <span>{bulk.reason}</span>
      <span className="quiet mono">{bulk.search}</span>
      <Progress.Root size="lg" aria-label={say('progress')}>
        <Progress.Section value={share(done)} color="teal" aria-label={say('done')} />
        <Progress.Section value={share(failed)} color="red" aria-label={say('failed')} />
        <Progress.Section value={share(skipped)} color="gray" aria-label={say('skipped')} />
      </Progress.Root>
      <span role="status">{say('report', { total, done, failed, skipped, left })}</span>
      {isMoving ? (
        <Group gap="sm">
          {state === 'running' ? (
            <Button
              variant="default"
              loading={pause.isPending}
              leftSection={<IconPlayerPause size={15} aria-hidden />}
              onClick={() => pause.mutate({ params })}
            >
              {say('pause')}
            </Button>
          ) : (
            <Button
              loading={resume.isPending}
              leftSection={<IconPlayerPlay size={15} aria-hidden />}
              onClick={() => resume.mutate({ params })}
            >
              {say('resume')}
            </Button>
          )}
          <Button
            variant="default"
            leftSection={<IconBan size={15} aria-hidden />}
            onClick={() => setAborting(true)}
          >
            {say('abort')}
          </Button>
        </Group>
      ) : null}
      {isAborting && isMoving ? (
        <Alert color="red">
          <Group justify="space-between">
            <span>{say('abortText')}</span>
            <Button
              color="red"
              size="compact-sm"
              loading={abort.isPending}
              onClick={() => abort.mutate({ params })}
            >
              {say('abortSure')}
            </Button>
          </Group>
        </Alert>
      ) : null}
    </div>
  )
}

const LOOKS: Readonly<Record<string, string>> = {
  todo: 'waiting',
  begun: 'active',
  done: 'completed',
  failed: 'failed',
  skipped: 'cancelled',
}

function Items({ bulk }: { readonly bulk: Bulk }) {
  const say = useTexts(BULK_TEXTS)
  const [show, setShow] = useState<(typeof SHOWS)[number]>(bulk.failed > 0 ? 'failed' : 'all')
  const [limit, setLimit] = useState(PAGE_SIZE)
  const read = useRead(
    'bulk.items',
    { params: { id: bulk.id }, query: { limit, ...(show === 'all' ? {} : { state: show }) } },
    { every: bulk.state === 'running' ? 2_000 : false },
  )
  const take = async (): Promise<void> => {
    try {
      const items = await readItems(bulk.id)
      download(`bulk-${bulk.id}.json`, 'application/json', JSON.stringify({ bulk, items }, null, 2))
    } catch (error) {
      showProblem(error)
    }
  }
  return (
    <section className="stack" style={{ gap: '0.6rem' }} aria-label={say('items')}>
      <Group justify="space-between">
        <h3>{say('items')}</h3>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconDownload size={14} aria-hidden />}
          onClick={() => void take()}
        >
          {say('download')}
        </Button>
      </Group>
      <SegmentedControl
        aria-label={say('items')}
        className="segmented-scroll"
        size="xs"
        value={show}
        onChange={setShow}
        data={SHOWS.map((each) => ({ value: each, label: say(each) }))}
      />
      <Answered read={read}>
        {({ data }) => (
          <>
            <List
              label={say('items')}
              rows={data}
              rowKey={({ n }) => String(n)}
              empty={<Blank title={say('noItems')} />}
              columns={[
                {
                  key: 'state',
                  label: say('state'),
                  cell: ({ state }) => (
                    <StateBadge
                      state={LOOKS[state] ?? state}
                      label={isItemState(state) ? say(state) : state}
                    />
                  ),
                },
                { key: 'job', label: say('id'), cell: ({ job }) => <JobLink id={job} /> },
                {
                  key: 'why',
                  label: say('why'),
                  cell: ({ state, reason }) =>
                    reason !== '' && state === 'done' && bulk.action === 'retry' ? (
                      <JobLink id={reason} />
                    ) : (
                      reason || '–'
                    ),
                },
              ]}
            />
            {data.length === limit && limit < MOST_REPORTED ? (
              <Button variant="default" onClick={() => setLimit(MOST_REPORTED)}>
                {say('more')}
              </Button>
            ) : null}
          </>
        )}
      </Answered>
    </section>
  )
}

function isItemState(state: string): state is 'todo' | 'begun' | 'done' | 'failed' | 'skipped' {
  return state in LOOKS
}

function JobLink({ id }: { readonly id: string }) {
  return (
    <Link className="link mono" to="/jobs/$id" params={{ id }} title={id}>
      {id.slice(-12)}
    </Link>
  )
}

async function readItems(id: string): Promise<Item[]> {
  const items: Item[] = []
  for (;;) {
    const after = items.at(-1)?.n ?? -1
    const { data } = await call('bulk.items', {
      params: { id },
      query: { after, limit: MOST_REPORTED },
    })
    items.push(...data)
    if (data.length < MOST_REPORTED) return items
  }
}
