// One kind of job: how it runs, its fields and where PHI is in them, how it did, and adding one.
import { Alert, Button } from '@mantine/core'
import { Link, useParams } from '@tanstack/react-router'
import { useRead } from '../../api/use.ts'
import type { AnswerOf } from '../../api/call.ts'
import { useFormats } from '../../app/format.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { useUrlState } from '../../app/url-state.ts'
import { IconPlayerPause, IconPlus } from '../../look/icons.ts'
import { Answered, List } from '../../parts/list.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { ThroughputChart } from '../../parts/throughput.tsx'
import { AddJob } from './add-job.tsx'
import { PhiBadge } from './page.tsx'
import { TYPE_TEXTS } from './texts.ts'

export type TypeDetail = AnswerOf<'types.get'>

const DEFAULTS = { add: '' }

export function TypePage() {
  const say = useTexts(TYPE_TEXTS)
  const { name }: { name: string } = useParams({ strict: false })
  const read = useRead('types.get', { params: { name } })
  const { can } = useSession()
  const [url, setUrl] = useUrlState(DEFAULTS)
  return (
    <Page
      title={name}
      mark={read.data?.phi ? <PhiBadge /> : null}
      actions={
        <>
          <Button
            component={Link}
            to="/jobs"
            search={{ q: `type:${name}` } as never}
            variant="default"
          >
            {say('jobs')}
          </Button>
          {can('jobs:enqueue') ? (
            <Button
              leftSection={<IconPlus size={16} aria-hidden />}
              onClick={() => setUrl({ add: '1' })}
            >
              {say('add')}
            </Button>
          ) : null}
        </>
      }
    >
      <Answered read={read}>
        {(type) => (
          <>
            {type.paused === null ? null : (
              <Alert color="gray" icon={<IconPlayerPause size={18} />}>
                {say('resting', { reason: type.paused })}
              </Alert>
            )}
            <div className="two">
              <Facts type={type} />
              <Card title={say('stats')}>
                <ThroughputChart query={{ type: name, last: '24h', step: 15 }} />
              </Card>
            </div>
            <Fields type={type} />
            <Schema type={type} />
            {url.add === '' ? null : <AddJob type={type} onClose={() => setUrl({ add: '' })} />}
          </>
        )}
      </Answered>
    </Page>
  )
}

function Facts({ type }: { readonly type: TypeDetail }) {
  const say = useTexts(TYPE_TEXTS)
  const format = useFormats()
  return (
    <Card title={say('facts')}>
      <dl className="facts">
        <dt>{say('queue')}</dt>
        <dd>
          <Link className="link" to="/queues/$name" params={{ name: type.queue }}>
            {type.queue}
          </Link>
        </dd>
        <dt>{say('attempts')}</dt>
        <dd>{type.attempts}</dd>
        <dt>{say('timeout')}</dt>
        <dd>{format.span(type.timeout)}</dd>
        <dt>{say('priority')}</dt>
        <dd>{type.priority}</dd>
        <dt>{say('retention')}</dt>
        <dd>
          {say('kept', {
            completed: format.span(type.retention.completed),
            failed: format.span(type.retention.failed),
          })}
        </dd>
        <dt>{say('searchable')}</dt>
        <dd className="mono">{type.searchable.join(', ') || '–'}</dd>
        <dt>{say('schedule')}</dt>
        <dd className="mono">{type.schedule ?? '–'}</dd>
        <dt>{say('version')}</dt>
        <dd>{type.version}</dd>
      </dl>
    </Card>
  )
}

function Fields({ type }: { readonly type: TypeDetail }) {
  const say = useTexts(TYPE_TEXTS)
  const rows = [
    ...type.inputFields.map((field) => ({ ...field, part: 'input' as const })),
    ...type.outputFields.map((field) => ({ ...field, part: 'output' as const })),
  ]
  if (rows.length === 0) return null
  return (
    <Card title={say('fields')} isFlush>
      <List
        label={say('fields')}
        rows={rows}
        rowKey={({ part, path, kind }) => `${part} ${path} ${kind}`}
        empty={null}
        columns={[
          { key: 'part', label: say('part'), cell: ({ part }) => say(part) },
          {
            key: 'path',
            label: say('field'),
            cell: ({ path }) => <span className="mono">{path || '·'}</span>,
          },
          {
            key: 'kind',
            label: say('kind'),
            cell: ({ kind }) =>
              kind === 'clear' || kind === 'unmarked' ? (
                <span className="quiet">{say(kind)}</span>
              ) : (
                <span className="masked">{kind}</span>
              ),
          },
        ]}
      />
    </Card>
  )
}

function Schema({ type }: { readonly type: TypeDetail }) {
  const say = useTexts(TYPE_TEXTS)
  return (
    <Card title={say('schema')}>
      {type.inputSchema === null ? (
        <span className="quiet">{say('noSchema')}</span>
      ) : (
        <pre className="code" tabIndex={0}>
          {JSON.stringify(type.inputSchema, null, 2)}
        </pre>
      )}
    </Card>
  )
}
