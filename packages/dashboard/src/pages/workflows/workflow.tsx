// One workflow: its graph, its runs, its document, and starting a run.
import { Button, Select } from '@mantine/core'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { useSession } from '../../app/session.ts'
import { usePackWords } from '../../app/pack-words.ts'
import { useTexts } from '../../app/texts.ts'
import { useUrlState } from '../../app/url-state.ts'
import { IconCalendar, IconPencil, IconPlayerPlay } from '../../look/icons.ts'
import { Failure, Loading } from '../../parts/blank.tsx'
import { firstValue, type JsonSchema } from '../../parts/json-schema.ts'
import { Answered } from '../../parts/list.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { SchemaForm } from '../../parts/schema-form.tsx'
import { Builder } from '../schedules/builder.tsx'
import { shapeOf, titleOf } from './document.ts'
import { RunList } from './run-list.tsx'
import { WORKFLOW_TEXTS } from './texts.ts'
import { Dialog } from '../../parts/dialog.tsx'

const Graph = lazy(() => import('./graph.tsx'))
const DEFAULTS = { version: '' }
const NO_STATES: ReadonlyMap<string, string> = new Map()

export function WorkflowPage() {
  const say = useTexts(WORKFLOW_TEXTS)
  const tell = usePackWords(null)
  const { id }: { id: string } = useParams({ strict: false })
  const { can } = useSession()
  const [url, setUrl] = useUrlState(DEFAULTS)
  const [isStarting, setStarting] = useState(false)
  const [isScheduling, setScheduling] = useState(false)
  const read = useRead('workflows.get', {
    params: { id },
    ...(url.version === '' ? {} : { query: { version: Number(url.version) } }),
  })
  return (
    <Page
      title={tell(titleOf(read.data?.document) ?? id)}
      mark={
        read.data && read.data.versions.length > 1 ? (
          <Select
            aria-label={say('version')}
            size="xs"
            w={90}
            value={String(read.data.version)}
            allowDeselect={false}
            onChange={(version) => setUrl({ version: version ?? '' })}
            data={read.data.versions.map(({ version }) => ({
              value: String(version),
              label: `v${version}`,
            }))}
          />
        ) : null
      }
      actions={
        <>
          <Button
            component={Link}
            to="/workflows/$id/design"
            params={{ id } as never}
            variant="default"
            leftSection={<IconPencil size={16} aria-hidden />}
          >
            {say('design')}
          </Button>
          {can('schedules:write') && can('workflows:run') ? (
            <Button
              variant="default"
              leftSection={<IconCalendar size={16} aria-hidden />}
              onClick={() => setScheduling(true)}
            >
              {say('schedule')}
            </Button>
          ) : null}
          {can('workflows:run') ? (
            <Button
              leftSection={<IconPlayerPlay size={16} aria-hidden />}
              onClick={() => setStarting(true)}
            >
              {say('start')}
            </Button>
          ) : null}
        </>
      }
    >
      <Answered read={read}>
        {({ document }) => (
          <>
            <Card title={say('graph')} isFlush>
              <Suspense fallback={<Loading />}>
                <Graph shape={shapeOf(document)} states={NO_STATES} onChoose={() => undefined} />
              </Suspense>
            </Card>
            <Card title={say('runs')} isFlush>
              <RunList query={{ workflow: id, limit: 50 }} />
            </Card>
            <Card title={say('document')}>
              <pre className="code" tabIndex={0} style={{ maxHeight: '30rem' }}>
                {JSON.stringify(document, null, 2)}
              </pre>
            </Card>
            {isScheduling ? (
              <Builder
                first={{
                  id: id.replaceAll(/[^A-Za-z0-9-]/g, '-'),
                  workflow: id,
                }}
                onClose={() => setScheduling(false)}
              />
            ) : null}
            {isStarting ? (
              <StartDialog id={id} document={document} onClose={() => setStarting(false)} />
            ) : null}
          </>
        )}
      </Answered>
    </Page>
  )
}

function StartDialog({
  id,
  document,
  onClose,
}: {
  readonly id: string
  readonly document: unknown
  readonly onClose: () => void
}) {
  const say = useTexts(WORKFLOW_TEXTS)
  const navigate = useNavigate()
  const schema: JsonSchema = shapeOf(document).input ?? {}
  const [input, setInput] = useState<unknown>(() => firstValue(schema, schema) ?? {})
  const start = useWrite('runs.start', {
    renews: ['runs', 'jobs'],
    done: say('started'),
    isQuiet: true,
    onDone: (run) => void navigate({ to: '/runs/$id', params: { id: run.id } }),
  })
  return (
    <Dialog opened onClose={onClose} title={say('start')} size="lg">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          start.mutate({ params: { id }, body: { input } })
        }}
      >
        <strong>{say('startInput')}</strong>
        <SchemaForm
          schema={schema}
          value={input}
          onChange={setInput}
          misfits={start.error?.misfits ?? []}
        />
        {start.error ? <Failure error={start.error} /> : null}
        <Button type="submit" loading={start.isPending}>
          {say('start')}
        </Button>
      </form>
    </Dialog>
  )
}
