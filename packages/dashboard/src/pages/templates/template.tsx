// One template: what it does, a workflow made of it with one's own values, and a copy of it.
import { Button, Group, Tabs, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import type { AnswerOf } from '../../api/call.ts'
import { useRead, useWrite } from '../../api/use.ts'
import { download } from '../../app/download.ts'
import { useSession } from '../../app/session.ts'
import { usePackWords } from '../../app/pack-words.ts'
import { useTexts } from '../../app/texts.ts'
import { IconDownload } from '../../look/icons.ts'
import { Failure, Loading } from '../../parts/blank.tsx'
import { firstValue, type JsonSchema } from '../../parts/json-schema.ts'
import { Answered } from '../../parts/list.tsx'
import { SchemaForm } from '../../parts/schema-form.tsx'
import { schemaSaid } from '../packs/said.ts'
import { shapeOf } from '../workflows/document.ts'
import { originOf } from './origin.ts'
import { TEMPLATE_TEXTS } from './texts.ts'
import { SideDialog } from '../../parts/dialog.tsx'

const Graph = lazy(() => import('../workflows/graph.tsx'))
const NO_STATES: ReadonlyMap<string, string> = new Map()
const ID = /^[A-Za-z][A-Za-z0-9._-]{0,99}$/
type Template = AnswerOf<'templates.get'>

export function TemplateDrawer({
  id,
  onClose,
}: {
  readonly id: string
  readonly onClose: () => void
}) {
  const say = useTexts(TEMPLATE_TEXTS)
  const { can } = useSession()
  const tell = usePackWords(null)
  const read = useRead('templates.get', { params: { id } })
  return (
    <SideDialog
      opened
      onClose={onClose}
      position="right"
      size="xl"
      title={read.data ? tell(read.data.title) : id}
    >
      <Answered read={read}>
        {(template) => (
          <div className="stack">
            {template.description === '' ? null : <span>{tell(template.description)}</span>}
            <Group justify="space-between">
              <span className="quiet">
                <span className="mono">{template.id}</span> v{template.version} ·{' '}
                {tell(originOf(template, say))}
              </span>
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<IconDownload size={14} aria-hidden />}
                onClick={() => takeOut(template)}
              >
                {say('take')}
              </Button>
            </Group>
            <section className="card flush" aria-label={say('preview')}>
              <Suspense fallback={<Loading />}>
                <Graph
                  shape={shapeOf(template.document)}
                  states={NO_STATES}
                  onChoose={() => undefined}
                />
              </Suspense>
            </section>
            {can('workflows:write') ? (
              <Tabs defaultValue="use" keepMounted={false}>
                <Tabs.List mb="md" className="tabs-scroll">
                  <Tabs.Tab value="use">{say('use')}</Tabs.Tab>
                  <Tabs.Tab value="fork">{say('fork')}</Tabs.Tab>
                </Tabs.List>
                <Tabs.Panel value="use">
                  <Use template={template} />
                </Tabs.Panel>
                <Tabs.Panel value="fork">
                  <Fork template={template} onDone={onClose} />
                </Tabs.Panel>
              </Tabs>
            ) : null}
          </div>
        )}
      </Answered>
    </SideDialog>
  )
}

function takeOut({ document, title, description, ...rest }: Template): void {
  const template = { format: 'orderly.template/1', ...rest, title, description, document }
  download(`${rest.id}.json`, 'application/json', JSON.stringify(template, null, 2))
}

/** The parameters as the schema of one object, for the form. */
function schemaOf({ parameters }: Template): JsonSchema {
  const all = Object.entries(parameters)
  return {
    type: 'object',
    properties: Object.fromEntries(
      all.map(([name, { type, title, default: first, enum: choices }]) => [
        name,
        {
          type,
          ...(title === undefined ? {} : { title }),
          ...(first === undefined ? {} : { default: first }),
          ...(choices === undefined ? {} : { enum: choices }),
        },
      ]),
    ),
    required: all.filter(([, each]) => each.default === undefined).map(([name]) => name),
  }
}

function Use({ template }: { readonly template: Template }) {
  const say = useTexts(TEMPLATE_TEXTS)
  const navigate = useNavigate()
  const schema = schemaSaid(schemaOf(template), usePackWords(null))
  const hasParameters = Object.keys(template.parameters).length > 0
  const [as, setAs] = useState(template.id)
  const [params, setParams] = useState<unknown>(() => firstValue(schema, schema) ?? {})
  const use = useWrite('templates.use', {
    renews: ['workflows'],
    isQuiet: true,
    done: ({ findings }) =>
      findings.length === 0 ? say('used') : say('usedFindings', { n: findings.length }),
    onDone: ({ workflow }) =>
      void navigate({ to: '/workflows/$id/design', params: { id: workflow } }),
  })
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        const given = typeof params === 'object' && params !== null ? { ...params } : {}
        if (ID.test(as)) use.mutate({ params: { id: template.id }, body: { as, params: given } })
      }}
    >
      <IdInput label={say('useAs')} value={as} onChange={setAs} />
      {hasParameters ? (
        <SchemaForm
          schema={schema}
          value={params}
          onChange={setParams}
          pointer="/body/params"
          misfits={use.error?.misfits ?? []}
        />
      ) : (
        <span className="quiet">{say('noParameters')}</span>
      )}
      {use.error ? <Failure error={use.error} /> : null}
      <Button type="submit" loading={use.isPending} disabled={!ID.test(as)}>
        {say('useGo')}
      </Button>
    </form>
  )
}

function Fork({ template, onDone }: { readonly template: Template; readonly onDone: () => void }) {
  const say = useTexts(TEMPLATE_TEXTS)
  const [as, setAs] = useState(`${template.id}-copy`)
  const fork = useWrite('templates.fork', { isQuiet: true, done: say('forked'), onDone })
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (ID.test(as)) fork.mutate({ params: { id: template.id }, body: { as } })
      }}
    >
      <IdInput label={say('forkAs')} value={as} onChange={setAs} />
      {fork.error ? <Failure error={fork.error} /> : null}
      <Button type="submit" loading={fork.isPending} disabled={!ID.test(as)}>
        {say('forkGo')}
      </Button>
    </form>
  )
}

function IdInput({
  label,
  value,
  onChange,
}: {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}) {
  const say = useTexts(TEMPLATE_TEXTS)
  return (
    <TextInput
      label={label}
      description={say('idText')}
      required
      maxLength={100}
      autoComplete="off"
      classNames={{ input: 'mono' }}
      error={value !== '' && !ID.test(value)}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
